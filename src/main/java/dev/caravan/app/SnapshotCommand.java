package dev.caravan.app;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.caravan.run.LiveStream;
import dev.caravan.sink.SinkSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the latest row of each key. */
@Command(
        name = "snapshot",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description =
                "Writes the latest version of each record of a stream to files: that with the greatest cursor, and of those the"
                        + " one that was committed last. What the vendor reports as deleted is left out.",
        footer = {
            "",
            "Examples:",
            "  snapshot acme-orders                         into data/acme/orders/_snapshots/<now>/",
            "  snapshot acme-orders --format parquet --to /lake/orders",
            "  snapshot acme-orders --view | duckdb lake.duckdb"
        })
final class SnapshotCommand implements Callable<Integer> {
    private static final List<String> FORMATS = List.of("ndjson", "csv", "parquet");

    private final Launcher launcher;

    @Parameters(paramLabel = "STREAM", arity = "1..*", description = "Stream id, or a connection for all its streams")
    private List<String> names = new ArrayList<>();

    @Option(names = "--format", paramLabel = "FORMAT", description = "ndjson (default), csv or parquet")
    private String format = "ndjson";

    @Option(names = "--to", paramLabel = "FOLDER", description = "Folder to make, for one stream")
    private @Nullable Path to;

    @Option(
            names = "--view",
            description = "Write nothing and print SQL for DuckDB: a view of the latest rows over the stream's files")
    private boolean view;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    SnapshotCommand(Launcher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() {
        if (!FORMATS.contains(format)) {
            throw new UsageException("--format '%s' is not one of %s".formatted(format, String.join(", ", FORMATS)));
        }
        SinkSettings as = DefaultSinks.read(TextNode.valueOf(format));
        PrintWriter out = command.commandLine().getOut();
        try (Session session = new Session(launcher.start(LaunchPlan.look()))) {
            List<LiveStream> streams = session.select(names);
            if (to != null && streams.size() > 1) {
                throw new UsageException("--to is for one stream, these are %d".formatted(streams.size()));
            }
            for (LiveStream stream : streams) {
                if (view) {
                    out.print(stream.latestView());
                } else {
                    Path folder = to == null ? stream.snapshotFolder() : to;
                    long rows = stream.snapshot(as, folder);
                    out.println("%-32s %,d rows in %s".formatted(stream.id(), rows, folder));
                }
            }
        }
        out.flush();
        return 0;
    }
}
