package dev.caravan.commit;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a commit does. */
public enum Kind {
    /** Adds rows and moves the resume point of a slice. */
    DATA,
    /** Adds rows to a generation that does not count before its {@link #REPLACE}. */
    PENDING,
    /** Bears the epoch of a new lease, and nothing else. */
    FENCE,
    /** Moves the progress without rows, or says everything that the commits before it say. */
    CHECKPOINT,
    /** Makes a generation count: its files take the place of all before them. */
    REPLACE,
    /** Its files hold the rows of earlier ones, which may go. */
    COMPACT;

    /** Returns the name used in commit files, in lower case. */
    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
