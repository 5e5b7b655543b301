package dev.caravan.run;

import dev.caravan.slice.Window;
import org.jspecify.annotations.Nullable;

/**
 * A part of a run that fills batches and commits them, one after the other: what the outer steps of a route see. Used by one
 * thread at a time.
 */
public interface Pull {
    /** Whether another batch follows. False once all is done, paused, or the run's limit is reached. */
    boolean isUnfinished();

    /** Whether another page fits into this batch and may be asked for. */
    boolean isMore();

    /** Writes and seals the batch where nobody reads yet. */
    void write();

    /** Commits the batch. */
    void commit();

    /** Remembers that this part of the run could not go on. */
    void failed(Exception failure);

    /** Returns what it is called: a slice's id, or a file's name. */
    String name();

    /** Leaves it for the next run at its next page border; the others go on. */
    void skip(String by);

    /** Returns where it stands. */
    Whereabouts whereabouts();

    /** Returns the span that it pulls, null if it is none. */
    @Nullable
    Window window();

    /** Returns how much of it is pulled. */
    SliceShare share();

    /** Gives back what memory is still held. */
    void letGo();
}
