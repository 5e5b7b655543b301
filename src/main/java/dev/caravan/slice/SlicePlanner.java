package dev.caravan.slice;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

    /**
     * Returns {@code before} with everything planned that a run which starts at {@code runStart} pulls. Partitions that the
     * stream has no more are marked, and forgotten after {@link Progress#ABSENCE}.
     */
    public Progress plan(Progress before, Instant runStart) {
        Progress.Editing planned = new Progress.Editing(before);
        Set<Partition> present = new HashSet<>(settings.partitions());
        for (PartitionProgress known : settings.once() ? List.<PartitionProgress>of() : before.partitions()) {
            if (!present.contains(known.partition())) {
                markAbsent(planned, known, runStart);
            }
        }
        for (Partition partition : settings.partitions()) {
            PartitionProgress progress = planned.known(partition).withAbsent(null);
            planned.put(
                    settings.filtered()
                            ? opened(progress.withWindowsOnly(), runStart)
                            // A list without a window shifts between runs, so an unfinished one begins anew.
                            : progress.withNothingOpen());
        }
        return planned.progress();
    }

    private static void markAbsent(Progress.Editing planned, PartitionProgress known, Instant runStart) {
        Instant since = known.absent();
        if (since == null) {
            planned.put(known.withAbsent(runStart));
        } else if (since.isBefore(runStart.minus(Progress.ABSENCE))) {
            planned.remove(known.partition());
        }
    }

    private PartitionProgress opened(PartitionProgress known, Instant runStart) {
        Instant kept = kept(known.partition(), runStart);
        PartitionProgress aligned = settings.wholeDays() ? inWholeDays(known) : known;
        PartitionProgress progress = kept == null ? aligned : aligned.notBefore(kept);
        return progress.withOpen(open(progress, kept, runStart));
    }

    /**
     * A day that was pulled only so far is pulled again from its beginning on: what is pulled of a day takes the place of all
     * that is there of it.
     */
    private PartitionProgress inWholeDays(PartitionProgress known) {
        Window open = known.open();
        if (open == null) {
            return known;
        }
        ZoneId zone = settings.zone(known.partition());
        return known.withOpen(new Window(startOfDay(open.from(), zone), open.to()))
                .withSlices(window -> startOfDay(window.from(), zone).equals(window.from())
                        && startOfDay(window.to(), zone).equals(window.to()));
    }

    private @Nullable Window open(PartitionProgress progress, @Nullable Instant kept, Instant runStart) {
        Window left = progress.open();
        Instant from = left == null ? first(progress) : left.from();
        if (kept != null && from.isBefore(kept)) {
            from = kept;
        }
        Instant to = cap(progress.partition(), runStart);
        if (left != null && left.to().isAfter(to)) {
            return left;
        }
        return from.isBefore(to) ? new Window(from, to) : null;
    }

    /**
     * Returns the spans that are lost to the stream's partitions: pulled next, had the vendor kept them, and now too old to be
     * asked for. A first run that would begin earlier than anything is kept loses nothing.
     *
     * @param before as a run finds it
     */
    public Map<Partition, Window> lost(Progress before, Instant runStart) {
        Map<Partition, Window> lost = new LinkedHashMap<>();
        for (Partition partition : settings.retention() == null ? List.<Partition>of() : settings.partitions()) {
            PartitionProgress known = before.known(partition);
            Instant kept = Objects.requireNonNull(kept(partition, runStart));
            Window left = known.open();
            Instant from = left == null ? known.checkpoint() : left.from();
            if (from != null && from.isBefore(kept)) {
                lost.put(partition, new Window(from, kept));
            }
        }
        return lost;
    }

    /** Returns from when on the vendor has what it had, null if it keeps all. */
    private @Nullable Instant kept(Partition partition, Instant runStart) {
        Span retention = settings.retention();
        if (retention == null) {
            return null;
        }
        ZoneId zone = settings.zone(partition);
        Instant bound = retention.before(runStart, zone);
        Instant floor = begin(bound, zone);
        // A step that is not kept whole is not asked for: what has gone of it would be missing.
        return floor.equals(bound) ? bound : isOfDays() ? startOfNextDay(bound, zone) : floor.plusSeconds(1);
    }

    /** Returns the slices of {@code planned} that are not done, of the partitions that the stream has today, in order. */
    public List<Slice> open(Progress planned) {
        List<Slice> open = new ArrayList<>();
        if (settings.group() > 1) {
            cutGroups(planned, open);
            return open;
        }
        for (Partition partition : settings.partitions()) {
            if (settings.filtered()) {
                planned.of(partition).ifPresent(progress -> cut(progress, open));
            } else {
                add(open, new Slice(partition, null), null);
            }
        }
        return open;
    }

    /** Only what stands at the same place is put together: each member keeps a checkpoint of its own. */
    private void cutGroups(Progress planned, List<Slice> open) {
        Map<List<@Nullable Window>, List<Partition>> alike = new LinkedHashMap<>();
        for (Partition partition : settings.partitions()) {
            List<@Nullable Window> windows = new ArrayList<>();
            if (settings.filtered()) {
                List<Slice> own = new ArrayList<>();
                planned.of(partition).ifPresent(progress -> cut(progress, own));
                own.forEach(slice -> windows.add(slice.window()));
            } else {
                windows.add(null);
            }
            alike.computeIfAbsent(windows, any -> new ArrayList<>()).add(partition);
        }
        alike.forEach((windows, partitions) -> {
            for (int from = 0; from < partitions.size(); from += settings.group()) {
                int to = Math.min(partitions.size(), from + settings.group());
                Partition group = Partition.group(partitions.subList(from, to));
                windows.forEach(window -> add(open, new Slice(group, window), window));
            }
        });
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
                add(open, new Slice(progress.partition(), window), window);
            }
            from = window.to();
        }
        cut(progress.partition(), from, left.to(), open);
    }

    private void cut(Partition partition, Instant begin, Instant end, List<Slice> open) {
        Instant from = begin;
        while (from.isBefore(end)) {
            Span window = settings.window();
            Instant to = window == null ? end : end(from, window, settings.zone(partition));
            to = to.isAfter(end) ? end : to;
            add(open, new Slice(partition, new Window(from, to)), new Window(from, end));
            from = to;
        }
    }

    private void add(List<Slice> open, Slice slice, @Nullable Window left) {
        if (open.size() < MAX_SLICES) {
            open.add(slice);
            return;
        }
        throw new IllegalArgumentException(
                left == null
                        ? "%,d partitions are more than a run may have, %,d; take fewer of them with 'where', several at once with 'group', or only what is new with 'rows: changed'"
                                .formatted(settings.partitions().size(), MAX_SLICES)
                        : "window=%s cuts the time from %s to %s into more than %d slices, use a longer one"
                                .formatted(settings.window(), left.from(), left.to(), MAX_SLICES));
    }

    /**
     * Returns the two halves of a slice's window that is too large to be pulled whole; empty if it cannot be divided any more.
     * They meet at a second, or at the beginning of a day where requests name days.
     */
    public List<Window> halves(Slice slice) {
        Window window = slice.window();
        if (window == null || !settings.unit().isTime()) {
            return List.of();
        }
        Instant middle = floor(
                window.from().plus(Duration.between(window.from(), window.to()).dividedBy(2)),
                settings.zone(slice.partition()));
        return window.from().isBefore(middle)
                ? List.of(new Window(window.from(), middle), new Window(middle, window.to()))
                : List.of();
    }

    /** Where days are asked for, windows are of whole days: also where a day has 23 hours, or begins at one o'clock. */
    private Instant end(Instant from, Span window, ZoneId zone) {
        Span offset = settings.offset();
        Instant end = offset == null ? window.after(from, zone) : window.next(from, offset, zone);
        Instant whole = begin(end, zone);
        if (whole.isAfter(from)) {
            return isOfDays() ? whole : end;
        }
        return isOfDays() ? startOfNextDay(from, zone) : end;
    }

    private boolean isOfDays() {
        return settings.unit().isDays() || settings.wholeDays();
    }

    private static Instant startOfDay(Instant instant, ZoneId zone) {
        return instant.atZone(zone).toLocalDate().atStartOfDay(zone).toInstant();
    }

    private static Instant startOfNextDay(Instant instant, ZoneId zone) {
        return instant.atZone(zone).toLocalDate().plusDays(1).atStartOfDay(zone).toInstant();
    }

    private Instant first(PartitionProgress progress) {
        Instant checkpoint = progress.checkpoint();
        ZoneId zone = settings.zone(progress.partition());
        return begin(
                checkpoint == null
                        ? settings.extent(progress.partition()).start()
                        : settings.lookback().before(checkpoint, zone),
                zone);
    }

    private Instant cap(Partition partition, Instant runStart) {
        if (!settings.unit().isTime()) {
            return CursorFormat.BEHIND_NUMBERS;
        }
        ZoneId zone = settings.zone(partition);
        Instant cap = floor(settings.lag().before(runStart, zone), zone);
        Instant end = settings.extent(partition).end();
        return end != null && end.isBefore(cap) ? end : cap;
    }

    /** Returns where a slice begins that has an instant in it. */
    private Instant begin(Instant instant, ZoneId zone) {
        return settings.wholeDays() ? startOfDay(instant, zone) : floor(instant, zone);
    }

    private Instant floor(Instant instant, ZoneId zone) {
        return settings.unit().floor(instant, zone);
    }
}
