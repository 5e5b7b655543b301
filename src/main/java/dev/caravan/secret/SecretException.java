package dev.caravan.secret;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import org.jspecify.annotations.Nullable;

/** A secret cannot be read or kept. The message says what a person has to do and holds no secret. */
public final class SecretException extends PullException {
    SecretException(String message) {
        this(message, null);
    }

    SecretException(String message, @Nullable Throwable cause) {
        super(Remedy.STOP, message, cause);
    }
}
