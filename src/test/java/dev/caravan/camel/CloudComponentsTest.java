package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.cloud.storage.Storage;
import dev.caravan.lake.gcs.GcsClients;
import dev.caravan.lake.gcs.GcsSettings;
import dev.caravan.lake.s3.S3Clients;
import dev.caravan.testkit.FakeGcs;
import dev.caravan.testkit.FakeS3;
import dev.caravan.testkit.S3Access;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;

/** Routes of one's own reach a bucket with the client of the lake, and miss nothing that was left out of the jar. */
class CloudComponentsTest {
    /** Of "one", in Base64. */
    private static final String MD5 = "+XxdKZQb+xsv2rCHSQargg==";

    @Test
    void camelPutsIntoABucketOfS3() throws Exception {
        try (FakeS3 store = new FakeS3();
                S3Client client = S3Clients.of(S3Access.to(store.uri()));
                DefaultCamelContext context = new DefaultCamelContext()) {
            context.getRegistry().bind("s3Client", client);
            context.start();
            context.createProducerTemplate()
                    .sendBodyAndHeaders(
                            "aws2-s3://" + FakeS3.BUCKET,
                            bytes("one"),
                            Map.of("CamelAwsS3Key", "a", "CamelAwsS3ContentMD5", MD5));

            assertThat(store.bytes("a")).isEqualTo(bytes("one"));
        }
    }

    @Test
    void camelPutsIntoABucketOfGoogles() throws Exception {
        try (FakeGcs store = new FakeGcs();
                DefaultCamelContext context = new DefaultCamelContext()) {
            Storage storage =
                    GcsClients.of(new GcsSettings(store.uri(), GcsSettings.NONE, null, null, Duration.ofSeconds(1)));
            context.getRegistry().bind("googleStorage", storage);
            context.start();
            context.createProducerTemplate()
                    .sendBodyAndHeader(
                            "google-storage://" + FakeGcs.BUCKET + "?autoCreateBucket=false",
                            bytes("one"),
                            "CamelGoogleCloudStorageObjectName",
                            "a");

            assertThat(store.bytes("a")).isEqualTo(bytes("one"));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
