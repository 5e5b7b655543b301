package dev.caravan.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.caravan.run.LiveStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists what can be pulled, and what cannot and why. */
@Command(
        name = "streams",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description =
                "Lists every stream: where it is defined, how it lands, when it last ran; and mistakes in vendor files.")
final class StreamsCommand implements Callable<Integer> {
    private final Launcher launcher;

    @Option(names = "--json", description = "Print a JSON object a line")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    StreamsCommand(Launcher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() throws JsonProcessingException {
        try (Session session = new Session(launcher.start(LaunchPlan.look()))) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("STREAM", "STATE", "LANDS AS", "EVERY", "LAST RUN", "ROWS", "CHECKPOINT", "DEFINED IN"));
            for (LiveStream stream : session.streams().all()) {
                Map<String, String> facts = facts(stream);
                if (json) {
                    command.commandLine().getOut().println(Output.JSON.writeValueAsString(facts));
                }
                rows.add(List.copyOf(facts.values()));
            }
            if (!json) {
                command.commandLine().getOut().print(Output.table(rows));
            }
            session.streams()
                    .problems()
                    .forEach(problem -> command.commandLine().getErr().println(problem.message()));
            return session.streams().problems().isEmpty() ? 0 : FailureReport.USAGE;
        }
    }

    private static Map<String, String> facts(LiveStream stream) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("stream", stream.id());
        facts.put("state", stream.state());
        facts.put("lands-as", stream.landsAs());
        facts.put("every", stream.rhythm());
        facts.put(
                "last-run",
                stream.lastRun()
                        .map(run -> run.status().text() + " " + run.ended())
                        .orElse("never"));
        facts.put("rows", stream.lastRun().map(run -> Long.toString(run.rows())).orElse(""));
        facts.put("checkpoint", stream.checkpointText().orElse(""));
        facts.put("defined-in", stream.place());
        return facts;
    }
}
