package dev.caravan.commit;

import static dev.caravan.commit.StreamFixture.keys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.slice.Progress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a state keeps, whichever database is behind it. */
abstract class StateStoreContract {
    static final Instant DAY = Instant.parse("2026-08-31T00:00:00Z");
    private static final StreamKey OTHER = new StreamKey("acme", "orders", Origin.STUB);

    StreamFixture stream;

    /** Returns a stream whose state is empty. */
    abstract StreamFixture fixture(Path data);

    /** Opens the state once more. */
    abstract StateStore another(long mostKeysLater);

    @BeforeEach
    void open(@TempDir Path data) {
        stream = fixture(data);
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
    void takesAKeyThatIsTwiceInOneCommit() {
        List<SeenKey> keys = new ArrayList<>(many(150));
        keys.add(key("k0", DAY.plusSeconds(900)));
        keys.add(key("k7", null));
        stream.store.apply(stream.key, commit(1, 1), keys);

        stream.store.prune(stream.key, DAY.plusSeconds(500));

        assertThat(seen("k0", "k1", "k7", "k149")).containsExactly(0, 2);
    }

    @Test
    void looksUpAnyNumberOfKeysAtOnce() {
        stream.store.apply(stream.key, commit(1, 1), many(250));
        for (int asked : List.of(1, 2, 99, 100, 101, 250)) {
            List<KeyHash> hashes = new ArrayList<>();
            IntStream.range(0, asked).forEach(i -> hashes.add(KeyHash.of(i % 2 == 0 ? "k" + i : "x" + i)));
            assertThat(stream.store.seen(stream.key, KeySet.COUNTING, hashes).stream())
                    .as("%d keys", asked)
                    .containsExactlyElementsOf(IntStream.range(0, asked)
                            .filter(i -> i % 2 == 0)
                            .boxed()
                            .toList());
        }
        assertThat(seen("k1", "k1", "x", "k1")).containsExactly(0, 1, 3);
    }

    @Test
    void knowsAtOnceWhatTheDatabaseIsToldLater() {
        stream.store.apply(stream.key, commit(1, 3), many(20_000));
        stream.store.apply(stream.key, commit(2, 3), keys("a"));

        try (StateStore other = stream.another()) {
            assertThat(other.sequence(stream.key)).isZero();
            assertThat(stream.store.sequence(stream.key)).isEqualTo(2);
            assertThat(stream.store.epoch(stream.key)).isEqualTo(3);
            assertThat(stream.store.definition(stream.key)).contains("d1");
            assertThat(other.definition(stream.key)).isEmpty();
            assertThat(seen("k0", "k19999", "x", "a")).containsExactly(0, 1, 3);

            stream.store.flush(stream.key);
            assertThat(other.sequence(stream.key)).isEqualTo(2);
            assertThat(other.progress(stream.key)).isEqualTo(stream.store.progress(stream.key));
            assertThat(other.seen(stream.key, KeySet.COUNTING, List.of(KeyHash.of("a"), KeyHash.of("k7"))))
                    .isEqualTo(BitSet.valueOf(new long[] {3}));
        }
    }

    @Test
    void tellsTheDatabaseBesideItsCallers() {
        List<SeenKey> known = many(66_000);
        List<SeenKey> some = known.subList(0, 300);
        try (StateStore told = another(100_000)) {
            told.apply(stream.key, commit(1, 1), known);
            assertThat(seenBy(told, some)).isEqualTo(300);

            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> stream.store.sequence(stream.key) == 1);
            assertThat(seenBy(stream.store, some)).isEqualTo(300);
            assertThat(stream.store.progress(stream.key)).isEqualTo(told.progress(stream.key));

            told.apply(stream.key, commit(2, 1), keys("a"));
            assertThat(told.sequence(stream.key)).isEqualTo(2);
            assertThat(seenBy(told, keys("a", "x"))).isEqualTo(1);
            told.flush(stream.key);
            assertThat(seenBy(stream.store, keys("a", "x"))).isEqualTo(1);
        }
    }

    @Test
    void callersWaitWhileMoreKeysWaitThanMay() {
        try (StateStore told = another(1_000)) {
            told.apply(stream.key, commit(1, 1), many(1_001));

            assertThat(stream.store.sequence(stream.key)).isEqualTo(1);
        }
    }

    @Test
    void tellsWhatIsNewWhileItIsLeased() {
        List<SeenKey> known = many(20_000);
        stream.store.apply(stream.key, commit(1, 1), known.subList(0, 10_000));
        stream.store.flush(stream.key);
        stream.store.apply(stream.key, commit(2, 1), known.subList(10_000, 15_000));

        stream.store.leased(stream.key);
        assertFindsEach(known.subList(0, 15_000), "learning");
        assertFindsEach(known.subList(0, 15_000), "learned");
        stream.store.apply(stream.key, commit(3, 1), known.subList(15_000, 20_000));
        assertFindsEach(known, "added");
        stream.store.flush(stream.key);
        assertFindsEach(known, "told");
        stream.store.prune(stream.key, DAY.plusSeconds(5_000));
        assertFindsEach(known.subList(5_000, 20_000), "forgotten");
        stream.store.remember(stream.key, KeySet.COUNTING, known.subList(0, 5_000));
        assertFindsEach(known, "remembered");

        stream.store.unleased(stream.key);
        try (StateStore other = stream.another()) {
            other.apply(stream.key, commit(4, 2), keys("a"));
        }
        assertThat(seen("a", "x")).as("added by another").containsExactly(0);
    }

    @Test
    void aLeasedStreamKnowsTheKeysOfAGenerationThatComesToCount() {
        stream.store.leased(stream.key);
        stream.store.apply(stream.key, commit(1, 1), keys("a"));
        assertThat(seen("a", "b")).containsExactly(0);
        Commit pending = StreamFixture.draft().pending(2).at(2, 2, "r2", Progress.NONE, null, StreamFixture.NOW);
        stream.store.apply(stream.key, pending, keys("b"));
        assertThat(seen("a", "b")).as("all keys that count are learned").containsExactly(0);
        Draft replacing = new Draft(
                Kind.REPLACE, null, List.of(), List.of(), 0, null, List.of(), null, 2L, UnaryOperator.identity(), null);

        stream.store.apply(stream.key, replacing.at(3, 2, "r2", Progress.NONE, null, StreamFixture.NOW), List.of());

        assertThat(seen("a", "b")).containsExactly(1);
    }

    /** Asks for keys in the middle of as many new ones. */
    private void assertFindsEach(List<SeenKey> known, String when) {
        List<KeyHash> asked = new ArrayList<>();
        for (int i = 0; i < known.size(); i++) {
            asked.add(KeyHash.of("x" + i));
            asked.add(known.get(i).hash());
        }
        for (int from = 0; from < asked.size(); from += 1_000) {
            List<KeyHash> page = asked.subList(from, Math.min(from + 1_000, asked.size()));
            assertThat(stream.store.seen(stream.key, KeySet.COUNTING, page).stream())
                    .as("%s, from %d on", when, from)
                    .hasSize(page.size() / 2)
                    .allMatch(place -> place % 2 == 1);
        }
    }

    private int seenBy(StateStore store, List<SeenKey> keys) {
        return store.seen(
                        stream.key,
                        KeySet.COUNTING,
                        keys.stream().map(SeenKey::hash).toList())
                .cardinality();
    }

    @Test
    void tellsTheDatabaseBeforeItMustKnow() {
        stream.store.apply(stream.key, commit(1, 1), keys("a"));
        stream.store.apply(
                stream.key, Draft.fence().at(2, 2, "r2", commit(1, 1).progress(), null, StreamFixture.NOW), List.of());

        try (StateStore other = stream.another()) {
            assertThat(other.sequence(stream.key)).isEqualTo(2);
            assertThat(other.epoch(stream.key)).isEqualTo(2);
            assertThat(other.seen(stream.key, KeySet.COUNTING, List.of(KeyHash.of("a")))
                            .cardinality())
                    .isEqualTo(1);
        }
    }

    @Test
    void tellsNothingThatAnotherHasToldMeanwhile() {
        stream.store.apply(stream.key, commit(1, 1), keys("a"));
        try (StateStore other = stream.another()) {
            // Somebody has taken the stream over: takes over the commit, and begins another set of keys.
            other.apply(stream.key, commit(1, 1), keys("a"));
            other.reset(stream.key);
            other.apply(stream.key, commit(1, 2), keys("b"));
            other.flush(stream.key);

            stream.store.flush(stream.key);

            assertThat(other.seen(stream.key, KeySet.COUNTING, List.of(KeyHash.of("a"), KeyHash.of("b"))))
                    .isEqualTo(BitSet.valueOf(new long[] {2}));
            assertThat(other.epoch(stream.key)).isEqualTo(2);
        }
    }

    @Test
    void noticesThatTheDatabaseWasSetBack() {
        stream.store.apply(stream.key, commit(1, 1), keys("a"));
        stream.store.flush(stream.key);
        stream.store.apply(stream.key, commit(2, 1), keys("b"));
        try (StateStore other = stream.another()) {
            other.reset(stream.key);
        }

        assertThatThrownBy(() -> stream.store.flush(stream.key))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("commit 2 does not follow commit 0");
        assertThat(stream.store.sequence(stream.key)).isZero();
        assertThat(seen("a", "b")).isEmpty();
    }

    @Test
    void remembersForgottenKeysAgain() {
        stream.store.apply(stream.key, commit(1, 1), many(3));
        stream.store.prune(stream.key, DAY.plusSeconds(2));

        stream.store.remember(stream.key, KeySet.COUNTING, many(2));

        assertThat(seen("k0", "k1", "k2")).containsExactly(0, 1, 2);
        assertThat(stream.store.sequence(stream.key)).isEqualTo(1);
    }

    @Test
    void isUsedByManyThreadsAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> working = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                StreamKey key = new StreamKey("acme", "orders-" + thread % 4, Origin.REAL);
                boolean writes = thread < 4;
                working.add(threads.submit(() -> {
                    for (int i = 1; i <= 20; i++) {
                        if (writes) {
                            stream.store.apply(key, commit(i, 1), keys("a" + i, "b" + i));
                        } else {
                            stream.store.seen(key, KeySet.COUNTING, List.of(KeyHash.of("a" + i)));
                            stream.store.prune(key, DAY.minusSeconds(i));
                        }
                    }
                }));
            }
            for (Future<?> each : working) {
                each.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(stream.store.sequence(new StreamKey("acme", "orders-3", Origin.REAL)))
                .isEqualTo(20);
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
    void keepsWhatWasSaidOfAStream() {
        stream.store.modes().put(stream.key, new ModeEntry("paused", DAY, "ann (api)"));
        stream.store.modes().put(stream.key, new ModeEntry("stopped", DAY.plusSeconds(1), "olga (console)"));
        stream.reopen();

        assertThat(stream.store.modes().of(stream.key))
                .contains(new ModeEntry("stopped", DAY.plusSeconds(1), "olga (console)"));
        assertThat(stream.store.modes().of(OTHER)).isEmpty();
    }

    @Test
    void saysThatItIsClosed() {
        stream.store.close();
        assertThatThrownBy(() -> stream.store.sequence(stream.key))
                .isInstanceOf(StateStoreException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void findsEachOfManyKeysAndNoOther() {
        List<SeenKey> known = many(100_000);
        stream.store.apply(stream.key, commit(1, 1), known);
        List<KeyHash> asked = new ArrayList<>();
        for (int i = 0; i < known.size(); i++) {
            asked.add(KeyHash.of("x" + i));
            asked.add(known.get(i).hash());
        }

        assertThat(stream.store.seen(stream.key, KeySet.COUNTING, asked).stream())
                .hasSize(known.size())
                .allMatch(place -> place % 2 == 1);
    }

    List<Integer> seen(String... keys) {
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

    static List<SeenKey> many(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> key("k" + i, DAY.plusSeconds(i)))
                .toList();
    }

    static SeenKey key(String key, @Nullable Instant cursor) {
        return new SeenKey(KeyHash.of(key), cursor);
    }

    static Commit commit(long sequence, long epoch) {
        return StreamFixture.draft(StreamFixture.reached("p", "s" + sequence))
                .at(sequence, epoch, "r1", Progress.NONE, null, StreamFixture.NOW);
    }
}
