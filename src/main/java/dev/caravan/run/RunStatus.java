package dev.caravan.run;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How a run ended. */
public enum RunStatus {
    /** Every slice is done. */
    DONE(0),
    /** Nothing of what was open could be finished. */
    FAILED(1),
    /** Some slices are done, others failed. */
    PARTIAL(4),
    /** Stopped at a page border with a checkpoint; the next run goes on there. */
    PAUSED(3),
    /** Another process holds the stream's lease. */
    HELD(5),
    /** The connection has no credential. */
    NOT_CONFIGURED(2);

    private final int exitCode;

    RunStatus(int exitCode) {
        this.exitCode = exitCode;
    }

    /** Exit code of a command whose only run ended like this. */
    public int exitCode() {
        return exitCode;
    }

    @JsonValue
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
