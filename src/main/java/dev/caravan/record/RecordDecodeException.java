package dev.caravan.record;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import org.jspecify.annotations.Nullable;

/**
 * An answer is not what its layout says.
 *
 * <p>Broken bytes may come whole the next time ({@link Remedy#RETRY}; the request must be sent again, not only decoded
 * again). A document of another form will not change by itself ({@link Remedy#STOP}).
 */
public final class RecordDecodeException extends PullException {
    private RecordDecodeException(Remedy remedy, String message, @Nullable Throwable cause) {
        super(remedy, message, cause);
    }

    public static RecordDecodeException broken(String message, @Nullable Throwable cause) {
        return new RecordDecodeException(Remedy.RETRY, "The answer is not one whole JSON document: " + message, cause);
    }

    public static RecordDecodeException unexpected(String message) {
        return new RecordDecodeException(Remedy.STOP, "The answer has another form than expected: " + message, null);
    }
}
