package dev.caravan.run;

import dev.caravan.lake.Address;
import dev.caravan.lake.Bucket;
import dev.caravan.lake.BucketContract;
import dev.caravan.lake.s3.S3Bucket;
import dev.caravan.lake.s3.S3Clients;
import dev.caravan.lake.s3.S3Settings;
import dev.caravan.testkit.S3Access;
import dev.caravan.testkit.S3Mock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * The contracts of buckets and of sinks, kept by a store that others have written. Of many that create an object at the same moment it
 * lets several do so, which is why that is no part of the first.
 */
class S3MockTest {
    private static final String BUCKET = "lake";

    @SuppressWarnings("NullAway.Init") // by JUnit
    private static S3Mock store;

    @SuppressWarnings("NullAway.Init") // by JUnit
    private static S3Settings settings;

    @SuppressWarnings("NullAway.Init") // by JUnit
    private static S3Client client;

    @BeforeAll
    static void open(@TempDir Path folder) {
        store = S3Mock.start(folder, BUCKET);
        settings = S3Access.to(store.uri(), null, Duration.ofSeconds(20));
        client = S3Clients.of(settings);
    }

    @AfterAll
    static void close() {
        client.close();
        store.close();
    }

    private static Bucket below(String prefix) {
        return new S3Bucket(client, Address.parse("s3://" + BUCKET + "/" + prefix), settings);
    }

    @Nested
    class OfABucket extends BucketContract {
        private final Bucket bucket = below("bucket/" + UUID.randomUUID());

        @Override
        protected Bucket bucket() {
            return bucket;
        }
    }

    @Nested
    class OfALake extends ObjectLakeContract {
        @Override
        Bucket bucket(String prefix) {
            return below(prefix);
        }

        @Override
        protected int stride() {
            return 47;
        }
    }
}
