package dev.caravan.lake.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.failure.Remedy;
import dev.caravan.lake.Address;
import dev.caravan.lake.LakeException;
import dev.caravan.testkit.Certificates;
import dev.caravan.testkit.FakeS3;
import dev.caravan.testkit.S3Access;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

/** A store whose certificate is signed by somebody of whom the system knows nothing. */
class S3TlsTest {
    @SuppressWarnings("NullAway.Init") // by JUnit
    private static Certificates certificates;

    @BeforeAll
    static void make(@TempDir Path folder) {
        certificates = new Certificates(folder);
    }

    private interface Work {
        void with(S3Bucket bucket) throws IOException;
    }

    private static void with(SSLContext server, @Nullable Path ca, Work work) throws IOException {
        try (FakeS3 store = new FakeS3(server)) {
            S3Settings settings = S3Access.to(store.uri(), ca, S3Access.SHORTLY);
            try (S3Client client = S3Clients.of(settings)) {
                work.with(new S3Bucket(client, Address.parse("s3://lake/p"), settings));
            }
        }
    }

    @Test
    void isTrustedByTheFileOfItsCertificates(@TempDir Path folder) throws IOException {
        byte[] large = new byte[(5 << 20) + 1];
        new Random(1).nextBytes(large);
        Path file = Files.write(folder.resolve("large"), large);

        with(certificates.good(), certificates.pem(), bucket -> {
            assertThat(bucket.create("a", new byte[] {1})).isTrue();
            assertThat(bucket.create("a", new byte[] {2})).isFalse();
            bucket.put("large", file);
            try (InputStream in = bucket.open("large")) {
                assertThat(in.readAllBytes()).isEqualTo(large);
            }
        });
    }

    @Test
    void isRefusedWithoutThatFileOrWithTheNameOfAnother() throws IOException {
        with(certificates.selfSigned(), null, S3TlsTest::assertRefused);
        with(certificates.foreign(), certificates.pem(), S3TlsTest::assertRefused);
    }

    private static void assertRefused(S3Bucket bucket) {
        assertThatThrownBy(() -> bucket.create("a", new byte[] {1})).isInstanceOfSatisfying(LakeException.class, e -> {
            assertThat(e.getMessage()).contains("s3://lake/p/a: PUT was not answered");
            assertThat(e.remedy()).isEqualTo(Remedy.STOP);
            assertThat(e.advice()).contains("Set caravan.s3.ca to a file with the certificate");
        });
    }
}
