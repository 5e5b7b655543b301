package dev.caravan.testkit;

import dev.caravan.lake.s3.S3Settings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How tests get at a store that is not Amazon's: with any key, files in parts from the least size on. */
public final class S3Access {
    /** How long a store is asked again that is to be given up soon. */
    public static final Duration SHORTLY = Duration.ofMillis(200);

    private S3Access() {}

    /** Returns it for a store that is given up soon. */
    public static S3Settings to(@Nullable URI store) {
        return to(store, null, SHORTLY);
    }

    /**
     * @param ca certificates that are trusted, null for the system's
     * @param retryFor how long one request is tried again
     */
    public static S3Settings to(@Nullable URI store, @Nullable Path ca, Duration retryFor) {
        return new S3Settings(null, store, true, ca, "test-id", "test-key", null, null, null, 5 << 20, retryFor);
    }
}
