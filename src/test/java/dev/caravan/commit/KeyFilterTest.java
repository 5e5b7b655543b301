package dev.caravan.commit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyFilterTest {
    private final AtomicLong room = new AtomicLong(1 << 20);
    private final KeyFilter filter = new KeyFilter(room);

    @Test
    void knowsNothingToBeNewBeforeItHasLearnedAll() {
        List<KeyHash> known = hashes("k", 100);
        KeySegments.Place middle = new KeySegments.Place(1, known.get(49).toBytes());

        assertThat(filter.learns()).isTrue();
        assertThat(filter.learns()).as("somebody does already").isFalse();
        filter.learned(new KeySegments.Some(known.subList(0, 50), middle));
        assertThat(found("x")).isEqualTo(10_000);

        assertThat(filter.learns()).isTrue();
        filter.learned(null);
        assertThat(filter.learnedTo()).isEqualTo(middle);
        assertThat(filter.learns()).isTrue();
        filter.learned(new KeySegments.Some(known.subList(50, 100), null));
        assertThat(filter.learns()).isFalse();
        assertThat(known).allMatch(filter::mayContain);
        assertThat(found("x")).isLessThan(50);
    }

    @Test
    void growsWithItsKeys() {
        complete();
        List<KeyHash> known = hashes("k", 300_000);
        known.forEach(filter::add);

        assertThat(known).allMatch(filter::mayContain);
        assertThat(found("x")).isLessThan(100);
        assertThat(room.get()).isBetween(0L, (1L << 20) - 2L * known.size());
        filter.close();
        assertThat(room.get()).isEqualTo(1 << 20);
    }

    @Test
    void losesNoKeyWithTooLittleRoom() {
        room.set(60_000);
        complete();
        List<KeyHash> known = hashes("k", 100_000);
        known.forEach(filter::add);

        assertThat(known).allMatch(filter::mayContain);
        assertThat(room.get()).isNotNegative();
        filter.close();
        assertThat(room.get()).isEqualTo(60_000);
    }

    @Test
    void asksForFewKeysMoreWhenRoomIsShort() {
        room.set(150_000);
        complete();
        hashes("k", 100_000).forEach(filter::add);

        assertThat(found("x")).isLessThan(1_000);
    }

    private void complete() {
        assertThat(filter.learns()).isTrue();
        filter.learned(KeySegments.Some.NONE);
    }

    private int found(String prefix) {
        return (int) hashes(prefix, 10_000).stream().filter(filter::mayContain).count();
    }

    private static List<KeyHash> hashes(String prefix, int count) {
        return new ArrayList<>(IntStream.range(0, count)
                .mapToObj(i -> KeyHash.of(prefix + i))
                .sorted()
                .toList());
    }
}
