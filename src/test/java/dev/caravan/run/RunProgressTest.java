package dev.caravan.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.Stream.Order;
import dev.caravan.record.SourceRecord;
import dev.caravan.slice.Window;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunProgressTest {
    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final Window DAY = new Window(START, START.plusSeconds(86_400));

    @Test
    void tellsTheEndFromTheShareAndTheTimeItTook() {
        assertThat(progress(0.25, 60, 60).end()).contains(START.plusSeconds(240));
        assertThat(progress(0.25, 60, 60)).hasToString("2 of 8 slices, 25 %, 1,200 rows, 20 rows/s, about 3 min left");
    }

    @Test
    void theEndStaysWhereItIsUntilMoreIsDone() {
        List<Instant> ends = new ArrayList<>();
        for (int now = 60; now < 240; now += 20) {
            ends.add(progress(0.25, 60, now).end().orElseThrow());
        }
        assertThat(ends).containsOnly(START.plusSeconds(240));
    }

    @Test
    void theEndIsNeverInThePast() {
        assertThat(progress(0.25, 60, 300).end()).contains(START.plusSeconds(1200));
    }

    @Test
    void saysNothingAsLongAsNothingCanBeTold() {
        assertThat(progress(0, 60, 60).end()).isEmpty();
        assertThat(progress(0.005, 60, 60).end()).isEmpty();
        assertThat(progress(0.5, 4, 60).end()).isEmpty();
        assertThat(progress(1, 60, 60).end()).isEmpty();
        assertThat(progress(0, 0, 0)).hasToString("2 of 8 slices, 0 %, 1,200 rows, 0 rows/s");
    }

    @Test
    void aSliceInOrderTellsItsShareWithEveryPage() {
        SliceShare ascending = new SliceShare(DAY, Order.ASCENDING, null);
        ascending.page(at(3, 6));
        assertThat(ascending.done()).isEqualTo(0.25);
        ascending.page(at(2, 5));
        assertThat(ascending.done()).as("never falls").isEqualTo(0.25);
        SliceShare descending = new SliceShare(DAY, Order.DESCENDING, null);
        descending.page(at(20, 15));
        assertThat(descending.done()).isEqualTo(0.25);
        descending.finish();
        assertThat(descending.done()).isEqualTo(1);
    }

    @Test
    void whatWasPulledBeforeIsNotOfThisRun() {
        SliceShare resumed = new SliceShare(DAY, Order.ASCENDING, START.plusSeconds(12 * 3600));
        resumed.page(at(12, 15));
        assertThat(resumed.done()).isEqualTo(0.25);
    }

    @Test
    void aSliceWithoutOrderTellsItsShareAtItsEnd() {
        SliceShare unordered = new SliceShare(DAY, Order.NONE, null);
        unordered.page(at(3, 23));
        assertThat(unordered.done()).isZero();
        SliceShare whole = new SliceShare(null, Order.ASCENDING, null);
        whole.page(at(3, 23));
        assertThat(whole.done()).isZero();
        assertThat(whole.weight()).isEqualTo(1);
    }

    private static RunProgress progress(double share, long reached, long now) {
        return new RunProgress(8, 2, share, 1200, START, START.plusSeconds(reached), START.plusSeconds(now));
    }

    private static List<SourceRecord> at(long... hours) {
        return Arrays.stream(hours)
                .mapToObj(hour -> new SourceRecord(new byte[0], 0, 0, null, START.plusSeconds(hour * 3600)))
                .toList();
    }
}
