package dev.caravan.run;

import java.util.Locale;

/** What an operator said of a stream. It stands until somebody says otherwise, over restarts too. */
public enum Mode {
    /** Runs when it is due, or when somebody asks for it. */
    ACTIVE,
    /** Does nothing; the run that was interrupted is to go on from its checkpoint when the stream is resumed. */
    PAUSED,
    /** Finishes the run under way, then stops. */
    DRAINING,
    /** Does nothing until it is started. */
    STOPPED;

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Mode named(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
