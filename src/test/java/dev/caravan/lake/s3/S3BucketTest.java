package dev.caravan.lake.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.failure.Remedy;
import dev.caravan.lake.Address;
import dev.caravan.lake.Bucket;
import dev.caravan.lake.FakeStoreContract;
import dev.caravan.lake.LakeException;
import dev.caravan.lake.ObjectLake;
import dev.caravan.testkit.FakeS3;
import dev.caravan.testkit.ForwardingBucket;
import dev.caravan.testkit.S3Access;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.s3.S3Client;

class S3BucketTest extends FakeStoreContract {
    private static final int PART = 5 << 20;

    private final FakeS3 store = new FakeS3();
    private final S3Settings settings = settings(store.uri(), null);
    private final S3Client client = S3Clients.of(settings);
    private final S3Bucket bucket = new S3Bucket(client, address("p"), settings);

    @AfterEach
    void close() {
        client.close();
        store.close();
    }

    @Override
    protected Bucket bucket() {
        return bucket;
    }

    @Override
    protected FakeS3 store() {
        return store;
    }

    @Override
    protected boolean creates(String request) {
        return request.startsWith("PUT");
    }

    private static S3Settings settings(URI endpoint, @Nullable String encryption) {
        return new S3Settings(
                null,
                endpoint,
                true,
                null,
                "test-id",
                "test-key",
                null,
                encryption,
                "sse-kms".equals(encryption) ? "alias/lake" : null,
                PART,
                S3Access.SHORTLY);
    }

    private static Address address(String prefix) {
        return Address.parse("s3://" + FakeS3.BUCKET + "/" + prefix);
    }

    @Test
    void asksAgainWhereTwoCreateAtTheSameMoment() throws IOException {
        store.fail(2, request -> request.startsWith("PUT"), 409, "ConditionalRequestConflict");

        assertThat(bucket.create("a", bytes("one"))).isTrue();
    }

    @Test
    void refusesAStoreThatOverwritesWhatIsThere() {
        Bucket careless = new Careless(bucket);

        assertThatThrownBy(() -> new ObjectLake(folder, careless)
                        .create(folder.resolve("acme/orders/_commits/1.json"), bytes("{}")))
                .isInstanceOf(LakeException.class)
                .hasMessageContaining("was created twice")
                .extracting(e -> ((LakeException) e).advice())
                .asString()
                .contains("does not honour the condition that an object is new (If-None-Match: *");
        assertThat(store.keys("p/acme")).isEmpty();
    }

    /** A store that does not know conditions. */
    private static final class Careless extends ForwardingBucket {
        Careless(Bucket bucket) {
            super(bucket);
        }

        @Override
        public boolean create(String key, byte[] bytes) throws IOException {
            bucket.delete(key);
            return bucket.create(key, bytes);
        }
    }

    @Test
    void putsALargeFileInParts() throws IOException {
        Path large = random(2 * PART + 12345);

        bucket.put("large", large);

        assertThat(store.bytes("p/large")).isEqualTo(Files.readAllBytes(large));
        assertThat(store.asked().stream().filter(request -> request.contains("partNumber")))
                .hasSize(3);
        assertThat(store.openUploads()).isZero();
    }

    @Test
    void repeatsAPartThatFailed() throws IOException {
        Path large = random(PART + 1);
        store.fail(2, request -> request.contains("partNumber=2"), 503, "SlowDown");

        bucket.put("large", large);

        assertThat(store.bytes("p/large")).isEqualTo(Files.readAllBytes(large));
    }

    @Test
    void takesA200WithAnErrorForAnError() throws IOException {
        Path large = random(PART + 1);
        store.fail(100, request -> request.startsWith("POST") && request.contains("uploadId"), 200, "InternalError");

        assertThatThrownBy(() -> bucket.put("large", large))
                .isInstanceOf(LakeException.class)
                .hasMessageContaining("s3://lake/p/large: POST (complete parts)");
        assertThat(bucket.exists("large")).isFalse();
        assertThat(store.openUploads()).isZero();
    }

    @Test
    void takesACopyThatFailsWith200ForAnError() throws IOException {
        bucket.create("a", bytes("one"));
        store.fail(1, request -> request.startsWith("PUT /lake/p/b"), 200, "InternalError");

        assertThat(bucket.copy("a", "b")).isTrue();
        assertThat(read("b")).isEqualTo("one");
    }

    @Test
    void completesOnceWhenTheAnswerWasLost() throws IOException {
        Path large = random(PART + 1);
        store.loseAnswers(1, request -> request.startsWith("POST") && request.contains("uploadId"));

        bucket.put("large", large);

        assertThat(store.bytes("p/large")).isEqualTo(Files.readAllBytes(large));
    }

    @Test
    void copiesInPartsWhatIsTooLargeForOneRequest() throws IOException {
        Path large = random(2 * PART + 12345);
        S3Bucket small = new S3Bucket(client, address("p"), settings, PART);
        small.put("large", large);
        store.copyAtMost(PART + 1);
        store.fail(1, request -> request.contains("/copy?") && request.contains("partNumber=2"), 503, "SlowDown");

        assertThat(small.copy("large", "copy")).isTrue();

        assertThat(store.bytes("p/copy")).isEqualTo(Files.readAllBytes(large));
        assertThat(store.openUploads()).isZero();
        store.fail(1, request -> request.contains("/second?") && request.contains("partNumber=2"), 403, "AccessDenied");
        assertThatThrownBy(() -> small.copy("large", "second"))
                .isInstanceOf(LakeException.class)
                .hasMessageContaining("s3://lake/p/second: COPY (part 2) was answered with 403 AccessDenied");
        assertThat(store.openUploads()).isZero();
        assertThat(store.keys("p/second")).isEmpty();
    }

    @Test
    void saysWhatIsWrongWithACopyThatIsRefusedForAnotherReason() throws IOException {
        bucket.create("a", bytes("one"));
        store.copyAtMost(1);

        assertThatThrownBy(() -> bucket.copy("a", "b"))
                .isInstanceOf(LakeException.class)
                .hasMessageContaining("s3://lake/p/b: COPY was answered with 400 InvalidRequest");
    }

    @Test
    void takesBackAnUploadThatFailed() throws IOException {
        store.fail(1, request -> request.contains("partNumber=2"), 403, "AccessDenied");

        assertThatThrownBy(() -> bucket.put("large", random(PART + 1))).isInstanceOf(LakeException.class);
        assertThat(store.openUploads()).isZero();
        assertThat(store.keys("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"sse-s3,AES256", "sse-kms,aws:kms"})
    void encryptsWhatItPutsAndCopies(String encryption, String header) throws IOException {
        S3Bucket encrypted = new S3Bucket(client, address("p"), settings(store.uri(), encryption));
        encrypted.create("a", bytes("one"));
        encrypted.put("b", random(100));
        encrypted.put("c", random(PART + 1));
        encrypted.copy("a", "d");

        assertThat(store.keys("p/")).hasSize(4).allSatisfy(key -> assertThat(
                        store.header(key, "x-amz-server-side-encryption"))
                .isEqualTo(header));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            404 | NoSuchBucket          | STOP  | Create the bucket, or correct caravan.lake.
            403 | AccessDenied          | STOP  | Allow the credential s3:ListBucket
            403 | InvalidAccessKeyId    | STOP  | Give a credential that is valid
            403 | SignatureDoesNotMatch | STOP  | Give a credential that is valid
            400 | ExpiredToken          | STOP  | Renew the credential
            403 | RequestTimeTooSkewed  | STOP  | Set the clock of this machine
            400 | AuthorizationHeaderMalformed | STOP | Set caravan.s3.region
            301 | Moved                 | STOP  | Set caravan.s3.region
            507 | XMinioStorageFull     | STOP  | Free some space
            501 | NotImplemented        | STOP  | conditional puts
            """)
    void saysWhatAPersonHasToDo(int status, String code, Remedy remedy, String advice) {
        store.fail(100, request -> true, status, code);

        assertTrouble(remedy, advice, "s3://lake/p/x/: LIST was answered with %d %s".formatted(status, code));
    }

    @ParameterizedTest
    @CsvSource({"503,SlowDown", "500,InternalError", "429,TooManyRequests"})
    void asksAgainWithinItsTimeWhereTheStoreIsBusy(int status, String code) throws IOException {
        store.fail(2, request -> true, status, code);
        assertThat(bucket.list("x/", true)).isEmpty();
        assertThat(store.asked()).hasSize(3);
    }

    @Test
    void givesUpWhenItsTimeIsOver() {
        store.fail(10_000, request -> true, 503, "SlowDown");

        assertTrouble(Remedy.RETRY, "next run goes on", "s3://lake/p/x/: LIST was answered with 503 SlowDown");
        assertThat(store.asked()).hasSize(S3Clients.attempts(S3Access.SHORTLY));
        assertThat(S3Clients.attempts(Duration.ofMinutes(2))).isBetween(20, 40);
    }
}
