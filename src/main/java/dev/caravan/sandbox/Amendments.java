package dev.caravan.sandbox;

import dev.caravan.sandbox.Row.Subject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * What control calls have changed in one list: rows appended behind the computed ones, rows edited, and rows taken away. Immutable, so
 * that a page is computed from one state. Every change is a second later than the one before it, from the end of the
 * last day on. Only what was changed takes memory.
 */
final class Amendments {
    /** Most rows appended to one list, and most edits of it. */
    static final int MOST = 100_000;

    /** A row that was appended; {@code kind} is negative where chance decides. */
    record Appended(long time, int kind, Subject subject) {}

    /** How often a row was edited, and when last. */
    record Edit(int version, long time) {}

    private final long computed;
    private final boolean moving;
    private final List<Appended> appended;
    private final Map<Long, Edit> edits;
    private final Set<Long> removed;
    private final int changes;
    private final long[] gone;
    private final long[] late;

    private Amendments(
            long computed,
            boolean moving,
            List<Appended> appended,
            Map<Long, Edit> edits,
            Set<Long> removed,
            int changes) {
        this.computed = computed;
        this.moving = moving;
        this.appended = appended;
        this.edits = edits;
        this.removed = removed;
        this.changes = changes;
        this.gone = moved().filter(index -> index < computed).sorted().toArray();
        this.late = LongStream.concat(LongStream.range(computed, size()), LongStream.of(gone))
                .boxed()
                .sorted(Comparator.comparingLong(this::changedAt))
                .mapToLong(Long::longValue)
                .toArray();
    }

    /**
     * The state before any change.
     *
     * @param computed how many rows the list is computed with
     * @param moving whether an edit moves a row behind all others
     */
    static Amendments none(long computed, boolean moving) {
        return new Amendments(computed, moving, List.of(), Map.of(), Set.of(), 0);
    }

    Amendments append(int count, int kind, Subject subject) {
        requireRoom(count, appended.size());
        List<Appended> more = new ArrayList<>(appended);
        for (int i = 0; i < count; i++) {
            more.add(new Appended(now() + i, kind, subject));
        }
        return new Amendments(computed, moving, List.copyOf(more), edits, removed, changes + count);
    }

    Amendments edit(long index) {
        requireRoom(1, edits.size());
        Map<Long, Edit> more = new HashMap<>(edits);
        more.put(index, new Edit(version(index) + 1, now()));
        return new Amendments(computed, moving, appended, Map.copyOf(more), removed, changes + 1);
    }

    Amendments remove(long index) {
        requireRoom(1, removed.size());
        Set<Long> more = new HashSet<>(removed);
        more.add(index);
        return new Amendments(computed, moving, appended, edits, Set.copyOf(more), changes);
    }

    boolean isRemoved(long index) {
        return removed.contains(index);
    }

    long size() {
        return computed + appended.size();
    }

    boolean isComputed(long index) {
        return index < computed;
    }

    Appended appended(long index) {
        return appended.get((int) (index - computed));
    }

    int version(long index) {
        Edit edit = edits.get(index);
        return edit == null ? 0 : edit.version();
    }

    /** When the row was last touched, where edits move; {@code origin} elsewhere. */
    long touchedAt(long index, long origin) {
        Edit edit = moving ? edits.get(index) : null;
        return edit == null ? origin : edit.time();
    }

    /** Which row stands at a position in the order of the last touch. */
    long indexAt(long position) {
        long kept = computed - gone.length;
        if (position >= kept) {
            return late[(int) (position - kept)];
        }
        int low = 0;
        int high = gone.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (gone[middle] - middle > position) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return position + low;
    }

    long positionOf(long index) {
        int before = Arrays.binarySearch(gone, index);
        if (index < computed && before < 0) {
            return index + before + 1;
        }
        long position = computed - gone.length;
        for (long candidate : late) {
            if (candidate == index) {
                return position;
            }
            position++;
        }
        throw new IllegalArgumentException("No such row: " + index);
    }

    private LongStream moved() {
        return moving ? edits.keySet().stream().mapToLong(Long::longValue) : LongStream.empty();
    }

    private long changedAt(long index) {
        return touchedAt(index, index < computed ? 0 : appended(index).time());
    }

    private long now() {
        return Sandbox.LAST_DAY_END.getEpochSecond() + changes;
    }

    private static void requireRoom(int more, int already) {
        if (more < 1 || more > MOST - already) {
            throw new IllegalArgumentException("At most %d rows of a list can be changed".formatted(MOST));
        }
    }
}
