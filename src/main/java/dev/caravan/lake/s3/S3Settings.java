package dev.caravan.lake.s3;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a store is reached that speaks the language of S3.
 *
 * @param region region of the bucket, null for what the SDK finds: {@code AWS_REGION}, the profile or the machine; with an
 *     endpoint, {@code us-east-1}
 * @param endpoint address of a store that is not Amazon's, without a path; null for Amazon's
 * @param pathStyle whether the bucket stands in the path rather than in the host's name
 * @param ca file of PEM certificates that are trusted in place of the system's; null for those
 * @param accessKey id of a key, null for the SDK's chain: environment, profile, web identity, container, instance
 * @param secretKey the key; secret
 * @param sessionToken of temporary credentials, null for a key of one's own; secret
 * @param encryption {@code sse-s3} or {@code sse-kms}; null for what the bucket says
 * @param kmsKey id or ARN of the key for {@code sse-kms}; null for the account's usual one
 * @param partBytes size from which files are put in parts, and of each part, 5 MB to 5 GB
 * @param retryFor how long one request is tried again while the store is unavailable
 */
public record S3Settings(
        @Nullable String region,
        @Nullable URI endpoint,
        boolean pathStyle,
        @Nullable Path ca,
        @Nullable String accessKey,
        @Nullable String secretKey,
        @Nullable String sessionToken,
        @Nullable String encryption,
        @Nullable String kmsKey,
        long partBytes,
        Duration retryFor) {
    private static final long SMALLEST_PART = 5L << 20;
    private static final long LARGEST_PART = 5L << 30;
    private static final Duration SHORTEST = Duration.ofMillis(200);
    private static final Set<String> ENCRYPTIONS = Set.of("sse-s3", "sse-kms");

    public S3Settings {
        if (endpoint != null && !isOrigin(endpoint)) {
            throw new IllegalArgumentException(
                    "endpoint '%s' is no address of a store: write https://host or https://host:port"
                            .formatted(endpoint.getHost() == null ? endpoint : endpoint.getHost()));
        }
        if ((accessKey == null) != (secretKey == null)) {
            throw new IllegalArgumentException(
                    "access-key and secret-key are given together, or neither, for the SDK's own chain");
        }
        if (sessionToken != null && accessKey == null) {
            throw new IllegalArgumentException("session-token goes with access-key and secret-key");
        }
        if (encryption != null && !ENCRYPTIONS.contains(encryption)) {
            throw new IllegalArgumentException(
                    "encryption '%s' is none of sse-s3 and sse-kms; leave it out for what the bucket says"
                            .formatted(encryption));
        }
        if (kmsKey != null && !"sse-kms".equals(encryption)) {
            throw new IllegalArgumentException("kms-key goes with encryption sse-kms");
        }
        if (partBytes < SMALLEST_PART || partBytes > LARGEST_PART) {
            throw new IllegalArgumentException(
                    "part-size of %,d bytes is not between 5MB and 5GB".formatted(partBytes));
        }
        if (retryFor.compareTo(SHORTEST) < 0 || retryFor.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("retry-for is not between 200ms and 1h: " + retryFor);
        }
    }

    private static boolean isOrigin(URI address) {
        String scheme = address.getScheme();
        String path = address.getRawPath();
        return scheme != null
                && Set.of("http", "https").contains(scheme.toLowerCase(Locale.ROOT))
                && address.getHost() != null
                && address.getRawUserInfo() == null
                && address.getRawQuery() == null
                && (path == null || path.isEmpty() || path.equals("/"));
    }

    /** Shows no secret. */
    @Override
    public String toString() {
        return "S3Settings[region=%s, endpoint=%s, credential=%s]"
                .formatted(region, endpoint, accessKey == null ? "the SDK's" : "given");
    }
}
