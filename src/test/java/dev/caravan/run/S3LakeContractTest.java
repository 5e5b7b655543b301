package dev.caravan.run;

import dev.caravan.lake.Address;
import dev.caravan.lake.Bucket;
import dev.caravan.lake.s3.S3Bucket;
import dev.caravan.lake.s3.S3Clients;
import dev.caravan.lake.s3.S3Settings;
import dev.caravan.testkit.FakeS3;
import dev.caravan.testkit.S3Access;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * The contract of sinks, kept by a lake in S3. With {@code -Dcaravan.test-s3=http://127.0.0.1:9090} the store is that one, which
 * has a bucket {@code lake} and takes any key.
 */
class S3LakeContractTest extends ObjectLakeContract {
    private static final String GIVEN = System.getProperty("caravan.test-s3", "");

    @SuppressWarnings("NullAway.Init") // by JUnit
    private static FakeS3 store;

    @SuppressWarnings("NullAway.Init") // by JUnit
    private static S3Client client;

    private static final S3Settings SETTINGS = S3Access.to(null, null, Duration.ofSeconds(20));

    @BeforeAll
    static void open() {
        store = new FakeS3();
        URI uri = GIVEN.isEmpty() ? store.uri() : URI.create(GIVEN);
        client = S3Clients.of(S3Access.to(uri, null, Duration.ofSeconds(20)));
    }

    @AfterAll
    static void close() {
        client.close();
        store.close();
    }

    @Override
    Bucket bucket(String prefix) {
        return new S3Bucket(client, Address.parse("s3://" + FakeS3.BUCKET + "/" + prefix), SETTINGS);
    }

    @Override
    protected int stride() {
        return 13;
    }
}
