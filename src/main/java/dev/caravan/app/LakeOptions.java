package dev.caravan.app;

import dev.caravan.lake.Address;
import dev.caravan.lake.gcs.GcsSettings;
import dev.caravan.lake.s3.S3Settings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Where rows, commits, keys and rejects lie, if not in the folder that {@code caravan.data} names.
 *
 * @param lake address of a bucket, {@code s3://bucket/prefix} or {@code gs://bucket/prefix}; state, locks and reports stay below {@code caravan.data}
 * @param s3 how a lake in S3 is reached
 * @param gcs how a lake in Google Cloud Storage is reached
 */
@ConfigurationProperties("caravan")
record LakeOptions(
        @Nullable String lake,
        @DefaultValue S3Options s3,
        @DefaultValue GcsOptions gcs) {
    public LakeOptions {
        address(lake);
        s3.settings();
        gcs.settings();
    }

    /** The bucket that is the lake; empty if it is the folder of the data. */
    public Optional<Address> address() {
        return address(lake);
    }

    private static Optional<Address> address(@Nullable String lake) {
        if (lake == null || lake.isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Address.parse(lake));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("caravan.lake: " + e.getMessage());
        }
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }

    /**
     * How a lake in S3 is reached.
     *
     * @param region region of the bucket; without one, what {@code AWS_REGION}, the profile or the machine says
     * @param endpoint address of a store that is not Amazon's, {@code https://host:port}
     * @param pathStyle whether the bucket stands in the path rather than in the host's name
     * @param ca file of PEM certificates that are trusted in place of the system's
     * @param accessKey id of a key; without one, what the AWS SDK finds: environment, profile, web identity, container, instance
     * @param secretKey the key; secret
     * @param sessionToken of temporary credentials; secret
     * @param encryption {@code sse-s3} or {@code sse-kms}; without it, what the bucket says
     * @param kmsKey id or ARN of the key for {@code sse-kms}
     * @param partSize size from which files are put in parts, and of each part
     * @param retryFor how long one request is tried again while the store is unavailable
     */
    public record S3Options(
            @Nullable String region,
            @Nullable URI endpoint,
            @DefaultValue("false") boolean pathStyle,
            @Nullable Path ca,
            @Nullable String accessKey,
            @Nullable String secretKey,
            @Nullable String sessionToken,
            @Nullable String encryption,
            @Nullable String kmsKey,
            @DefaultValue("16MB") DataSize partSize,
            @DefaultValue("2m") Duration retryFor) {
        /**
         * Returns the same, checked.
         *
         * @throws IllegalArgumentException naming the setting, its value and what would be right
         */
        public S3Settings settings() {
            try {
                return new S3Settings(
                        blankToNull(region),
                        endpoint,
                        pathStyle,
                        ca,
                        blankToNull(accessKey),
                        blankToNull(secretKey),
                        blankToNull(sessionToken),
                        blankToNull(encryption),
                        blankToNull(kmsKey),
                        partSize.toBytes(),
                        retryFor);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("caravan.s3." + e.getMessage());
            }
        }

        /** Shows no secret. */
        @Override
        public String toString() {
            return "S3Options[region=%s, endpoint=%s]".formatted(region, endpoint);
        }
    }

    /**
     * How a lake in Google Cloud Storage is reached.
     *
     * @param endpoint address of a store that speaks its language, {@code https://host:port}
     * @param credentials file of a service account's key, or {@code none} for a store that asks for none; without it, the application
     *     default credentials
     * @param project project that requests are made for
     * @param kmsKey name of the key that objects are encrypted with, {@code projects/…/cryptoKeys/…}
     * @param retryFor how long one request is tried again while the store is unavailable
     */
    public record GcsOptions(
            @Nullable URI endpoint,
            @Nullable String credentials,
            @Nullable String project,
            @Nullable String kmsKey,
            @DefaultValue("2m") Duration retryFor) {
        /**
         * Returns the same, checked.
         *
         * @throws IllegalArgumentException naming the setting, its value and what would be right
         */
        public GcsSettings settings() {
            try {
                return new GcsSettings(
                        endpoint, blankToNull(credentials), blankToNull(project), blankToNull(kmsKey), retryFor);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("caravan.gcs." + e.getMessage());
            }
        }
    }
}
