package dev.caravan.app;

import dev.caravan.camel.StreamRoutes;
import dev.caravan.run.LiveStream;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a stream as the plain route that its template makes of it. */
@Command(
        name = "eject",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description =
                "Prints a stream as a plain Camel route, every step of the template written out. Put it in the vendor"
                        + " file in place of the stream's templatedRoute to rework its steps.")
final class EjectCommand implements Callable<Integer> {
    private final Launcher launcher;

    @Parameters(paramLabel = "STREAM", description = "Stream id")
    private String name = "";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    EjectCommand(Launcher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() {
        try (Session session = new Session(launcher.start(LaunchPlan.look()))) {
            LiveStream stream = session.select(List.of(name)).get(0);
            command.commandLine().getOut().print(session.get(StreamRoutes.class).eject(stream));
            return 0;
        }
    }
}
