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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells whether connections work. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description =
                "Checks vendor files, credentials, and with one request whether each connection answers. Writes nothing.")
final class CheckCommand implements Callable<Integer> {
    private final Launcher launcher;

    @Parameters(paramLabel = "CONNECTION", arity = "0..*", description = "Connections; all if none is named")
    private List<String> names = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    CheckCommand(Launcher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        PrintWriter out = command.commandLine().getOut();
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
