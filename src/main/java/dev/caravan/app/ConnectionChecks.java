package dev.caravan.app;

import dev.caravan.run.LiveStream;
import dev.caravan.run.RunRequest;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.run.Trial;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;

/** Asks each connection, with one request for each stream that is cheap to ask for, and says in a line whether it works. */
final class ConnectionChecks {
    private ConnectionChecks() {}

    /**
     * @param names connections or streams; all if there is none
     * @return the exit code
     */
    static int run(Launcher launcher, List<String> names, PrintWriter out)
            throws InterruptedException, ExecutionException {
        int code = 0;
        try (Session session = new Session(launcher.start(LaunchPlan.pull(names)))) {
            List<LiveStream> streams = names.isEmpty() ? session.streams().all() : session.select(names);
            Map<String, List<LiveStream>> byConnection = new LinkedHashMap<>();
            streams.forEach(stream -> byConnection
                    .computeIfAbsent(stream.connection().name(), name -> new ArrayList<>())
                    .add(stream));
            for (Map.Entry<String, List<LiveStream>> each : byConnection.entrySet()) {
                List<RunSummary> summaries = ask(each.getValue());
                out.println("%-20s %s".formatted(each.getKey(), verdict(summaries)));
                for (RunSummary summary : summaries) {
                    code = works(summary)
                            ? code
                            : Math.max(code, summary.status().exitCode());
                }
            }
            session.streams().problems().forEach(problem -> out.println(problem.message()));
            out.flush();
            return code == 0 && !session.streams().problems().isEmpty() ? FailureReport.USAGE : code;
        }
    }

    /** Asks the streams of a connection, one after another; nothing more if the first finds that there is no getting in. */
    private static List<RunSummary> ask(List<LiveStream> streams) throws InterruptedException, ExecutionException {
        List<LiveStream> cheap =
                streams.stream().filter(ConnectionChecks::isCheap).toList();
        List<RunSummary> summaries = new ArrayList<>();
        for (LiveStream stream : cheap.isEmpty() ? streams.subList(0, 1) : cheap) {
            RunRequest request = RunRequest.now().withTrial(Trial.counting(1));
            stream.ask(request);
            summaries.add(request.done().get());
            if (summaries.get(0).status() == RunStatus.NOT_CONFIGURED) {
                break;
            }
        }
        return summaries;
    }

    /** Whether one request tells: not of a stream that needs another's records, a job, or a request for each record. */
    private static boolean isCheap(LiveStream live) {
        dev.caravan.Stream stream = live.definition().stream();
        boolean ofAnother = stream.partitions() != null && stream.partitions().parent() != null;
        return !ofAnother && stream.job() == null && stream.detail() == null;
    }

    private static boolean works(RunSummary summary) {
        return summary.status() == RunStatus.DONE;
    }

    /** Everything in one line: what works, or what is missing. */
    private static String verdict(List<RunSummary> summaries) {
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
        String worked = summaries.size() == broken.size()
                ? ""
                : "; %d of %d streams work".formatted(summaries.size() - broken.size(), summaries.size());
        String also = broken.size() == 1 ? "" : "; nor do these work: " + named(broken.subList(1, broken.size()));
        return first.status().text() + ": " + error + also + worked;
    }

    private static String named(List<RunSummary> summaries) {
        return summaries.stream().map(RunSummary::stream).collect(Collectors.joining(", "));
    }
}
