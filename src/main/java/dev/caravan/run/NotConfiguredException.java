package dev.caravan.run;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;

/** A connection has no credential, so nothing was asked. */
final class NotConfiguredException extends PullException {
    private static final long serialVersionUID = 1L;

    NotConfiguredException(String message) {
        super(Remedy.STOP, message);
    }
}
