package dev.caravan.app;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells whether connections work. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description =
                "Checks vendor files, credentials, and with a request for each simple stream what a connection lacks. Writes nothing.")
final class CheckCommand implements Callable<Integer> {
    private final Launcher launcher;

    @Parameters(paramLabel = "CONNECTION", arity = "0..*", description = "Connections; all if none is named")
    private List<String> names = new ArrayList<>();

    @Mixin
    private GivenSecrets secrets = new GivenSecrets();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    CheckCommand(Launcher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        return ConnectionChecks.run(
                launcher.with(secrets.read()), names, command.commandLine().getOut());
    }
}
