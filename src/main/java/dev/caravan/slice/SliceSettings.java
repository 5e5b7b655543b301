package dev.caravan.slice;

import java.time.Instant;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a stream is cut into slices.
 *
 * @param filtered whether a run pulls a span of the cursor; without, a slice is a whole partition
 * @param unit format of the cursor; bounds are cut to its unit
 * @param ascending whether records come in the order of the cursor, so that the greatest one seen is a checkpoint
 * @param extents the times of which a stream has records, for each zone
 * @param window length of one slice, null for one slice up to the present
 * @param offset where windows begin, behind midnight, Monday or the first of the month; null to begin where the one before
 *     ended
 * @param lookback how far behind the checkpoint the next run begins
 * @param lag how far behind the start of a run it ends
 * @param retention nothing older than this before the start of a run is asked for; null if all is kept
 * @param zones zone of calendar days and of cursors that do not name one, for each partition
 * @param partitions none at all only where they are another stream's records
 * @param group how many of them share a slice at most
 * @param wholeDays whether slices begin with a day of the partition's zone, and end with one or at the present
 * @param once whether a partition is forgotten when it is done, and comes again when there is something new of it
 */
public record SliceSettings(
        boolean filtered,
        CursorFormat unit,
        boolean ascending,
        Function<ZoneId, Extent> extents,
        @Nullable Span window,
        @Nullable Span offset,
        Span lookback,
        Span lag,
        @Nullable Span retention,
        Function<Partition, ZoneId> zones,
        List<Partition> partitions,
        int group,
        boolean wholeDays,
        boolean once) {
    public SliceSettings {
        partitions = List.copyOf(partitions);
        Set<Partition> different = new HashSet<>();
        for (Partition each : partitions) {
            if (!different.add(each)) {
                throw new IllegalArgumentException("A partition is named twice: " + each.id());
            }
        }
        if (window != null && window.isZero()) {
            throw new IllegalArgumentException("window=%s has no length, write 24h or leave it out".formatted(window));
        }
    }

    /**
     * From when to when a stream has records.
     *
     * @param start where the first run begins
     * @param end no run asks for anything at or after this, null if only the clock bounds it
     */
    public record Extent(Instant start, @Nullable Instant end) {
        public Extent {
            if (end != null && !start.isBefore(end)) {
                throw new IllegalArgumentException("start=%s is not before end=%s".formatted(start, end));
            }
        }
    }

    /** The settings of a stream whose partitions are listed, of one zone, whose windows follow each other. */
    public SliceSettings(
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
        this(
                filtered,
                unit,
                ascending,
                extent(start, end),
                window,
                null,
                lookback,
                lag,
                null,
                any -> zone,
                partitions,
                1,
                false,
                false);
        if (partitions.isEmpty()) {
            throw new IllegalArgumentException("A stream has at least one partition");
        }
    }

    private static Function<ZoneId, Extent> extent(Instant start, @Nullable Instant end) {
        Extent extent = new Extent(start, end);
        return any -> extent;
    }

    Extent extent(Partition partition) {
        return extents.apply(zone(partition));
    }

    ZoneId zone(Partition partition) {
        return zones.apply(partition);
    }
}
