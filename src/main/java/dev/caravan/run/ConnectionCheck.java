package dev.caravan.run;

import dev.caravan.Stream;
import dev.caravan.commit.Origin;
import dev.caravan.slice.PartitionSettings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;

/**
 * What asking a connection, a request for each of its streams that is simple and for each account among its partitions, tells about it.
 *
 * @param name of the connection
 * @param credential names of the settings that its credential is made of; none for the sandbox's
 * @param account names of the settings that say whose account it is, beside the credential
 * @param summaries how each stream answered, at least one
 */
public record ConnectionCheck(String name, List<String> credential, List<String> account, List<RunSummary> summaries) {
    private static final int MOST_PARTITIONS = 50;

    public ConnectionCheck {
        credential = List.copyOf(credential);
        account = List.copyOf(account);
        summaries = List.copyOf(summaries);
    }

    /**
     * Asks the streams of a connection, one after another; no more if the first finds that nothing can be asked. Of partitions that
     * several streams share, such as repositories or ad accounts, the first of these streams asks each, up to {@value MOST_PARTITIONS} of
     * them; the others ask one. Their routes must be running. Nothing is kept of it.
     *
     * @param streams at least one
     */
    public static ConnectionCheck of(List<LiveStream> streams) throws InterruptedException, ExecutionException {
        List<LiveStream> simple = streams.stream()
                .filter(ConnectionCheck::isSimple)
                .filter(stream -> !isOfAnother(stream))
                .toList();
        Set<String> asked = new HashSet<>();
        List<RunSummary> summaries = new ArrayList<>();
        for (LiveStream stream : simple.isEmpty() ? streams.subList(0, 1) : simple) {
            summaries.add(ask(stream, asked.add(partitions(stream))));
            if (summaries.get(0).status() == RunStatus.NOT_CONFIGURED) {
                break;
            }
        }
        for (LiveStream stream : streams) {
            if (isSimple(stream) && hasParentAmong(summaries, stream) && asked.add(partitions(stream))) {
                summaries.add(ask(stream, true));
            }
        }
        LiveStream first = streams.get(0);
        List<String> credential = first.key().origin() == Origin.STUB
                ? List.of()
                : first.definition().credential();
        return new ConnectionCheck(
                first.connection().name(), credential, first.definition().account(), summaries);
    }

    private static RunSummary ask(LiveStream stream, boolean ofEach) throws InterruptedException, ExecutionException {
        RunRequest request = RunRequest.now().withTrial(ofEach ? Trial.ofEach(MOST_PARTITIONS) : Trial.counting(1));
        stream.ask(request);
        return request.done().get();
    }

    /** Whether one request tells: not of a stream that needs a job, a request for each record, or each record of another once. */
    private static boolean isSimple(LiveStream live) {
        Stream stream = live.definition().stream();
        PartitionSettings partitions = stream.partitions();
        return stream.job() == null && stream.detail() == null && (partitions == null || !partitions.isOnce());
    }

    private static boolean isOfAnother(LiveStream live) {
        return Streams.parentName(live.definition()).isPresent();
    }

    /** Whether a stream needs the records of another, and that one works. */
    private static boolean hasParentAmong(List<RunSummary> summaries, LiveStream live) {
        List<String> parents = Streams.parentNames(live.definition());
        return summaries.stream().anyMatch(each -> works(each) && parents.contains(each.stream()));
    }

    /** Returns what partitions a stream has, in words that differ where they do; "" without any. */
    private static String partitions(LiveStream live) {
        PartitionSettings partitions = live.definition().stream().partitions();
        return partitions == null ? "" : partitions.identity() + " " + partitions.listed();
    }

    private static boolean works(RunSummary summary) {
        return summary.status() == RunStatus.DONE;
    }

    /** Returns the greatest exit code of those that do not work; 0 if all do. */
    public int exitCode() {
        return summaries.stream()
                .filter(each -> !works(each))
                .mapToInt(each -> each.status().exitCode())
                .max()
                .orElse(0);
    }

    /** Returns everything in one line: what works, or what is missing or wrong, and where the credential comes from. */
    public String line() {
        return "%-20s %s".formatted(name, verdict());
    }

    private String verdict() {
        List<RunSummary> broken =
                summaries.stream().filter(each -> !works(each)).toList();
        if (broken.isEmpty()) {
            long requests = summaries.stream().mapToLong(RunSummary::requests).sum();
            return "works: %s answered %d request%s%s"
                    .formatted(
                            named(summaries),
                            requests,
                            requests == 1 ? "" : "s",
                            summaries.get(0).origin().equals("stub") ? " (sandbox)" : "");
        }
        RunSummary first = broken.get(0);
        String error = first.error() == null ? "no reason given" : first.error();
        String source = credential.isEmpty()
                ? ""
                : "; its credential is " + String.join(", ", credential)
                        + (account.isEmpty() ? "" : ", for " + String.join(", ", account));
        String worked = summaries.size() == broken.size()
                ? ""
                : "; %d of %d streams work".formatted(summaries.size() - broken.size(), summaries.size());
        String also = broken.size() == 1 ? "" : "; nor do these work: " + named(broken.subList(1, broken.size()));
        return first.status().text() + ": " + error + source + also + worked;
    }

    private static String named(List<RunSummary> summaries) {
        return summaries.stream().map(RunSummary::stream).collect(Collectors.joining(", "));
    }
}
