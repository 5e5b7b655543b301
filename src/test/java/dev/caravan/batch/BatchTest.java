package dev.caravan.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.caravan.record.SourceRecord;
import dev.caravan.testkit.MutableClock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTest {
    private static final SourceRecord TEN_BYTES = new SourceRecord(new byte[10], 0, 10, null, null);

    private final MutableClock clock = new MutableClock("2026-03-01T00:00:00Z");

    @Test
    void isFullByRowsBytesOrAge() {
        Batch batch = new Batch(3, 1000, Duration.ofMinutes(1), clock);
        batch.add(List.of(TEN_BYTES, TEN_BYTES));
        assertThat(batch.isFull()).isFalse();
        batch.countReject(10);
        assertThat(batch.isFull()).isTrue();

        batch.clear();
        batch.countReject(1000);
        assertThat(batch.isFull()).isTrue();

        batch.clear();
        clock.move(Duration.ofMinutes(1));
        assertThat(batch.isFull()).as("an empty one has no age").isFalse();
        batch.add(List.of(TEN_BYTES));
        clock.move(Duration.ofMinutes(1));
        assertThat(batch.isFull()).isTrue();
    }

    @Test
    void theFirstMayBeSmaller() {
        Batch batch = new Batch(8, 100, null, clock).first(0.25);
        batch.add(List.of(TEN_BYTES, TEN_BYTES));
        assertThat(batch.isFull()).isTrue();
        batch.clear();
        batch.add(List.of(TEN_BYTES, TEN_BYTES, TEN_BYTES, TEN_BYTES));
        assertThat(batch.isFull()).isFalse();

        assertThat(new Batch(8, 40, null, clock).first(0.25).isFull()).isFalse();
        Batch bytes = new Batch(8, 40, null, clock).first(0.25);
        bytes.add(List.of(TEN_BYTES));
        assertThat(bytes.isFull()).isTrue();

        assertThatIllegalArgumentException().isThrownBy(() -> batch.first(0)).withMessageContaining("0.0");
    }
}
