package dev.caravan.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.caravan.run.LiveStream;
import dev.caravan.slice.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
    private static final int MOST_BYTES = 64 << 20;

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
                stream.recover();
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

    @Command(
            name = "set",
            mixinStandardHelpOptions = true,
            usageHelpAutoWidth = true,
            description =
                    "Sets the checkpoint: the next run begins there, less the lookback. Going back reads again what follows and"
                            + " adds none of what is committed; going forward leaves out what lies between.")
    int set(
            @Parameters(paramLabel = "STREAM", description = "Stream id") String name,
            @Option(
                            names = "--cursor",
                            required = true,
                            paramLabel = "TIME",
                            description =
                                    "A day, a time (2026-01-31, 2026-01-31T12:00:00Z), or as the vendor writes it")
                    String cursor,
            @Option(
                            names = "--partition",
                            paramLabel = "FIELD=VALUE",
                            description = "Only partitions with this value; may be repeated")
                    @Nullable
                    Map<String, String> partition) {
        try (Session session = new Session(launcher.start(LaunchPlan.look()))) {
            LiveStream stream = single(session, name);
            Map<String, String> fields = partition == null ? Map.of() : partition;
            stream.change(checked(() -> stream.settingState(cursor, fields)));
            command.commandLine().getOut().println(stream.id() + " goes on from " + cursor + " with its next run");
            return 0;
        }
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            usageHelpAutoWidth = true,
            description =
                    "Prints how far streams have come as JSON, for 'state import', for a backup or for other tools.")
    int export(
            @Parameters(paramLabel = "STREAM", arity = "1..*", description = STREAM) List<String> names,
            @Option(
                            names = "--seeds",
                            description =
                                    "One object for each stream and partition, with last_synced_cursor, last_run_at and"
                                            + " backfill_complete")
                    boolean seeds)
            throws JsonProcessingException {
        try (Session session = new Session(launcher.start(LaunchPlan.look()))) {
            for (LiveStream stream : session.select(names)) {
                stream.recover();
                for (Object each : seeds ? stream.exportSeeds() : List.of(stream.exportState())) {
                    command.commandLine().getOut().println(Output.JSON.writeValueAsString(each));
                }
            }
            return 0;
        }
    }

    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            usageHelpAutoWidth = true,
            description =
                    "Takes over what 'state export' printed, with or without --seeds. Partitions that are not named stay"
                            + " where they are.")
    int importFrom(
            @Parameters(paramLabel = "STREAM", description = "Stream id") String name,
            @Parameters(paramLabel = "FILE", arity = "0..1", description = "File, or - for standard input (default)")
                    @Nullable
                    String file) {
        String json = read(file == null ? "-" : file);
        try (Session session = new Session(launcher.start(LaunchPlan.look()))) {
            LiveStream stream = single(session, name);
            stream.change(checked(() -> stream.importingState(json)));
            command.commandLine().getOut().println(stream.id() + " goes on from what was imported with its next run");
            return 0;
        }
    }

    private static String read(String file) {
        try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new UsageException("%s holds more than %,d bytes, which is no state".formatted(file, MOST_BYTES));
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException | InvalidPathException e) {
            throw new UsageException("%s cannot be read: %s".formatted(file, e));
        }
    }

    private static LiveStream single(Session session, String name) {
        List<LiveStream> found = session.select(List.of(name));
        if (found.size() > 1) {
            throw new UsageException("'%s' has several streams, name one: %s"
                    .formatted(
                            name,
                            String.join(", ", found.stream().map(LiveStream::id).toList())));
        }
        return found.get(0);
    }

    /** What people typed or keep in a file may be wrong, and then it is they who are told. */
    private static UnaryOperator<Progress> checked(Supplier<UnaryOperator<Progress>> change) {
        try {
            return change.get();
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
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
