package dev.caravan.slice;

import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a stream is cut into slices.
 *
 * @param filtered whether the API is asked for a span of the cursor; without, a slice is a whole partition
 * @param unit format of the cursor; bounds are cut to its unit
 * @param ascending whether records come in the order of the cursor, so that the greatest one seen is a checkpoint
 * @param start where the first run begins
 * @param end no run asks for anything at or after this, null if only the clock bounds it
 * @param window length of one slice, null for one slice up to the present
 * @param lookback how far behind the checkpoint the next run begins
 * @param lag how far behind the start of a run it ends
 * @param zone zone of calendar days and of cursors that do not name one
 * @param partitions at least one
 */
public record SliceSettings(
        boolean filtered,
        CursorFormat unit,
        boolean ascending,
        Instant start,
        @Nullable Instant end,
        @Nullable Span window,
        Span lookback,
        Span lag,
        ZoneId zone,
        List<Partition> partitions) {
    public SliceSettings {
        partitions = List.copyOf(partitions);
        if (partitions.isEmpty()) {
            throw new IllegalArgumentException("A stream has at least one partition");
        }
        if (Set.copyOf(partitions).size() < partitions.size()) {
            throw new IllegalArgumentException("A partition is named twice: " + partitions);
        }
        if (window != null && window.isZero()) {
            throw new IllegalArgumentException("window=%s has no length, write 24h or leave it out".formatted(window));
        }
        if (end != null && !start.isBefore(end)) {
            throw new IllegalArgumentException("start=%s is not before end=%s".formatted(start, end));
        }
    }
}
