package dev.caravan.lake.s3;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Makes clients of the SDK. */
public final class S3Clients {
    private static final Duration LONGEST_ATTEMPT = Duration.ofMinutes(1);
    private static final Duration FIRST_WAIT = Duration.ofMillis(200);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    private static final int CONNECTIONS = 64;

    private S3Clients() {}

    /**
     * Returns a client for a store. It asks nobody before it is used.
     *
     * @throws IllegalArgumentException if the file of certificates cannot be read, or holds none
     */
    public static S3Client of(S3Settings settings) {
        S3ClientBuilder builder = S3Client.builder()
                .credentialsProvider(credentials(settings))
                .forcePathStyle(settings.pathStyle())
                // What only Amazon's own store understands is left out: sums that are sent behind the body, and bodies
                // in
                // signed chunks. Bodies are sent with their Content-MD5 instead, see S3Bucket.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(store -> store.chunkedEncodingEnabled(false))
                .overrideConfiguration(calls -> calls.apiCallTimeout(longest(settings.retryFor()))
                        .apiCallAttemptTimeout(LONGEST_ATTEMPT)
                        .retryStrategy(retries(settings.retryFor())))
                .httpClientBuilder(http(settings));
        if (settings.endpoint() != null) {
            builder.endpointOverride(settings.endpoint());
        }
        if (settings.region() != null) {
            builder.region(Region.of(settings.region()));
        } else if (settings.endpoint() != null) {
            builder.region(Region.US_EAST_1);
        }
        return builder.build();
    }

    /** Waits are as long as planned or shorter, answers take their time on top; then it is enough, whoever is to blame. */
    private static Duration longest(Duration retryFor) {
        return retryFor.multipliedBy(2).plus(LONGEST_ATTEMPT);
    }

    /** Returns after how many attempts the waits between them have taken a time: of each, half of the longest on average. */
    static int attempts(Duration retryFor) {
        int attempts = 1;
        Duration waited = Duration.ZERO;
        for (Duration wait = firstWait(retryFor); waited.compareTo(retryFor) < 0; attempts++) {
            waited = waited.plus(wait.dividedBy(2));
            Duration twice = wait.multipliedBy(2);
            wait = twice.compareTo(LONGEST_WAIT) < 0 ? twice : LONGEST_WAIT;
        }
        return attempts;
    }

    /** Who gives a store little time asks it as often in it. */
    private static Duration firstWait(Duration retryFor) {
        Duration tenth = retryFor.dividedBy(10);
        return tenth.compareTo(FIRST_WAIT) < 0 ? tenth : FIRST_WAIT;
    }

    /** With jitter, and without the SDK's own bound for all requests together: a store that is away is waited for. */
    private static StandardRetryStrategy retries(Duration retryFor) {
        BackoffStrategy waits = BackoffStrategy.exponentialDelay(firstWait(retryFor), LONGEST_WAIT);
        return AwsRetryStrategy.standardRetryStrategy().toBuilder()
                .maxAttempts(attempts(retryFor))
                .backoffStrategy(waits)
                .throttlingBackoffStrategy(waits)
                .circuitBreakerEnabled(false)
                .build();
    }

    private static AwsCredentialsProvider credentials(S3Settings settings) {
        String id = settings.accessKey();
        String key = settings.secretKey();
        if (id == null || key == null) {
            return DefaultCredentialsProvider.builder().build();
        }
        String token = settings.sessionToken();
        return StaticCredentialsProvider.create(
                token == null ? AwsBasicCredentials.create(id, key) : AwsSessionCredentials.create(id, key, token));
    }

    private static ApacheHttpClient.Builder http(S3Settings settings) {
        ApacheHttpClient.Builder http = ApacheHttpClient.builder()
                .maxConnections(CONNECTIONS)
                .connectionTimeout(Duration.ofSeconds(10))
                .connectionAcquisitionTimeout(Duration.ofMinutes(1));
        if (settings.ca() != null) {
            TrustManager[] trusted = trusted(settings);
            http.tlsTrustManagersProvider(() -> trusted);
        }
        return http;
    }

    private static TrustManager[] trusted(S3Settings settings) {
        try (InputStream in = Files.newInputStream(settings.ca())) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca-" + store.size(), each);
            }
            if (store.size() == 0) {
                throw new IllegalArgumentException("ca '%s' holds no PEM certificate".formatted(settings.ca()));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "ca '%s' cannot be read as a file of PEM certificates: %s".formatted(settings.ca(), e), e);
        }
    }
}
