package dev.caravan.commit;

import static dev.caravan.commit.StreamFixture.keys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.slice.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class StateStoreTest {
    private static final Instant DAY = Instant.parse("2026-08-31T00:00:00Z");
    private static final StreamKey OTHER = new StreamKey("acme", "orders", Origin.STUB);

    private final StreamFixture stream;

    StateStoreTest(@TempDir Path data) {
        this.stream = new StreamFixture(data);
    }

    @AfterEach
    void close() {
        stream.close();
    }

    @Test
    void takesOverCommitsInOrderAndOnce() {
        assertThat(stream.store.apply(stream.key, commit(1, 1), keys("a"))).isTrue();
        assertThat(stream.store.apply(stream.key, commit(1, 1), keys("z"))).isFalse();
        assertThatThrownBy(() -> stream.store.apply(stream.key, commit(3, 1), keys("c")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("commit 3 does not follow commit 1");

        assertThat(stream.store.sequence(stream.key)).isEqualTo(1);
        assertThat(seen("a", "c", "z")).containsExactly(0);
    }

    @Test
    void keepsStateOverARestart() {
        stream.store.apply(stream.key, commit(1, 7), keys("a"));
        stream.reopen();

        assertThat(stream.store.sequence(stream.key)).isEqualTo(1);
        assertThat(stream.store.epoch(stream.key)).isEqualTo(7);
        assertThat(stream.store.definition(stream.key)).contains("d1");
        assertThat(stream.store.progress(stream.key)).isEqualTo(commit(1, 7).progress());
        assertThat(seen("a")).containsExactly(0);
    }

    @Test
    void keepsOriginsApart() {
        stream.store.apply(stream.key, commit(1, 1), keys("a"));

        assertThat(stream.store
                        .seen(OTHER, KeySet.COUNTING, List.of(KeyHash.of("a")))
                        .isEmpty())
                .isTrue();
        assertThat(stream.store.sequence(OTHER)).isZero();
        assertThat(stream.store.progress(OTHER)).isEqualTo(Progress.NONE);
    }

    @Test
    void forgetsKeysByTheirCursorAndKeepsThoseWithout() {
        stream.store.apply(
                stream.key, commit(1, 1), List.of(key("old", DAY), key("new", DAY.plusSeconds(60)), key("none", null)));

        assertThat(stream.store.prunedBefore(stream.key)).isEmpty();
        assertThat(stream.store.prune(stream.key, DAY.plusSeconds(60))).isEqualTo(1);
        assertThat(seen("old", "new", "none")).containsExactly(1, 2);
        assertThat(stream.store.prunedBefore(stream.key)).contains(DAY.plusSeconds(60));
        stream.store.prune(stream.key, DAY);
        assertThat(stream.store.prunedBefore(stream.key)).contains(DAY.plusSeconds(60));
    }

    @Test
    void keepsAKeyAsLongAsItsLatestCursor() {
        stream.store.apply(stream.key, commit(1, 1), List.of(key("a", DAY), key("b", null)));
        stream.store.apply(stream.key, commit(2, 1), List.of(key("a", DAY.plusSeconds(60)), key("b", DAY)));

        stream.store.prune(stream.key, DAY.plusSeconds(30));

        assertThat(seen("a", "b")).containsExactly(0, 1);
    }

    @Test
    void knowsWhetherASpanHasKeys() {
        stream.store.apply(stream.key, commit(1, 1), List.of(key("a", DAY)));

        assertThat(stream.store.hasKeysWithin(stream.key, DAY, DAY.plusMillis(1)))
                .isTrue();
        assertThat(stream.store.hasKeysWithin(stream.key, DAY.minusSeconds(9), DAY))
                .isFalse();
        assertThat(stream.store.hasKeysWithin(OTHER, DAY, DAY.plusMillis(1))).isFalse();
    }

    @Test
    void forgetsAStreamButItsEpoch() {
        stream.store.apply(stream.key, commit(1, 5), keys("a"));

        stream.store.reset(stream.key);

        assertThat(stream.store.sequence(stream.key)).isZero();
        assertThat(stream.store.epoch(stream.key)).isEqualTo(5);
        assertThat(stream.store.progress(stream.key)).isEqualTo(Progress.NONE);
        assertThat(seen("a")).isEmpty();
    }

    @Test
    void keepsTheHistoryOfRuns() {
        RunHistory runs = stream.store.runs();
        runs.put(new RunEntry("r1", stream.key, "running", DAY, null, null));
        runs.put(new RunEntry("r1", stream.key, "done", DAY, DAY.plusSeconds(5), "{\"rows\":3}"));
        runs.put(new RunEntry("r2", OTHER, "failed", DAY.plusSeconds(10), null, null));

        assertThat(runs.latest(stream.key, 10))
                .containsExactly(new RunEntry("r1", stream.key, "done", DAY, DAY.plusSeconds(5), "{\"rows\":3}"));
        assertThat(runs.latest(10)).extracting(RunEntry::run).containsExactly("r2", "r1");
        assertThat(runs.latest(1)).hasSize(1);
        assertThat(runs.prune(DAY.plusSeconds(1))).isEqualTo(1);
        assertThat(runs.latest(10)).extracting(RunEntry::run).containsExactly("r2");
    }

    @Test
    void keepsSchedules() {
        ScheduleEntry entry = new ScheduleEntry(DAY, null, DAY.plusSeconds(3600));
        stream.store.schedules().put(stream.key, new ScheduleEntry(null, null, null));
        stream.store.schedules().put(stream.key, entry);
        stream.reopen();

        assertThat(stream.store.schedules().of(stream.key)).contains(entry);
        assertThat(stream.store.schedules().of(OTHER)).isEmpty();
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void isReadByItsOwnerOnly() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(stream.database())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(stream.database().resolveSibling("caravan.db-wal"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(stream.database().resolveSibling("."))))
                .isEqualTo("rwx------");
    }

    @Test
    void movesADatabaseAsideThatTurnedOutDamagedWhileInUse() throws Exception {
        stream.store.apply(stream.key, commit(1, 1), keys("a"));
        stream.store.close();
        DamagedDatabase.suspect(stream.database(), DamagedDatabase.found("malformed"));
        stream.store = StateStore.open(stream.database(), StreamFixture.CLOCK);

        assertThat(stream.store.sequence(stream.key)).isZero();
        assertThat(stream.database().resolveSibling("caravan.db.damaged-20260901T060000Z"))
                .exists();
        stream.reopen();
    }

    @Test
    void repairsAFileCutShort() throws Exception {
        stream.store.apply(stream.key, commit(1, 1), many(5_000));
        stream.store.close();
        byte[] bytes = Files.readAllBytes(stream.database());
        Files.write(stream.database(), java.util.Arrays.copyOf(bytes, bytes.length / 2));
        stream.store = StateStore.open(stream.database(), StreamFixture.CLOCK);

        assertThat(stream.store.sequence(stream.key)).isZero();
        assertThat(stream.store.apply(stream.key, commit(1, 1), keys("a"))).isTrue();
    }

    @Test
    void opensForTwoProcessesAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        Path file = stream.data.resolve("fresh/caravan.db");
        try {
            List<Future<StateStore>> opened = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                opened.add(threads.submit(() -> StateStore.open(file, StreamFixture.CLOCK)));
            }
            for (Future<StateStore> each : opened) {
                each.get(30, TimeUnit.SECONDS).close();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void saysThatItIsClosed() {
        stream.store.close();
        assertThatThrownBy(() -> stream.store.sequence(stream.key))
                .isInstanceOf(StateStoreException.class)
                .hasMessageContaining("closed");
        stream.store = StateStore.open(stream.database(), StreamFixture.CLOCK);
    }

    @Test
    void looksUpManyKeysQuickly() {
        List<SeenKey> known = many(100_000);
        stream.store.apply(stream.key, commit(1, 1), known);
        List<KeyHash> asked = new ArrayList<>();
        IntStream.range(0, 100_000).forEach(i -> asked.add(KeyHash.of("x" + i)));
        known.forEach(key -> asked.add(key.hash()));
        stream.store.seen(stream.key, KeySet.COUNTING, asked.subList(0, 50_000));

        long began = System.nanoTime();
        int found = stream.store.seen(stream.key, KeySet.COUNTING, asked).cardinality();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);

        assertThat(found).isEqualTo(100_000);
        // An idle machine takes 0.4 s; what is asked here is that each look-up is not a statement prepared anew.
        assertThat(millis).isLessThan(5_000);
    }

    private List<Integer> seen(String... keys) {
        return stream
                .store
                .seen(
                        stream.key,
                        KeySet.COUNTING,
                        List.of(keys).stream().map(KeyHash::of).toList())
                .stream()
                .boxed()
                .toList();
    }

    private static List<SeenKey> many(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> key("k" + i, DAY.plusSeconds(i)))
                .toList();
    }

    private static SeenKey key(String key, @Nullable Instant cursor) {
        return new SeenKey(KeyHash.of(key), cursor);
    }

    private static Commit commit(long sequence, long epoch) {
        return StreamFixture.draft(StreamFixture.reached("p", "s" + sequence))
                .at(sequence, epoch, "r1", Progress.NONE, null, StreamFixture.NOW);
    }
}
