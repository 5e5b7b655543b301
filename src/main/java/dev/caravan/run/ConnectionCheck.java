package dev.caravan.run;

import dev.caravan.Stream;
import dev.caravan.commit.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;

/**
 * What asking a connection, one request for each of its streams that is cheap to ask for, tells about it.
 *
 * @param name of the connection
 * @param credential names of the settings that its credential is made of; none for the sandbox's
 * @param account names of the settings that say whose account it is, beside the credential
 * @param summaries how each stream answered, at least one
 */
public record ConnectionCheck(String name, List<String> credential, List<String> account, List<RunSummary> summaries) {
    public ConnectionCheck {
        credential = List.copyOf(credential);
        account = List.copyOf(account);
        summaries = List.copyOf(summaries);
    }

    /**
     * Asks the streams of a connection, one after another; no more if the first finds that nothing can be asked. Their routes
     * must be running. Nothing is kept of it.
     *
     * @param streams at least one
     */
    public static ConnectionCheck of(List<LiveStream> streams) throws InterruptedException, ExecutionException {
        List<LiveStream> cheap =
                streams.stream().filter(ConnectionCheck::isCheap).toList();
        List<RunSummary> summaries = new ArrayList<>();
        for (LiveStream stream : cheap.isEmpty() ? streams.subList(0, 1) : cheap) {
            RunRequest request = RunRequest.now().withTrial(Trial.counting(1));
            stream.ask(request);
            summaries.add(request.done().get());
            if (summaries.get(0).status() == RunStatus.NOT_CONFIGURED) {
                break;
            }
        }
        LiveStream first = streams.get(0);
        List<String> credential = first.key().origin() == Origin.STUB
                ? List.of()
                : first.definition().credential();
        return new ConnectionCheck(
                first.connection().name(), credential, first.definition().account(), summaries);
    }

    /** Whether one request tells: not of a stream that needs another's records, a job, or a request for each record. */
    private static boolean isCheap(LiveStream live) {
        Stream stream = live.definition().stream();
        boolean ofAnother = stream.partitions() != null && stream.partitions().parent() != null;
        return !ofAnother && stream.job() == null && stream.detail() == null;
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
