package dev.caravan.record;

import dev.caravan.bench.Rows;
import dev.caravan.json.JsonPath;
import dev.caravan.slice.CursorFormat;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * A page of a thousand records of 500 bytes into slices of its bytes; the figures are of one record.
 *
 * <p>Two slow cores, 2026-11-27: 1.1 µs, with a key 1.3, with key and cursor 2.1.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PageBenchmark {
    private static final int ROWS = 1_000;

    private final byte[] page = page();
    private final RecordReader bare = new RecordReader(RecordLayout.of(RecordsSettings.at("$.data")));
    private final RecordLayout keyed = RecordLayout.of(RecordsSettings.at("$.data"), "id");
    private final RecordReader withKey = new RecordReader(keyed.taking(List.of("$.next"), List.of()));
    private final RecordReader withKeyAndCursor = new RecordReader(keyed.withCursor(
            new CursorField(JsonPath.parse("created_at"), List.of(CursorFormat.named("iso")), ZoneOffset.UTC)));

    private static byte[] page() {
        String rows = new String(Rows.page(0, ROWS), StandardCharsets.US_ASCII);
        return ("{\"data\":[" + rows + "],\"next\":1000}").getBytes(StandardCharsets.US_ASCII);
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public RecordPage records() {
        return bare.read(page);
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public RecordPage recordsWithKey() {
        return withKey.read(page);
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public RecordPage recordsWithKeyAndCursor() {
        return withKeyAndCursor.read(page);
    }
}
