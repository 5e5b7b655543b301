package dev.caravan.run;

import com.google.cloud.storage.Storage;
import dev.caravan.lake.Address;
import dev.caravan.lake.Bucket;
import dev.caravan.lake.gcs.GcsBucket;
import dev.caravan.lake.gcs.GcsClients;
import dev.caravan.lake.gcs.GcsSettings;
import dev.caravan.testkit.FakeGcs;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The contract of sinks, kept by a lake in Google Cloud Storage. With {@code -Dcaravan.test-gcs=http://127.0.0.1:4443} the store is
 * that one, which has a bucket {@code lake} and asks for no credential.
 */
class GcsLakeContractTest extends ObjectLakeContract {
    private static final String GIVEN = System.getProperty("caravan.test-gcs", "");

    @SuppressWarnings("NullAway.Init") // by JUnit
    private static FakeGcs store;

    @SuppressWarnings("NullAway.Init") // by JUnit
    private static GcsSettings settings;

    @SuppressWarnings("NullAway.Init") // by JUnit
    private static Storage storage;

    @BeforeAll
    static void open() {
        store = new FakeGcs();
        URI uri = GIVEN.isEmpty() ? store.uri() : URI.create(GIVEN);
        settings = new GcsSettings(uri, GcsSettings.NONE, null, null, Duration.ofSeconds(20));
        storage = GcsClients.of(settings);
    }

    @AfterAll
    static void close() throws Exception {
        storage.close();
        store.close();
    }

    @Override
    Bucket bucket(String prefix) {
        return new GcsBucket(storage, Address.parse("gs://" + FakeGcs.BUCKET + "/" + prefix), settings);
    }

    @Override
    protected int stride() {
        return 29;
    }
}
