package dev.caravan.slice;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a run has still to pull. Holds no state and reads no clock.
 *
 * <p>Slices that an earlier run began keep the bounds they had; what was never touched is cut anew, from where the contiguous
 * finished prefix ends up to the start of the run.
 */
public final class SlicePlanner {
    /** A run holds its slices in memory, so there is a bound to them. */
    private static final int MAX_SLICES = 100_000;

    private final SliceSettings settings;

    public SlicePlanner(SliceSettings settings) {
        this.settings = settings;
    }

    /** Returns {@code before} with everything planned that a run which starts at {@code runStart} pulls. */
    public Progress plan(Progress before, Instant runStart) {
        Progress planned = before;
        for (Partition partition : settings.partitions()) {
            PartitionProgress progress = before.known(partition);
            // A list without a window shifts between runs, so an unfinished one begins anew.
            planned = planned.replace(
                    settings.filtered()
                            ? progress.withWindowsOnly().withOpen(open(progress, runStart))
                            : new PartitionProgress(
                                    partition, progress.checkpoint(), progress.etag(), null, List.of()));
        }
        return planned;
    }

    private @Nullable Window open(PartitionProgress progress, Instant runStart) {
        Window left = progress.open();
        Instant from = left == null ? first(progress) : left.from();
        Instant to = cap(runStart);
        if (left != null && left.to().isAfter(to)) {
            return left;
        }
        return from.isBefore(to) ? new Window(from, to) : null;
    }

    /** Returns the slices of {@code planned} that are not done, of the partitions that the stream has today, in order. */
    public List<Slice> open(Progress planned) {
        List<Slice> open = new ArrayList<>();
        for (Partition partition : settings.partitions()) {
            if (settings.filtered()) {
                planned.of(partition).ifPresent(progress -> cut(progress, open));
            } else {
                open.add(new Slice(partition, null));
            }
        }
        return open;
    }

    private void cut(PartitionProgress progress, List<Slice> open) {
        Window left = progress.open();
        if (left == null) {
            return;
        }
        Instant from = left.from();
        for (SliceProgress known : progress.slices()) {
            Window window = Objects.requireNonNull(known.window());
            cut(progress.partition(), from, window.from(), open);
            if (!known.done()) {
                open.add(new Slice(progress.partition(), window));
            }
            from = window.to();
        }
        cut(progress.partition(), from, left.to(), open);
    }

    private void cut(Partition partition, Instant begin, Instant end, List<Slice> open) {
        Instant from = begin;
        while (from.isBefore(end)) {
            if (open.size() == MAX_SLICES) {
                throw new IllegalArgumentException(
                        "window=%s cuts the time from %s to %s into more than %d slices, use a longer one"
                                .formatted(settings.window(), from, end, MAX_SLICES));
            }
            Instant to = settings.window() == null ? end : end(from, settings.window());
            to = to.isAfter(end) ? end : to;
            open.add(new Slice(partition, new Window(from, to)));
            from = to;
        }
    }

    /**
     * Returns the two halves of a window that is too large to be pulled whole; empty if it cannot be divided any more. They
     * meet at a second, or at the beginning of a day where requests name days.
     */
    public List<Window> halves(Window window) {
        Instant middle = floor(
                window.from().plus(Duration.between(window.from(), window.to()).dividedBy(2)));
        return window.from().isBefore(middle)
                ? List.of(new Window(window.from(), middle), new Window(middle, window.to()))
                : List.of();
    }

    /** Where days are asked for, windows are of whole days: also where a day has 23 hours, or begins at one o'clock. */
    private Instant end(Instant from, Span window) {
        Instant end = window.after(from, settings.zone());
        if (settings.unit() != CursorFormat.DATE) {
            return end;
        }
        Instant day = floor(end);
        return day.isAfter(from) ? day : startOfNextDay(from);
    }

    private Instant startOfNextDay(Instant instant) {
        return instant.atZone(settings.zone())
                .toLocalDate()
                .plusDays(1)
                .atStartOfDay(settings.zone())
                .toInstant();
    }

    private Instant first(PartitionProgress progress) {
        Instant checkpoint = progress.checkpoint();
        return floor(checkpoint == null ? settings.start() : settings.lookback().before(checkpoint, settings.zone()));
    }

    private Instant cap(Instant runStart) {
        Instant cap = floor(settings.lag().before(runStart, settings.zone()));
        Instant end = settings.end();
        return end != null && end.isBefore(cap) ? end : cap;
    }

    private Instant floor(Instant instant) {
        if (settings.unit() == CursorFormat.DATE) {
            return instant.atZone(settings.zone())
                    .toLocalDate()
                    .atStartOfDay(settings.zone())
                    .toInstant();
        }
        return instant.truncatedTo(ChronoUnit.SECONDS);
    }
}
