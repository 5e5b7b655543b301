package dev.caravan.app;

import dev.caravan.run.ConnectionCheck;
import dev.caravan.run.LiveStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/** Says of each connection in a line whether it works. */
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
            for (List<LiveStream> each : byConnection.values()) {
                ConnectionCheck check = ConnectionCheck.of(each);
                out.println(check.line());
                code = Math.max(code, check.exitCode());
            }
            session.streams().problems().forEach(problem -> out.println(problem.message()));
            out.flush();
            return code == 0 && !session.streams().problems().isEmpty() ? FailureReport.USAGE : code;
        }
    }
}
