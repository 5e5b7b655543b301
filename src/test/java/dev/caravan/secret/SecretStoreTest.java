package dev.caravan.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.testkit.MutableClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretStoreTest {
    private static final String OLD = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    private static final String NEW = "0001020304050607080910111213141516171819202122232425262728293031";

    private final MutableClock clock = new MutableClock("2026-03-01T00:00:00Z");
    private final Path folder;
    private final SecretStore store;

    SecretStoreTest(@TempDir Path temporary) {
        this.folder = temporary.resolve("credentials");
        this.store = new SecretStore(folder, new KeyFile(folder.resolve("key")), clock);
    }

    @Test
    void keepsSecretsSealedAndForTheOwnerOnly() throws IOException {
        store.put("north", "token", "s3cret-of-north");
        store.put("south", "token", "s3cret-of-south");
        store.put("north", "token", "s3cret-of-north-2");

        assertThat(store.read("north", "token")).contains("s3cret-of-north-2");
        assertThat(store.read("south", "token")).contains("s3cret-of-south");
        assertThat(store.read("north", "other")).isEmpty();
        assertThat(text()).doesNotContain("s3cret").contains("north", "token");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("credentials.json"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("key"))))
                .isEqualTo("rw-------");
    }

    @Test
    void sealsTheSameValueDifferentlyEachTime() throws IOException {
        store.put("north", "token", "s3cret");
        String before = text();
        store.put("north", "token", "s3cret");
        assertThat(text()).isNotEqualTo(before);
    }

    @Test
    void tellsNamesAndAgesWithoutTheKey() throws IOException {
        store.put("north", "token", "s3cret");
        Files.delete(folder.resolve("key"));
        assertThat(store.entries())
                .extracting(SecretEntry::connection, SecretEntry::name, SecretEntry::written)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("north", "token", Instant.parse("2026-03-01T00:00:00Z")));
    }

    @Test
    void aSecretMovedToAnotherPlaceDoesNotOpen() throws IOException {
        store.put("north", "token", "s3cret");
        Files.writeString(
                folder.resolve("credentials.json"),
                text().replace("\"connection\" : \"north\"", "\"connection\" : \"south\""));
        assertThatThrownBy(() -> store.read("south", "token"))
                .isInstanceOf(SecretException.class)
                .hasMessageContaining("'token' of south")
                .hasMessageContaining("moved it there");
    }

    @Test
    void anotherKeySaysWhichOneIsMissingAndChangesNothing() throws IOException {
        given(OLD).put("north", "token", "s3cret");
        String before = text();
        assertThatThrownBy(() -> given(NEW).read("north", "token"))
                .isInstanceOf(SecretException.class)
                .hasMessageContaining(
                        "sealed with the key " + StoreKey.parse(OLD, "").id())
                .hasMessageContaining("CARAVAN_KEY does not have (it has: "
                        + StoreKey.parse(NEW, "").id())
                .hasMessageNotContaining(OLD);
        assertThatThrownBy(() -> given(NEW).put("south", "token", "other")).isInstanceOf(SecretException.class);
        assertThat(text()).isEqualTo(before);
    }

    @Test
    void refusesAKeyThatOthersCanRead() throws IOException {
        store.put("north", "token", "s3cret");
        Files.setPosixFilePermissions(folder.resolve("key"), PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> store.read("north", "token"))
                .isInstanceOf(SecretException.class)
                .hasMessageContaining("rw-r-----")
                .hasMessageContaining("chmod 600");
    }

    @Test
    void refusesWhatIsNoKeyWithoutRepeatingIt() {
        assertThatThrownBy(() -> given("hunter2").put("north", "token", "s3cret"))
                .isInstanceOf(SecretException.class)
                .hasMessageContaining("openssl rand -base64 32")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void rotatesToANewKeyAndForgetsTheOld() throws IOException {
        store.put("north", "token", "s3cret");
        store.put("south", "token", "other");
        String old = Files.readString(folder.resolve("key"));
        clock.move(java.time.Duration.ofDays(1));

        assertThat(store.rotate()).isEqualTo(2);

        assertThat(Files.readString(folder.resolve("key"))).isNotEqualTo(old).hasLineCount(1);
        assertThat(store.read("north", "token")).contains("s3cret");
        assertThat(store.entries())
                .extracting(SecretEntry::written)
                .containsOnly(Instant.parse("2026-03-01T00:00:00Z"));
        Files.writeString(folder.resolve("key"), old);
        assertThatThrownBy(() -> store.read("north", "token")).isInstanceOf(SecretException.class);
    }

    @Test
    void aRotationThatWasInterruptedLeavesBothKeys() {
        store.put("north", "token", "s3cret");
        new KeyFile(folder.resolve("key")).renewed();
        assertThat(store.read("north", "token")).contains("s3cret");
        store.put("south", "token", "other");
        assertThat(store.read("south", "token")).contains("other");
        assertThat(store.rotate()).isEqualTo(2);
        assertThat(store.read("north", "token")).contains("s3cret");
    }

    @Test
    void rotatesToAKeyThatIsGivenBeforeTheOld() {
        given(OLD).put("north", "token", "s3cret");
        assertThatThrownBy(() -> given(OLD).rotate()).hasMessageContaining("write the new one before it");
        given(NEW + "," + OLD).rotate();
        assertThat(given(NEW).read("north", "token")).contains("s3cret");
    }

    @Test
    void sealsTextsThatLieElsewhere() {
        String sealed = store.sealed("north", "2:100:https://x.example/?sig=abc");
        assertThat(sealed).startsWith("sealed:").doesNotContain("abc");
        assertThat(store.opened("north", sealed)).isEqualTo("2:100:https://x.example/?sig=abc");
        assertThat(store.opened("north", "2:100:plain")).isEqualTo("2:100:plain");
        assertThatThrownBy(() -> store.opened("south", sealed)).isInstanceOf(SecretException.class);
        assertThatThrownBy(() -> store.opened("north", "sealed:x")).isInstanceOf(SecretException.class);
    }

    @Test
    void removesWithoutTheKey() throws IOException {
        store.put("north", "token", "s3cret");
        Files.delete(folder.resolve("key"));
        assertThat(store.remove("north", "token")).isTrue();
        assertThat(store.remove("north", "token")).isFalse();
        assertThat(store.entries()).isEmpty();
    }

    @Test
    void aDamagedFileIsNotOverwritten() throws IOException {
        store.put("north", "token", "s3cret");
        Files.writeString(folder.resolve("credentials.json"), "{\"secrets\":[{\"connection\"");
        assertThatThrownBy(() -> store.put("north", "other", "x")).hasMessageContaining("is damaged");
        assertThat(text()).startsWith("{\"secrets\":[{\"connection\"");
    }

    @Test
    void manyThreadsKeepEverything() throws Exception {
        List<Thread> threads = java.util.stream.IntStream.range(0, 8)
                .mapToObj(i -> new Thread(() -> store.put("north", "name-" + i, "value-" + i)))
                .toList();
        threads.forEach(Thread::start);
        for (Thread each : threads) {
            each.join();
        }
        assertThat(store.entries()).hasSize(8);
        assertThat(store.read("north", "name-5")).contains("value-5");
    }

    private SecretStore given(String keys) {
        return new SecretStore(folder, new GivenKeys("CARAVAN_KEY", () -> keys), clock);
    }

    private String text() throws IOException {
        return Files.readString(folder.resolve("credentials.json"), StandardCharsets.UTF_8);
    }
}
