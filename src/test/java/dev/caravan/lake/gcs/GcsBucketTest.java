package dev.caravan.lake.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.cloud.storage.Storage;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.lake.Address;
import dev.caravan.lake.Bucket;
import dev.caravan.lake.LakeException;
import dev.caravan.testkit.FakeGcs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GcsBucketTest {
    private final FakeGcs store = new FakeGcs();
    private final GcsSettings settings =
            new GcsSettings(store.uri(), GcsSettings.NONE, null, null, Duration.ofSeconds(1));
    private final Storage storage = GcsClients.of(settings);
    private final GcsBucket bucket = new GcsBucket(storage, Address.parse("gs://" + FakeGcs.BUCKET + "/p"), settings);

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    Path folder;

    @AfterEach
    void close() throws Exception {
        storage.close();
        store.close();
    }

    @Test
    void createsOnceWhoeverTries() throws IOException {
        assertThat(bucket.create("a", bytes("one"))).isTrue();
        assertThat(bucket.create("a", bytes("two"))).isFalse();
        assertThat(read("a")).isEqualTo("one");
        assertThat(store.keys("")).containsExactly("p/a");
        assertThat(store.asked().get(0)).contains("ifGenerationMatch=0");
    }

    @Test
    void knowsWhatItHasCreatedWhenTheAnswerWasLost() throws IOException {
        store.loseAnswers(1, request -> request.startsWith("POST"));

        assertThat(bucket.create("a", bytes("one"))).isTrue();
        assertThat(store.asked().stream().filter(request -> request.startsWith("POST")))
                .hasSize(2);
        assertThat(bucket.create("a", bytes("one"))).isFalse();
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
    void leavesNothingOfAFileThatCouldNotBePut() throws IOException {
        store.fail(100, request -> request.startsWith("PUT"), 403, "forbidden");

        assertThatThrownBy(() -> bucket.put("large", random(1000))).isInstanceOf(LakeException.class);
        assertThat(store.keys("")).isEmpty();
    }

    @Test
    void copiesAndDeletesAsOftenAsItIsAsked() throws IOException {
        bucket.create("a", bytes("one"));
        store.loseAnswers(1, request -> request.contains("rewriteTo"));
        assertThat(bucket.copy("a", "b/c")).isTrue();
        assertThat(bucket.copy("a", "b/c")).isTrue();
        store.loseAnswers(1, request -> request.startsWith("DELETE"));
        bucket.delete("a");
        bucket.delete("a");

        assertThat(store.keys("")).containsExactly("p/b/c");
        assertThat(bucket.copy("a", "d")).isFalse();
        assertThat(bucket.exists("a")).isFalse();
        assertThatThrownBy(() -> bucket.open("a")).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void listsAllPages() throws IOException {
        for (int i = 0; i < 20; i++) {
            bucket.create("x/date=%d/file".formatted(i), bytes("1"));
            bucket.create("x/%d".formatted(i), bytes("1"));
        }

        assertThat(bucket.list("x/", false)).hasSize(40).anyMatch(each -> each.key()
                .equals("x/date=7/"));
        assertThat(bucket.list("x/", true).stream().map(Bucket.Listed::key))
                .hasSize(40)
                .contains("x/date=7/file", "x/19");
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
    void saysThatNobodyAnswers() {
        store.close();

        assertTrouble(Remedy.RETRY, "Look whether the store can be reached", "LIST was not answered");
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

    private void assertTrouble(Remedy remedy, String advice, String message) {
        assertThatThrownBy(() -> bucket.list("x/", true)).isInstanceOfSatisfying(LakeException.class, e -> {
            assertThat(e.getMessage()).contains(message);
            assertThat(e.remedy()).isEqualTo(remedy);
            assertThat(e.advice()).contains(advice);
        });
    }

    private Path random(int size) throws IOException {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return Files.write(folder.resolve("random-" + size), bytes);
    }

    private String read(String key) throws IOException {
        try (InputStream in = bucket.open(key)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
