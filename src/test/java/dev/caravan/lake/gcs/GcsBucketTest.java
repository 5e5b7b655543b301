package dev.caravan.lake.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.cloud.storage.Storage;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.lake.Address;
import dev.caravan.lake.Bucket;
import dev.caravan.lake.FakeStoreContract;
import dev.caravan.lake.LakeException;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeGcs;
import dev.caravan.testkit.ServiceAccounts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GcsBucketTest extends FakeStoreContract {
    private final FakeGcs store = new FakeGcs();
    private final GcsSettings settings =
            new GcsSettings(store.uri(), GcsSettings.NONE, null, null, Duration.ofSeconds(1));
    private final Storage storage = GcsClients.of(settings);
    private final GcsBucket bucket = new GcsBucket(storage, Address.parse("gs://" + FakeGcs.BUCKET + "/p"), settings);

    @AfterEach
    void close() throws Exception {
        storage.close();
        store.close();
    }

    @Override
    protected Bucket bucket() {
        return bucket;
    }

    @Override
    protected FakeGcs store() {
        return store;
    }

    @Override
    protected boolean creates(String request) {
        return request.startsWith("POST") && request.contains("ifGenerationMatch=0");
    }

    @Test
    void putsALargeFileInSeveralRequestsAndGoesOnAfterOneThatFailed() throws IOException {
        Path large = random((8 << 20) + 12345);
        store.fail(1, request -> request.startsWith("PUT"), 503, "backendError");

        bucket.put("large", large);

        assertThat(store.bytes("p/large")).isEqualTo(Files.readAllBytes(large));
        try (InputStream in = bucket.open("large")) {
            assertThat(in.readAllBytes()).isEqualTo(Files.readAllBytes(large));
        }
    }

    @Test
    void createsByAConditionAndForgetsNothingOfWhatWasLost() throws IOException {
        bucket.create("a", bytes("one"));
        assertThat(store.asked().get(0)).contains("ifGenerationMatch=0");
        store.loseAnswers(1, request -> request.contains("rewriteTo"));
        assertThat(bucket.copy("a", "b/c")).isTrue();
        store.loseAnswers(1, request -> request.startsWith("DELETE"));
        bucket.delete("a");

        assertThat(store.keys("")).containsExactly("p/b/c");
    }

    @Test
    void leavesNothingOfAFileThatCouldNotBePut() throws IOException {
        store.fail(100, request -> request.startsWith("PUT"), 403, "forbidden");

        assertThatThrownBy(() -> bucket.put("large", random(2 << 20))).isInstanceOf(LakeException.class);
        assertThat(store.keys("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            404 | notFound     | STOP  | Create the bucket, or correct caravan.lake.
            401 | authError    | STOP  | Give a credential that is valid
            403 | forbidden    | STOP  | Allow the credential storage.objects.list
            400 | invalid      | STOP  | Look at the settings below caravan.gcs
            """)
    void saysWhatAPersonHasToDo(int status, String reason, Remedy remedy, String advice) {
        store.fail(100, request -> true, status, reason);

        assertTrouble(remedy, advice, "gs://lake/p/x/: LIST was answered with %d".formatted(status));
    }

    @ParameterizedTest
    @CsvSource({"503,backendError", "500,internalError", "429,rateLimitExceeded"})
    void asksAgainWithinItsTimeWhereTheStoreIsBusy(int status, String reason) throws IOException {
        store.fail(2, request -> true, status, reason);
        assertThat(bucket.list("x/", true)).isEmpty();
        assertThat(store.asked()).hasSize(3);

        store.fail(10_000, request -> true, status, reason);
        assertTrouble(Remedy.RETRY, "next run goes on", "LIST was answered with " + status);
        assertThat(store.asked().size()).isBetween(4, 40);
    }

    @Test
    void tellsAWrongClockFromACredentialThatIsGone() throws Exception {
        try (FakeApi google = ServiceAccounts.google()) {
            for (String answer : List.of("clock", "gone")) {
                String key = ServiceAccounts.key(google.url() + "/" + answer);
                Path file = Files.writeString(folder.resolve(answer), key);
                GcsSettings given = new GcsSettings(store.uri(), file.toString(), null, null, Duration.ofSeconds(1));
                Storage client = GcsClients.of(given);
                try {
                    Bucket refused = new GcsBucket(client, Address.parse("gs://lake/p"), given);
                    assertThatThrownBy(() -> refused.put("a", random(10)))
                            .isInstanceOfSatisfying(LakeException.class, e -> {
                                assertThat(e.getMessage())
                                        .contains("gs://lake/p/a: POST was not sent, for there is no token")
                                        .doesNotContain(key.substring(
                                                key.indexOf("KEY-----") + 10, key.indexOf("KEY-----") + 50));
                                assertThat(e.advice())
                                        .contains(
                                                answer.equals("clock")
                                                        ? "Set the clock of this machine"
                                                        : "Renew the credential of caravan.gcs.credentials");
                                assertThat(e.remedy()).isEqualTo(Remedy.STOP);
                            });
                } finally {
                    client.close();
                }
            }
            assertThat(store.asked()).isEmpty();
        }
    }

    @Test
    void namesTheSettingOfACredentialThatIsNone() throws IOException {
        Path file = Files.writeString(folder.resolve("key.json"), "{\"private_key\": \"s3cret\"}");

        assertThatThrownBy(
                        () -> GcsClients.of(new GcsSettings(null, file.toString(), null, null, Duration.ofSeconds(1))))
                .isInstanceOf(PullException.class)
                .hasMessageContaining("caravan.gcs.credentials: '%s' is no file of a service account's key", file)
                .hasMessageNotContaining("s3cret");
    }
}
