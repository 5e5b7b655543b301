package dev.caravan.commit;

import dev.caravan.bench.Rows;
import dev.caravan.slice.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Keys of records, hashed, looked up and committed in a SQLite that knows many; the figures are of one key. A commit is of ten
 * thousand, and the database is told of twenty-five at once, as in a run.
 *
 * <p>Two slow cores, 2026-11-27, among 0.1 and 2 million: hash 0.15 µs; a new one 0.21 and 0.23 µs; one that is known 4 and
 * 13 µs (18 in blocks of 160 keys, 39 when each segment was asked); a commit 3.7 and 3.2 µs, most of it in the calls that tell the database.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class KeysBenchmark {
    private static final int PAGE = 1_000;
    private static final int BATCH = 10_000;
    private static final int TOLD_AT_ONCE = 25;

    /** Keys that the database knows at the beginning. */
    @Param({"100000", "2000000"})
    public int known;

    private final StreamKey stream = new StreamKey("bench", "items", Origin.REAL);
    private final byte[] record = Rows.page(0, 1);
    private Path folder;
    private StateStore store;
    private long sequence;
    private long number;
    private long place;

    @Setup
    public void open() throws IOException {
        folder = Files.createTempDirectory("caravan-bench");
        store = StateStore.open(folder.resolve("caravan.db"), Clock.systemUTC());
        store.leased(stream);
        while (number < known) {
            commit();
        }
        store.flush(stream);
    }

    @TearDown
    public void close() throws IOException {
        store.close();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(PAGE)
    public long hash() {
        long all = 0;
        for (int i = 0; i < PAGE; i++) {
            all += Remembered.KEY.hash(new Candidate(Long.toString(number + i), record, 0, record.length, null)).low();
        }
        return all;
    }

    @Benchmark
    @OperationsPerInvocation(PAGE)
    public BitSet lookUpNewOnes() {
        return lookUp(number);
    }

    @Benchmark
    @OperationsPerInvocation(PAGE)
    public BitSet lookUpKnownOnes() {
        place = (place + 7 * PAGE) % (known - PAGE);
        return lookUp(place);
    }

    private BitSet lookUp(long from) {
        List<KeyHash> asked = new ArrayList<>(PAGE);
        for (int i = 0; i < PAGE; i++) {
            asked.add(KeyHash.of(Long.toString(from + i)));
        }
        return store.seen(stream, KeySet.COUNTING, asked);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public boolean commit() {
        List<SeenKey> keys = new ArrayList<>(BATCH);
        for (int i = 0; i < BATCH; i++) {
            keys.add(new SeenKey(KeyHash.of(Long.toString(number++)), null));
        }
        Commit commit = Draft.data("all", List.of(), List.of(), 1, null, progress -> progress)
                .at(++sequence, 1, "bench", Progress.NONE, null, Instant.EPOCH);
        boolean applied = store.apply(stream, commit, keys);
        if (sequence % TOLD_AT_ONCE == 0) {
            store.flush(stream);
        }
        return applied;
    }
}
