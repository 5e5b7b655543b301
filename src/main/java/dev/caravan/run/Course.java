package dev.caravan.run;

import dev.caravan.page.Position;
import dev.caravan.page.SeenPositions;
import dev.caravan.slice.Slice;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Where a slice stands: the page that is asked next, the pages it has read, how often it began anew, and the parts it was
 * split into. For one thread.
 */
final class Course {
    private static final int MAX_RESTARTS = 2;

    private final Position first;
    private final Deque<Slice> parts = new ArrayDeque<>();
    private Slice slice;
    private Position position;
    private @Nullable Position lastWhole;
    private SeenPositions seen = new SeenPositions();
    private boolean resumed;
    private boolean committed;
    private int restarts;
    private long pages;
    private @Nullable Integer pageSize;

    /**
     * @param first where a slice of the stream begins
     * @param resume where this one goes on, null to begin
     * @param counts whether rows of it count before it is done
     */
    Course(Slice slice, Position first, @Nullable Position resume, boolean counts) {
        this.slice = slice;
        this.first = first;
        this.position = resume == null ? first : resume;
        this.resumed = resume != null;
        this.committed = resumed && counts;
    }

    /** Returns the slice, or the part of it that is pulled now. */
    Slice slice() {
        return slice;
    }

    /** Returns the page that is asked next. */
    Position position() {
        return position;
    }

    boolean isAtFirst() {
        return position.equals(first);
    }

    /** Whether no page was read since an earlier run left off here: its position may mean nothing to the API today. */
    boolean isResumed() {
        return resumed;
    }

    /** Whether rows of it count already. */
    boolean isCommitted() {
        return committed;
    }

    void committed() {
        committed = true;
    }

    /** Returns how many records a page is asked to have, null for as many as the settings say. */
    @Nullable
    Integer pageSize() {
        return pageSize;
    }

    void shrink(int records) {
        pageSize = records;
    }

    /**
     * Notes that the page at the position was read.
     *
     * @param content fingerprint of its records, empty for none
     * @throws dev.caravan.page.PaginationLoopException if it was read before
     */
    void visit(OptionalLong content) {
        seen.visit(position, content);
    }

    /** Returns how many pages were read of the part that is pulled now, with the one in hand. */
    long countPage() {
        return ++pages;
    }

    /** Goes on behind the page that was read; null if it was the last. */
    void turn(@Nullable Position next) {
        resumed = false;
        lastWhole = position;
        if (next != null) {
            position = next;
        }
    }

    /** Stands elsewhere, with no page read in between. */
    void move(Position to) {
        position = to;
    }

    /** Begins anew, and returns whether it may: not when it has done so too often. */
    boolean restart() {
        if (++restarts > MAX_RESTARTS) {
            return false;
        }
        rewind();
        return true;
    }

    /** Stands at the beginning again, without counting it as a failure of the slice. */
    void rewind() {
        position = first;
        lastWhole = null;
        resumed = false;
        seen = new SeenPositions();
    }

    /** Goes on with the first of two halves; the other comes later. */
    void split(List<Slice> halves) {
        parts.addFirst(halves.get(1));
        begin(halves.get(0));
    }

    boolean hasParts() {
        return !parts.isEmpty();
    }

    void nextPart() {
        begin(parts.remove());
    }

    private void begin(Slice part) {
        slice = part;
        rewind();
        committed = false;
        restarts = 0;
        pages = 0;
    }

    /** Returns where a later run goes on, by reading the last whole page again if that is asked for. */
    Position resumeAt(boolean lastPageAgain) {
        Position last = lastWhole;
        return last != null && lastPageAgain ? last : position;
    }
}
