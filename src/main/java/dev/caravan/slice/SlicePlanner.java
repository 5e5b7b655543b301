package dev.caravan.slice;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides what a run has still to pull. Holds no state and reads no clock.
 *
 * <p>Slices that an earlier run left unfinished come first, with the bounds they had; new ones follow without gap up to
 * the start of the run.
 */
public final class SlicePlanner {
    /** Planned slices travel in every commit, so there is a bound to them. */
    private static final int MAX_SLICES = 100_000;

    private final SliceSettings settings;

    public SlicePlanner(SliceSettings settings) {
        this.settings = settings;
    }

    /** Returns {@code before} with every slice of a run that starts at {@code runStart} planned. */
    public Progress plan(Progress before, Instant runStart) {
        Progress planned = before;
        for (Partition partition : settings.partitions()) {
            PartitionProgress progress = before.of(partition).orElseGet(() -> PartitionProgress.untouched(partition));
            planned = planned.replace(progress.withSlices(slices(progress, runStart)));
        }
        return planned;
    }

    /** Returns the slices of {@code planned} that are not done, of the partitions that the stream has today. */
    public List<Slice> open(Progress planned) {
        List<Slice> open = new ArrayList<>();
        for (Partition partition : settings.partitions()) {
            planned.of(partition).ifPresent(progress -> progress.slices().stream()
                    .filter(slice -> !slice.done())
                    .forEach(slice -> open.add(new Slice(partition, slice.window()))));
        }
        return open;
    }

    private List<SliceProgress> slices(PartitionProgress progress, Instant runStart) {
        if (!settings.filtered()) {
            // A list without a window shifts between runs, so an unfinished one begins anew.
            return List.of(SliceProgress.planned(null));
        }
        List<SliceProgress> slices = new ArrayList<>(progress.slices());
        slices.removeIf(each -> each.window() == null);
        Instant from = slices.isEmpty() ? first(progress) : end(slices.get(slices.size() - 1));
        Instant to = cap(runStart);
        while (from.isBefore(to)) {
            if (slices.size() == MAX_SLICES) {
                throw new IllegalArgumentException(
                        "window=%s cuts the time from %s to %s into more than %d slices, use a longer one"
                                .formatted(settings.window(), from, to, MAX_SLICES));
            }
            Instant end = settings.window() == null ? to : settings.window().after(from, settings.zone());
            end = end.isAfter(to) ? to : end;
            slices.add(SliceProgress.planned(new Window(from, end)));
            from = end;
        }
        return slices;
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
            return instant.atZone(settings.zone()).truncatedTo(ChronoUnit.DAYS).toInstant();
        }
        return instant.truncatedTo(ChronoUnit.SECONDS);
    }

    private static Instant end(SliceProgress slice) {
        Window window = slice.window();
        if (window == null) {
            throw new IllegalStateException("A slice without a window among slices with one");
        }
        return window.to();
    }
}
