package dev.caravan.run;

import com.google.cloud.storage.Storage;
import dev.caravan.lake.Address;
import dev.caravan.lake.Bucket;
import dev.caravan.lake.gcs.GcsBucket;
import dev.caravan.lake.gcs.GcsClients;
import dev.caravan.lake.gcs.GcsSettings;
import dev.caravan.testkit.FakeGcs;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs into a lake in Google Cloud Storage. */
class GcsLakeTest extends LakeContract {
    private final FakeGcs store = new FakeGcs();
    private final GcsSettings settings =
            new GcsSettings(store.uri(), GcsSettings.NONE, null, null, Duration.ofSeconds(1));
    private final Storage storage = GcsClients.of(settings);

    @AfterEach
    void close() throws Exception {
        storage.close();
        store.close();
    }

    @Override
    FakeGcs store() {
        return store;
    }

    @Override
    Bucket bucket() {
        return new GcsBucket(storage, Address.parse("gs://" + FakeGcs.BUCKET + "/lake"), settings);
    }

    @Override
    boolean creates(String request) {
        return request.startsWith("POST") && request.contains("/_commits/");
    }

    @Override
    boolean stages(String request, String stream) {
        return request.startsWith("POST")
                && !request.contains("rewriteTo")
                && request.contains("/acme/%s/_staging/".formatted(stream));
    }

    @Override
    boolean copies(String request) {
        return request.contains("rewriteTo") && request.contains("date");
    }

    @Override
    String scheme() {
        return "gs";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            401 | authError     | Unauthorized  | Give a credential that is valid
            403 | forbidden     | forbidden     | Allow the credential storage.objects.create
            403 | quotaExceeded | quotaExceeded | Raise the quota of the project
            404 | notFound      | notFound      | Create the bucket, or correct caravan.lake.
            """)
    void aStreamThatIsRefusedSaysWhatIsToBeDoneAndOthersGoOn(int status, String reason, String said, String remedy)
            throws IOException {
        assertRefused(status, reason, said, remedy);
    }
}
