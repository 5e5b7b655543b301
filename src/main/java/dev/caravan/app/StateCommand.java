package dev.caravan.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.caravan.run.LiveStream;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows and changes what a stream remembers. */
@Command(
        name = "state",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Shows and changes what streams remember between runs.")
final class StateCommand implements Callable<Integer> {
    private static final String STREAM = "Stream id, or a connection";

    private final Launcher launcher;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    StateCommand(Launcher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() {
        command.commandLine().usage(command.commandLine().getOut());
        return FailureReport.USAGE;
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            usageHelpAutoWidth = true,
            description = "Prints checkpoint, open slices, epoch and last commit as JSON, an object a stream.")
    int show(@Parameters(paramLabel = "STREAM", arity = "1..*", description = STREAM) List<String> names)
            throws JsonProcessingException {
        try (Session session = new Session(launcher.start(LaunchPlan.look()))) {
            for (LiveStream stream : session.select(names)) {
                command.commandLine().getOut().println(Output.JSON.writeValueAsString(stream.remembered()));
            }
            return 0;
        }
    }

    @Command(
            name = "keep",
            mixinStandardHelpOptions = true,
            usageHelpAutoWidth = true,
            description =
                    "Says that the checkpoint still holds although key, cursor, partitions or disposition of the stream"
                            + " changed.")
    int keep(@Parameters(paramLabel = "STREAM", arity = "1..*", description = STREAM) List<String> names) {
        return change(names, LiveStream::keepState, "goes on from its checkpoint");
    }

    @Command(
            name = "reset",
            mixinStandardHelpOptions = true,
            usageHelpAutoWidth = true,
            description =
                    "Forgets the checkpoint: the next run begins at 'start'. Committed records stay; those whose key is"
                            + " still remembered are not written again.")
    int reset(@Parameters(paramLabel = "STREAM", arity = "1..*", description = STREAM) List<String> names) {
        return change(names, LiveStream::resetState, "begins anew with its next run");
    }

    private int change(List<String> names, Consumer<LiveStream> change, String what) {
        try (Session session = new Session(launcher.start(LaunchPlan.look()))) {
            for (LiveStream stream : session.select(names)) {
                change.accept(stream);
                command.commandLine().getOut().println(stream.id() + " " + what);
            }
            return 0;
        }
    }
}
