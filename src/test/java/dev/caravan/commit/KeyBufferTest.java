package dev.caravan.commit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyBufferTest {
    private static final Instant DAY = Instant.parse("2026-08-31T00:00:00Z");

    private final KeyBuffer buffer = new KeyBuffer();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1024, 1025, 100_000})
    void findsEachKeyAndHandsThemOutInTheOrderOfTheDatabase(int count) {
        List<SeenKey> keys = IntStream.range(0, count)
                .mapToObj(i -> new SeenKey(KeyHash.of("k" + i), i % 3 == 0 ? null : DAY.plusSeconds(i)))
                .toList();
        buffer.add(keys);

        List<SeenKey> handedOut = new ArrayList<>();
        List<KeyBuffer.Part> parts = buffer.sorted();
        parts.forEach(part -> handedOut.addAll(part.keys()));
        assertThat(buffer.size()).isEqualTo(count);
        assertThat(handedOut)
                .isEqualTo(keys.stream()
                        .sorted(Comparator.comparing(SeenKey::hash))
                        .toList());
        assertThat(parts).hasSize(count == 100_000 ? 2 : 1);
        assertThat(keys).allMatch(key -> buffer.contains(key.hash()));
        assertThat(IntStream.range(0, count)).noneMatch(i -> buffer.contains(KeyHash.of("x" + i)));
    }

    @Test
    void hashesThatBeginAlikeAreInOrderToo() {
        List<SeenKey> keys = new ArrayList<>();
        for (long high : new long[] {5, 4, -1, -2, Long.MIN_VALUE, 0, Long.MAX_VALUE, 1 << 7}) {
            for (long low : new long[] {7, -7, 0, Long.MIN_VALUE, 3}) {
                keys.add(new SeenKey(new KeyHash(high, low), DAY));
            }
        }
        buffer.add(keys);

        assertThat(buffer.sorted().get(0).keys())
                .isEqualTo(keys.stream()
                        .sorted(Comparator.comparing(SeenKey::hash))
                        .toList());
    }

    @Test
    void remembersAKeyThatComesAgainAsLongAsTheLaterOfTwo() {
        KeyHash a = KeyHash.of("a");
        KeyHash b = KeyHash.of("b");
        buffer.add(List.of(new SeenKey(a, DAY), new SeenKey(b, DAY)));
        buffer.add(List.of(new SeenKey(a, DAY.plusSeconds(1)), new SeenKey(b, null), new SeenKey(a, DAY)));

        assertThat(buffer.sorted().get(0).keys())
                .containsExactlyInAnyOrder(new SeenKey(a, DAY.plusSeconds(1)), new SeenKey(b, null));
    }
}
