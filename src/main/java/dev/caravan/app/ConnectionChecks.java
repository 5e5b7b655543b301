package dev.caravan.app;

import dev.caravan.run.LiveStream;
import dev.caravan.run.RunRequest;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.run.Trial;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/** Asks each connection once, through its first stream, and says whether it works. */
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
            Map<String, LiveStream> first = new LinkedHashMap<>();
            streams.forEach(stream -> first.putIfAbsent(stream.connection().name(), stream));
            for (LiveStream stream : first.values()) {
                RunRequest request = RunRequest.now().withTrial(Trial.counting(1));
                stream.ask(request);
                RunSummary summary = request.done().get();
                boolean works = summary.status() == RunStatus.DONE;
                out.println("%-20s %s".formatted(stream.connection().name(), verdict(stream, summary, works)));
                code = works ? code : Math.max(code, summary.status().exitCode());
            }
            session.streams().problems().forEach(problem -> out.println(problem.message()));
            out.flush();
            return code == 0 && !session.streams().problems().isEmpty() ? FailureReport.USAGE : code;
        }
    }

    private static String verdict(LiveStream stream, RunSummary summary, boolean works) {
        if (works) {
            return "works: %s answered %d request%s%s"
                    .formatted(
                            stream.id(),
                            summary.requests(),
                            summary.requests() == 1 ? "" : "s",
                            summary.origin().equals("stub") ? " (sandbox)" : "");
        }
        return summary.status().text() + ": " + (summary.error() == null ? "no reason given" : summary.error());
    }
}
