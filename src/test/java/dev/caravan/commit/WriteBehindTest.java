package dev.caravan.commit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.slice.Progress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WriteBehindTest {
    private final AtomicLong nanos = new AtomicLong();
    private final WriteBehind behind = new WriteBehind(nanos::get);

    @Test
    void isDueTenSecondsAfterTheFirstOfThemAndUntilItIsTold() {
        assertThat(behind.isDue()).isFalse();
        behind.add(commit(1), List.of());
        nanos.set(TimeUnit.SECONDS.toNanos(9));
        behind.add(commit(2), List.of());
        assertThat(behind.isDue()).isFalse();
        nanos.set(TimeUnit.SECONDS.toNanos(10));
        assertThat(behind.isDue()).isTrue();

        WriteBehind.Told telling = Objects.requireNonNull(behind.telling());
        assertThat(telling.commits()).extracting(Commit::sequence).containsExactly(1L, 2L);
        behind.add(commit(3), List.of());
        assertThat(behind.isDue()).isTrue();
        assertThat(behind.telling()).isSameAs(telling);
        assertThat(behind.last()).isEqualTo(commit(3));

        behind.finished();
        assertThat(behind.isDue()).isFalse();
        assertThat(behind.isEmpty()).isFalse();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
        assertThat(behind.isDue()).isTrue();
    }

    private static Commit commit(long sequence) {
        return Draft.fence().at(sequence, 1, "r1", Progress.NONE, null, StreamFixture.NOW);
    }
}
