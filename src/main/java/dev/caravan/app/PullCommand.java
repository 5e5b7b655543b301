package dev.caravan.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.caravan.Stream;
import dev.caravan.run.BackfillDays;
import dev.caravan.run.LiveStream;
import dev.caravan.run.RunRequest;
import dev.caravan.run.Trial;
import dev.caravan.slice.Window;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Pulls streams now and ends. */
@Command(
        name = "pull",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = "Pulls streams now and ends: for cron, CI and people. Binds no port.",
        footer = {
            "",
            "Examples:",
            "  pull stripe-charges                          what is new since the last run",
            "  pull stripe                                  all streams of a connection",
            "  pull stripe-charges --from 2026-01-01 --to 2026-01-31   again, the cursor stays where it is",
            "  pull open-meteo --dry-run                    shows records, writes nothing",
            "  pull --all --json --caravan.sandbox=all      every stream, from the sandbox, summaries as JSON"
        })
final class PullCommand implements Callable<Integer> {
    private static final int TRIAL_RECORDS = 10;

    private final Launcher launcher;

    @Parameters(paramLabel = "STREAM", arity = "0..*", description = "Stream id, or a connection for all its streams")
    private List<String> names = new ArrayList<>();

    @Option(names = "--all", description = "Every stream there is")
    private boolean all;

    @Option(
            names = "--from",
            paramLabel = "DAY",
            description = "First day to pull, or a time (2026-01-31, 2026-01-31T12:00:00Z); makes it a backfill")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "DAY", description = "Last day to pull, or the time before which to stop")
    private @Nullable String to;

    @Option(names = "--limit", paramLabel = "N", description = "Stop at the first page border at or after N records")
    private long limit;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            description =
                    "Slices pulled at once, 1 to 64, instead of what the stream says; the connection's quota holds")
    private @Nullable Integer parallel;

    @Option(
            names = "--dry-run",
            description = "Print the first records (10, or --limit) and write nothing: no file, no state, no lease")
    private boolean dryRun;

    @Option(
            names = "--full-refresh",
            description = "Pull everything from 'start' on into a new generation, which takes the place of what is"
                    + " committed when it is complete; interrupted, it goes on with the same command")
    private boolean fullRefresh;

    @Option(
            names = "--var",
            paramLabel = "NAME=VALUE",
            description = "A value for $${vars.NAME} in requests; may be repeated")
    private Map<String, String> vars = new LinkedHashMap<>();

    @Option(names = "--json", description = "Print one run summary per stream, a JSON object a line, and nothing else")
    private boolean json;

    @Mixin
    private final RecordOptions recording = new RecordOptions();

    @Mixin
    private GivenSecrets secrets = new GivenSecrets();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    PullCommand(Launcher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() throws InterruptedException, JsonProcessingException {
        if (names.isEmpty() != all) {
            throw new UsageException(
                    all ? "Name streams or say --all, not both" : "Name a stream or a connection, or say --all");
        }
        if (limit < 0) {
            throw new UsageException("--limit is " + limit + ", it is at least 1");
        }
        if (parallel != null && (parallel < 1 || parallel > Stream.MOST_PARALLEL)) {
            throw new UsageException("--parallel is %d, use 1 to %d".formatted(parallel, Stream.MOST_PARALLEL));
        }
        BackfillDays days = days();
        if (fullRefresh && (from != null || limit > 0 || dryRun)) {
            throw new UsageException(
                    "--full-refresh pulls everything there is: leave --from, --to, --limit and --dry-run" + " out");
        }
        try (Session session = new Session(launcher.with(secrets.read()).start(LaunchPlan.pull(names)))) {
            List<LiveStream> streams = all ? session.streams().all() : session.select(names);
            session.streams()
                    .problems()
                    .forEach(problem -> command.commandLine().getErr().println(problem.message()));
            if (streams.isEmpty()) {
                throw new UsageException(
                        "No stream to pull: see the messages above, or add a vendor file to the routes folder");
            }
            AskedRuns runs = new AskedRuns(command.commandLine().getOut());
            session.streams().parentsFirst(streams).forEach(stream -> runs.ask(stream, request(days, stream)));
            int code = AskedRuns.code(json ? runs.inJson() : dryRun ? runs.inSilence() : runs.inLines());
            return code == 0 && all && !session.streams().problems().isEmpty() ? FailureReport.USAGE : code;
        }
    }

    private BackfillDays days() {
        try {
            return BackfillDays.of(from, to, "--");
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private RunRequest request(BackfillDays days, LiveStream stream) {
        Window window = days.in(stream.zone());
        PrintWriter out = command.commandLine().getOut();
        PrintWriter err = command.commandLine().getErr();
        Trial trial = dryRun
                ? new Trial(
                        limit > 0 ? limit : TRIAL_RECORDS,
                        out::println,
                        reject -> err.println(Output.line(reject)),
                        ignored -> {})
                : null;
        RunRequest request = RunRequest.now()
                .withBackfill(window)
                .withFullRefresh(fullRefresh)
                .withLimit(limit)
                .withTrial(trial)
                .withParallel(parallel == null ? 0 : parallel)
                .withVars(vars);
        return recording.applyTo(request, stream);
    }
}
