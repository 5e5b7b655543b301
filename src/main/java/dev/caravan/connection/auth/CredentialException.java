package dev.caravan.connection.auth;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** There is no credential for a request, or none now. */
public class CredentialException extends PullException {
    CredentialException(Remedy remedy, String message) {
        this(remedy, message, null, null);
    }

    CredentialException(Remedy remedy, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        super(remedy, message, retryAfter, cause);
    }
}
