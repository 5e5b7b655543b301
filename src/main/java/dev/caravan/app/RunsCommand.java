package dev.caravan.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.caravan.run.RunSummary;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what ran. */
@Command(
        name = "runs",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = "Shows the latest runs, newest first, of all streams or of one.")
final class RunsCommand implements Callable<Integer> {
    private final Launcher launcher;

    @Parameters(paramLabel = "STREAM", arity = "0..1", description = "Stream id, or a connection")
    private @Nullable String name;

    @Option(names = "--last", paramLabel = "N", description = "How many (${DEFAULT-VALUE})")
    private int last = 20;

    @Option(names = "--json", description = "Print a run summary a line, as JSON")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    RunsCommand(Launcher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() throws JsonProcessingException {
        try (Session session = new Session(launcher.start(LaunchPlan.look()))) {
            List<String> streams = name == null
                    ? List.of()
                    : session.select(List.of(name)).stream()
                            .map(stream -> stream.id())
                            .toList();
            for (RunSummary run : session.streams().history(streams, last)) {
                command.commandLine()
                        .getOut()
                        .println(json ? Output.JSON.writeValueAsString(run) : run.run() + "  " + Output.line(run));
            }
            return 0;
        }
    }
}
