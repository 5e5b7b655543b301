package dev.caravan.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.caravan.run.LiveStream;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks at what a stream remembers. */
@Command(
        name = "state",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        subcommands = StateCommand.Show.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Looks at what streams remember between runs.")
final class StateCommand implements Callable<Integer> {
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

    /** Prints the state of streams as JSON. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            usageHelpAutoWidth = true,
            description = "Prints checkpoint, open slices, epoch and last commit as JSON, an object a stream.")
    static final class Show implements Callable<Integer> {
        @Parameters(paramLabel = "STREAM", arity = "1..*", description = "Stream id, or a connection")
        private List<String> names = List.of();

        @picocli.CommandLine.ParentCommand
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private StateCommand parent;

        @Override
        public Integer call() throws JsonProcessingException {
            try (Session session = new Session(parent.launcher.start(LaunchPlan.look()))) {
                for (LiveStream stream : session.select(names)) {
                    parent.command.commandLine().getOut().println(Output.JSON.writeValueAsString(stream.remembered()));
                }
                return 0;
            }
        }
    }
}
