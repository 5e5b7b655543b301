package dev.caravan.lake.gcs;

import com.google.api.gax.retrying.RetrySettings;
import com.google.auth.Credentials;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.cloud.NoCredentials;
import com.google.cloud.http.HttpTransportOptions;
import com.google.cloud.storage.Storage;
import com.google.cloud.storage.StorageOptions;
import com.google.cloud.storage.StorageRetryStrategy;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Makes clients of Google's library. */
public final class GcsClients {
    private static final List<String> SCOPES = List.of("https://www.googleapis.com/auth/devstorage.read_write");
    private static final int CONNECT_MILLIS = 10_000;
    private static final int READ_MILLIS = 60_000;
    /** Asked for where nothing is said: the library wants one, and requests for objects name none. */
    private static final String NO_PROJECT = "none";

    private GcsClients() {}

    /**
     * Returns a client. It asks nobody before it is used.
     *
     * @throws PullException if there is no credential
     */
    public static Storage of(GcsSettings settings) {
        StorageOptions.Builder options = StorageOptions.newBuilder()
                .setCredentials(credentials(settings))
                .setProjectId(settings.project() == null ? NO_PROJECT : settings.project())
                .setTransportOptions(HttpTransportOptions.newBuilder()
                        .setConnectTimeout(CONNECT_MILLIS)
                        .setReadTimeout(READ_MILLIS)
                        .build())
                // Every request of a lake may be sent twice: those that create carry a condition and a mark.
                .setStorageRetryStrategy(StorageRetryStrategy.getUniformStorageRetryStrategy())
                .setRetrySettings(RetrySettings.newBuilder()
                        .setInitialRetryDelayDuration(Duration.ofMillis(200))
                        .setRetryDelayMultiplier(2)
                        .setMaxRetryDelayDuration(Duration.ofSeconds(10))
                        .setTotalTimeoutDuration(settings.retryFor())
                        .setMaxAttempts(0)
                        .build());
        if (settings.endpoint() != null) {
            options.setHost(settings.endpoint().toString().replaceFirst("/+$", ""));
        }
        return options.build().getService();
    }

    private static Credentials credentials(GcsSettings settings) {
        String said = settings.credentials();
        if (GcsSettings.NONE.equals(said)) {
            return NoCredentials.getInstance();
        }
        try {
            if (said == null) {
                return GoogleCredentials.getApplicationDefault().createScoped(SCOPES);
            }
            try (InputStream in = Files.newInputStream(Path.of(said))) {
                return GoogleCredentials.fromStream(in).createScoped(SCOPES);
            }
        } catch (IOException e) {
            throw new PullException(
                    Remedy.STOP,
                    said == null
                            ? "No credential for Google Cloud Storage: set caravan.gcs.credentials to the file of a service account's key, or GOOGLE_APPLICATION_CREDENTIALS, or run 'gcloud auth application-default login'"
                            : "caravan.gcs.credentials: '%s' is no file of a service account's key: %s"
                                    .formatted(said, e.getClass().getSimpleName()),
                    e);
        }
    }
}
