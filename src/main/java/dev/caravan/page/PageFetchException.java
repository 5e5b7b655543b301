package dev.caravan.page;

import dev.caravan.connection.outcome.Outcome;
import dev.caravan.failure.PullException;
import org.jspecify.annotations.Nullable;

/** A page could not be had. */
public final class PageFetchException extends PullException {
    private final Outcome.Failure failure;

    /**
     * @param asked stream, slice and request, without secrets
     * @param failure what came back
     */
    public PageFetchException(String asked, Outcome.Failure failure, @Nullable Throwable cause) {
        super(
                failure.remedy(),
                asked + ": " + failure.message(),
                failure.retryAfter().orElse(null),
                cause);
        this.failure = failure;
    }

    public Outcome.Failure failure() {
        return failure;
    }
}
