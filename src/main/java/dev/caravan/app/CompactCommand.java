package dev.caravan.app;

import dev.caravan.run.Compacted;
import dev.caravan.run.LiveStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.springframework.util.unit.DataSize;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Puts small files together. */
@Command(
        name = "compact",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description =
                "Puts small files of a stream together, those of one folder, by commits that say which file holds the rows of"
                        + " which. Rows, keys and checkpoint stay. Takes the stream's lease: exit code 5 while it is being pulled.",
        footer = {
            "",
            "Examples:",
            "  compact acme-orders",
            "  compact acme --size 256MB      all streams of a connection"
        })
final class CompactCommand implements Callable<Integer> {
    private static final DataSize LEAST = DataSize.ofKilobytes(1);

    private final Launcher launcher;

    @Parameters(paramLabel = "STREAM", arity = "1..*", description = "Stream id, or a connection for all its streams")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            description = "A file that is large enough, 128MB unless said; those of more than half of it stay")
    private String size = "128MB";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    CompactCommand(Launcher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() {
        long bytes = bytes(size);
        PrintWriter out = command.commandLine().getOut();
        try (Session session = new Session(launcher.start(LaunchPlan.look()))) {
            for (LiveStream stream : session.select(names)) {
                Compacted done = stream.compact(bytes);
                out.println(
                        done.before() == 0
                                ? "%-32s nothing to put together".formatted(stream.id())
                                : "%-32s %,d files are %,d now, %,d bytes %,d"
                                        .formatted(
                                                stream.id(),
                                                done.before(),
                                                done.after(),
                                                done.bytesBefore(),
                                                done.bytesAfter()));
            }
        }
        out.flush();
        return 0;
    }

    private static long bytes(String text) {
        try {
            DataSize size = DataSize.parse(text);
            if (size.compareTo(LEAST) >= 0) {
                return size.toBytes();
            }
        } catch (IllegalArgumentException e) {
            // Said below, with what would be right.
        }
        throw new UsageException("--size '%s' is no size of a file, write 128MB or 512KB".formatted(text));
    }
}
