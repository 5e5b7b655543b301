package dev.caravan.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.caravan.run.LiveStream;
import dev.caravan.run.RunRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Puts rejected records through again. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description =
                "Puts rejected records through again, after what rejected them was mended: a key, a cursor, a schema. Those"
                        + " that the stream takes now land like any others, the rest stays rejected. Asks no API; the"
                        + " checkpoint stays where it is.",
        footer = {
            "",
            "Examples:",
            "  replay acme-orders           what data/errors/acme/orders holds",
            "  replay acme --json           all streams of a connection, summaries as JSON"
        })
final class ReplayCommand implements Callable<Integer> {
    private final Launcher launcher;

    @Parameters(paramLabel = "STREAM", arity = "1..*", description = "Stream id, or a connection for all its streams")
    private List<String> names = new ArrayList<>();

    @Option(names = "--json", description = "Print one run summary per stream, a JSON object a line, and nothing else")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    ReplayCommand(Launcher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() throws InterruptedException, JsonProcessingException {
        try (Session session = new Session(launcher.start(LaunchPlan.pull(names)))) {
            List<LiveStream> streams = session.select(names);
            AskedRuns runs = new AskedRuns(command.commandLine().getOut());
            streams.forEach(stream -> runs.ask(stream, RunRequest.now().withReplay(true)));
            return AskedRuns.code(json ? runs.inJson() : runs.inLines());
        }
    }
}
