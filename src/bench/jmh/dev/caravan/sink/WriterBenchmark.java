package dev.caravan.sink;

import dev.caravan.batch.SealedFile;
import dev.caravan.bench.Rows;
import dev.caravan.record.FlatForm;
import dev.caravan.record.RecordLayout;
import dev.caravan.record.RecordReader;
import dev.caravan.record.RecordsSettings;
import dev.caravan.record.SourceRecord;
import dev.caravan.testkit.NoOutlet;
import dev.caravan.testkit.NoWaiting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A batch of ten thousand records of 500 bytes into a sealed file; the figures are of one record. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WriterBenchmark {
    private static final int ROWS = 10_000;

    /** Format and compression of the file. */
    @Param({"ndjson gzip", "ndjson zstd", "ndjson none", "csv gzip", "parquet zstd"})
    public String file;

    private List<SourceRecord> records;
    private Path folder;
    private Sink sink;
    private int batch;

    @Setup
    public void read() throws IOException {
        String rows = new String(Rows.page(0, ROWS), StandardCharsets.US_ASCII);
        records = new RecordReader(RecordLayout.of(RecordsSettings.at("$"), "id"))
                .read(("[" + rows + "]").getBytes(StandardCharsets.US_ASCII))
                .records();
        folder = Files.createTempDirectory("caravan-bench");
        String[] words = file.split(" ");
        sink = FileSettings.of(null, FileFormat.named(words[0]), Compression.named(words[1]), null, null, null, null)
                .open(new SinkContext(
                        "bench", "items", false, folder, folder, new NoOutlet(), null, SinkContext.Keeps.ALL, null, new NoWaiting()));
    }

    @TearDown(Level.Iteration)
    public void empty() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                if (!each.equals(folder)) {
                    Files.delete(each);
                }
            }
        }
    }

    @TearDown
    public void delete() throws IOException {
        Files.delete(folder);
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public List<SealedFile> write() {
        FlatForm form = new FlatForm("bench", Instant.EPOCH, Map.of());
        Path staging = folder.resolve("_staging");
        return sink.write(
                new Destination(folder, staging, "bench", ++batch, ZoneOffset.UTC, Instant.EPOCH, false, form, null),
                records);
    }
}
