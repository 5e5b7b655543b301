package dev.caravan.failure;

/** What can be done about a failure. Routes and counters decide on this, never on a message's text. */
public enum Remedy {
    /** Try the same request again after a delay. */
    RETRY,
    /** Hold at the page gate until a named instant, then ask for the same page. */
    WAIT_UNTIL,
    /** Renew the credential once and repeat the same page. */
    REFRESH_AUTH,
    /** Leave out this record, counted as dropped. */
    SKIP_RECORD,
    /** End this slice without rows; the others go on. */
    SKIP_SLICE,
    /** Begin this slice anew: its position is no longer valid. */
    RESTART_SLICE,
    /** Pull this slice in parts: the answer to all of it is too much for the vendor. */
    SPLIT_SLICE,
    /** Ask for the same page again with fewer records on it. */
    SHRINK_PAGE,
    /** Read everything anew: what the stream remembers of its last run is no longer valid. */
    RESYNC,
    /** The answer means that nothing follows. */
    END_OF_DATA,
    /** Nothing helps without a person: fail now. */
    STOP;

    /** Whether it heals without a person and without another request: the vendor is throttling, or in trouble. */
    public boolean isTransient() {
        return this == RETRY || this == WAIT_UNTIL;
    }

    /** Whether nothing but a person, or another definition, makes the same request succeed. */
    public boolean isPermanent() {
        return this == STOP || this == SKIP_SLICE || this == SKIP_RECORD;
    }
}
