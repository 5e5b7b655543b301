package dev.caravan.failure;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pull could not go on. Subclasses live beside what they could not do; all carry the remedy.
 *
 * <p>Messages name stream, slice, what was tried and what came back, in that order, and hold no secret and no whole
 * body.
 */
public class PullException extends RuntimeException {
    private final Remedy remedy;
    private final @Nullable Duration retryAfter;

    public PullException(Remedy remedy, String message) {
        this(remedy, message, null, null);
    }

    public PullException(Remedy remedy, String message, @Nullable Throwable cause) {
        this(remedy, message, null, cause);
    }

    public PullException(Remedy remedy, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        super(message, cause);
        this.remedy = remedy;
        this.retryAfter = retryAfter;
    }

    public final Remedy remedy() {
        return remedy;
    }

    /** How long the other side asked us to wait, if it said. */
    public final Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    /** Returns the pull exception at or below {@code failure} in its chain of causes, if there is one. */
    public static Optional<PullException> in(@Nullable Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof PullException found) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }
}
