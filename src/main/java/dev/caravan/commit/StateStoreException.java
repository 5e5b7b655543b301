package dev.caravan.commit;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import org.jspecify.annotations.Nullable;

/** The state database did not answer. Commits are not in danger: it is brought up to them by the next lease. */
public final class StateStoreException extends PullException {
    StateStoreException(String message, @Nullable Throwable cause) {
        super(Remedy.STOP, message, cause);
    }
}
