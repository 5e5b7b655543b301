package dev.caravan.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeySegmentsTest {
    private static final int STEP = 500;
    private static final long SET = 7;
    private static final Instant DAY = StateStoreContract.DAY;

    private SqliteDatabase database;

    @BeforeEach
    void open(@TempDir Path folder) {
        database = SqliteDatabase.open(folder.resolve("caravan.db"), StreamFixture.CLOCK);
    }

    @AfterEach
    void close() {
        database.close();
    }

    /** Whatever is added, put together and forgotten: what is there is what a map would have. */
    @Test
    void isLikeAMap() {
        for (int seed = 0; seed < 5; seed++) {
            Random random = new Random(seed);
            Map<Integer, Optional<Instant>> model = new HashMap<>();
            for (int round = 0; round < 25; round++) {
                switch (random.nextInt(4)) {
                    case 0, 1 -> {
                        Map<Integer, Optional<Instant>> added = new HashMap<>();
                        int count = 1 + random.nextInt(random.nextInt(10) == 0 ? 3_000 : 300);
                        for (int i = 0; i < count; i++) {
                            added.put(random.nextInt(1_800), cursor(random));
                        }
                        add(null, added);
                        added.forEach((id, cursor) -> model.merge(id, cursor, KeySegmentsTest::later));
                    }
                    case 2 -> merge();
                    default -> {
                        // All segments are small, so exactly these are forgotten.
                        Instant before = DAY.plusSeconds(random.nextInt(200));
                        with(keys -> keys.forget(before.toEpochMilli()));
                        model.values()
                                .removeIf(cursor ->
                                        cursor.isPresent() && cursor.get().isBefore(before));
                    }
                }
                assertIs(model, "seed %d, round %d".formatted(seed, round));
            }
            with(keys -> {
                keys.forgetAll();
                return true;
            });
        }
    }

    @Test
    void putsSegmentsTogetherAndKeepsFew() {
        for (int i = 0; i < 60; i++) {
            int from = i;
            Map<Integer, Optional<Instant>> added = new HashMap<>();
            IntStream.range(0, 100).forEach(each -> added.put(from * 100 + each, Optional.empty()));
            add(null, added);
            merge();
            assertThat(with(KeySegments::segments)).hasSizeLessThanOrEqualTo(KeySegments.MOST);
        }
        assertThat(with(KeySegments::segments).stream()
                        .mapToLong(KeySegments.Segment::keys)
                        .sum())
                .isEqualTo(6_000);
    }

    @Test
    void addsPartsThatFollowOneAnotherToOneSegment() {
        List<SeenKey> sorted = sorted(5_000);
        KeySegments.Segment first = with(keys -> keys.add(null, sorted.subList(0, 2_000)));
        KeySegments.Segment both = with(keys -> keys.add(first, sorted.subList(2_000, 5_000)));

        assertThat(with(KeySegments::segments)).containsExactly(both);
        assertThat(both.keys()).isEqualTo(5_000);
        KeySegments.Segment other = with(keys -> keys.add(first, sorted.subList(0, 10)));
        assertThat(other.number()).as("it is not what it was").isNotEqualTo(first.number());
    }

    @Test
    void doesNotGoOnWhereSomebodyElseHasChangedSomething() {
        for (int i = 0; i <= KeySegments.MOST; i++) {
            List<SeenKey> part = sorted(4_000).subList(i * 500, i * 500 + 500);
            with(keys -> keys.add(null, part));
        }
        KeySegments.Merge half =
                with(keys -> keys.step(keys.due().orElseThrow())).orElseThrow();
        with(keys -> keys.add(null, sorted(4_000).subList(3_000, 3_500)));
        KeySegments.Merge more = with(keys -> keys.step(half)).orElseThrow();
        with(keys -> {
            keys.forgetAll();
            return keys.add(null, sorted(10));
        });

        Optional<KeySegments.Merge> nothing = with(keys -> keys.step(more));
        assertThat(nothing).isEmpty();
        assertThat(read()).hasSize(10);
    }

    @Test
    void readsAllInTheEndThoughSegmentsArePutTogetherMeanwhile() {
        Set<KeyHash> all = new HashSet<>();
        for (int i = 0; i <= KeySegments.MOST; i++) {
            List<SeenKey> part = sorted(4_000).subList(i * 700, i * 700 + 700);
            part.forEach(key -> all.add(key.hash()));
            with(keys -> keys.add(null, part));
        }
        Set<KeyHash> read = new HashSet<>();
        Optional<KeySegments.Merge> left = with(KeySegments::due);
        KeySegments.Place place = null;
        do {
            KeySegments.Place from = place;
            KeySegments.Some some = with(keys -> keys.read(from, 300));
            read.addAll(some.keys());
            place = some.next();
            if (left.isPresent()) {
                KeySegments.Merge now = left.get();
                left = with(keys -> keys.step(now));
            }
        } while (place != null);

        assertThat(read).isEqualTo(all);
    }

    @Test
    void keepsKeysOfALargeSegmentUntilAQuarterOfThemIsToBeForgotten() {
        List<SeenKey> many = new ArrayList<>();
        IntStream.range(0, 20_000).forEach(i -> many.add(StateStoreContract.key("k" + i, DAY.plusSeconds(i))));
        many.sort((one, other) -> one.hash().compareTo(other.hash()));
        with(keys -> keys.add(null, many));

        assertThat(forget(2_000)).isZero();
        assertThat(forget(6_000)).isEqualTo(6_000);
        assertThat(forget(90_000)).isEqualTo(14_000);
        assertThat(with(KeySegments::segments)).isEmpty();
    }

    @Test
    void noticesWhatSomethingHasAltered() {
        with(keys -> keys.add(null, sorted(1_000)));
        for (String harm : List.of(
                "UPDATE seen_block SET crc = crc + 1 WHERE id = 2",
                "UPDATE seen_block SET first = zeroblob(16) WHERE id = 3",
                "DELETE FROM seen_block WHERE id = 4",
                "UPDATE seen_segment SET keys = keys - 1",
                "UPDATE seen_segment SET stream_id = 8",
                "DELETE FROM seen_segment",
                "UPDATE seen_block SET segment = 2 WHERE id = 1")) {
            assertThatThrownBy(() -> database.write(session -> {
                        session.prepare(harm).executeUpdate();
                        KeySegments.check(session);
                        return true;
                    }))
                    .as(harm)
                    .isInstanceOf(StateStoreException.class)
                    .hasMessageContaining("of keys")
                    .hasMessageContaining("rebuilds it from the commits");
        }
        assertThat(read()).hasSize(1_000);
    }

    @Test
    void goesOnWhereADiskWasFull() {
        for (int i = 0; i < 2; i++) {
            database.write(
                    session -> session.prepare("PRAGMA max_page_count = 60").execute());
            assertThatThrownBy(() -> with(keys -> keys.add(null, sorted(50_000))))
                    .isInstanceOf(StateStoreException.class)
                    .hasMessageContaining("is full: free some space");
        }
        with(keys -> keys.add(null, sorted(50_000)));

        assertThat(read()).hasSize(50_000);
    }

    private void assertIs(Map<Integer, Optional<Instant>> model, String when) {
        List<KeyHash> asked =
                IntStream.range(0, 1_800).mapToObj(i -> KeyHash.of("k" + i)).toList();
        BitSet expected = new BitSet();
        model.keySet().forEach(expected::set);
        BitSet found = with(keys -> keys.find(asked));
        assertThat(found).as(when).isEqualTo(expected);
        assertThat(read()).as(when).hasSize(model.size());
        database.read(session -> {
            KeySegments.check(session);
            return true;
        });
    }

    private int forget(int seconds) {
        return with(keys -> keys.forget(DAY.plusSeconds(seconds).toEpochMilli()));
    }

    private Set<KeyHash> read() {
        return new HashSet<>(with(keys -> keys.read(null, 1_000_000)).keys());
    }

    private static Optional<Instant> cursor(Random random) {
        return random.nextInt(10) == 0 ? Optional.empty() : Optional.of(DAY.plusSeconds(random.nextInt(300)));
    }

    private static Optional<Instant> later(Optional<Instant> one, Optional<Instant> other) {
        return one.flatMap(first -> other.map(second -> first.isBefore(second) ? second : first));
    }

    private void add(KeySegments.@Nullable Segment to, Map<Integer, Optional<Instant>> added) {
        TreeMap<KeyHash, SeenKey> sorted = new TreeMap<>();
        added.forEach((id, cursor) -> {
            SeenKey key = StateStoreContract.key("k" + id, cursor.orElse(null));
            sorted.put(key.hash(), key);
        });
        with(keys -> keys.add(to, List.copyOf(sorted.values())));
    }

    private void merge() {
        Optional<KeySegments.Merge> left = with(KeySegments::due);
        while (left.isPresent()) {
            KeySegments.Merge now = left.get();
            left = with(keys -> keys.step(now));
        }
    }

    private static List<SeenKey> sorted(int count) {
        return StateStoreContract.many(count).stream()
                .sorted((one, other) -> one.hash().compareTo(other.hash()))
                .toList();
    }

    private <T> T with(Work<T> work) {
        return database.write(session -> work.on(new KeySegments(session, SET, STEP)));
    }

    private interface Work<T> {
        T on(KeySegments keys) throws SQLException;
    }
}
