package dev.caravan.connection;

import java.io.InterruptedIOException;
import java.time.Duration;

/** A request took longer than all of its answer may take, and was ended wherever it was. */
public final class DeadlineException extends InterruptedIOException {
    public DeadlineException(Duration deadline, Throwable cause) {
        super("no whole answer within %s".formatted(shown(deadline)));
        initCause(cause);
    }

    private static String shown(Duration deadline) {
        return deadline.toMillis() % 1000 == 0 ? deadline.toSeconds() + " s" : deadline.toMillis() + " ms";
    }
}
