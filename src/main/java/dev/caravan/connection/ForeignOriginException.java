package dev.caravan.connection;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;

/** An address that an answer named is not one this connection may ask. */
public final class ForeignOriginException extends PullException {
    ForeignOriginException(String message) {
        super(Remedy.STOP, message);
    }
}
