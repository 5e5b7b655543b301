package dev.caravan.app;

import dev.caravan.run.LiveStream;
import dev.caravan.run.RunRequest;
import dev.caravan.run.RunSummary;
import dev.caravan.run.Trial;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a stream asks and what it gets. */
@Command(
        name = "preview",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = "Shows the requests a stream sends, secrets masked, and the first records as they would land."
                + " Writes nothing.")
final class PreviewCommand implements Callable<Integer> {
    private final Launcher launcher;

    @Parameters(paramLabel = "STREAM", description = "Stream id")
    private String name = "";

    @Option(names = "--records", paramLabel = "N", description = "How many records to show (${DEFAULT-VALUE})")
    private long records = 5;

    @Option(names = "--var", paramLabel = "NAME=VALUE", description = "A value for $${vars.NAME} in its requests")
    private Map<String, String> vars = new LinkedHashMap<>();

    @Mixin
    private final RecordOptions recording = new RecordOptions();

    @Mixin
    private GivenSecrets secrets = new GivenSecrets();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    PreviewCommand(Launcher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        PrintWriter out = command.commandLine().getOut();
        try (Session session = new Session(launcher.with(secrets.read()).start(LaunchPlan.pull(List.of(name))))) {
            LiveStream stream = session.select(List.of(name)).get(0);
            Trial trial = new Trial(
                    records,
                    out::println,
                    reject -> out.println(Output.line(reject)),
                    request -> out.println("> " + stream.redact(request.redacted())));
            RunRequest request =
                    recording.applyTo(RunRequest.now().withTrial(trial).withVars(vars), stream);
            stream.ask(request);
            RunSummary summary = request.done().get();
            if (summary.error() != null) {
                out.println(summary.error());
            }
            out.flush();
            return summary.status().exitCode();
        }
    }
}
