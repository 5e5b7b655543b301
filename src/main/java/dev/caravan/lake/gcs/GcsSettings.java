package dev.caravan.lake.gcs;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How Google Cloud Storage is reached.
 *
 * @param endpoint address of a store that speaks its language, without a path; null for Google's
 * @param credentials file of a service account's key, or {@code none} for a store that asks for none; null for the application
 *     default credentials: {@code GOOGLE_APPLICATION_CREDENTIALS}, {@code gcloud auth application-default login}, or the machine's
 * @param project project that requests are billed to, null for the bucket's own
 * @param kmsKey name of the key that objects are encrypted with, {@code projects/…/cryptoKeys/…}; null for what the bucket says
 * @param retryFor how long one request is tried again while the store is unavailable
 */
public record GcsSettings(
        @Nullable URI endpoint,
        @Nullable String credentials,
        @Nullable String project,
        @Nullable String kmsKey,
        Duration retryFor) {
    /** Says that no credential is sent. */
    public static final String NONE = "none";

    public GcsSettings {
        if (endpoint != null
                && (endpoint.getScheme() == null
                        || endpoint.getHost() == null
                        || endpoint.getRawUserInfo() != null
                        || endpoint.getRawQuery() != null)) {
            throw new IllegalArgumentException(
                    "endpoint '%s' is no address of a store: write https://host or https://host:port"
                            .formatted(endpoint.getHost() == null ? endpoint : endpoint.getHost()));
        }
        if (kmsKey != null && !kmsKey.startsWith("projects/")) {
            throw new IllegalArgumentException(
                    "kms-key '%s' is no name of a key: projects/P/locations/L/keyRings/R/cryptoKeys/K"
                            .formatted(kmsKey));
        }
        if (retryFor.compareTo(Duration.ofSeconds(1)) < 0 || retryFor.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("retry-for is not between 1s and 1h: " + retryFor);
        }
    }
}
