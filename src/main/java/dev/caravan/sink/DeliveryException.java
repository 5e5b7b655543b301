package dev.caravan.sink;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;

/** A commit could not be taken to its table. It counts, nothing of it is there, and the next lease delivers it. */
public final class DeliveryException extends PullException {
    public DeliveryException(String message, Exception cause) {
        super(Remedy.STOP, message, cause);
    }
}
