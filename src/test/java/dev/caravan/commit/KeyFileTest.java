package dev.caravan.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.lake.Lake;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {
    private static final StreamKey STREAM = new StreamKey("acme", "orders", Origin.REAL);

    private final Path folder;

    KeyFileTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void readsWhatItWrote() throws Exception {
        List<SeenKey> keys = List.of(
                new SeenKey(KeyHash.of("a"), Instant.parse("2026-08-31T01:02:03.004Z")),
                new SeenKey(KeyHash.of("b"), null),
                new SeenKey(KeyHash.of("c"), Instant.EPOCH));

        CommittedKeys committed = publish(keys);

        assertThat(KeyFile.read(STREAM, Lake.on(folder), folder, committed)).isEqualTo(keys);
        assertThat(Files.size(folder.resolve(committed.path()))).isEqualTo(12 + 3 * 24);
        assertThat(committed.count()).isEqualTo(3);
    }

    @Test
    void refusesAFileThatIsNotTheCommittedOne() throws Exception {
        CommittedKeys committed = publish(List.of(new SeenKey(KeyHash.of("a"), null)));
        Path file = folder.resolve(committed.path());
        byte[] bytes = Files.readAllBytes(file);
        bytes[20] ^= 1;
        Files.write(file, bytes);

        assertThatThrownBy(() -> KeyFile.read(STREAM, Lake.on(folder), folder, committed))
                .isInstanceOf(CommitReadException.class)
                .hasMessageContaining("SHA-256");
        Files.delete(file);
        assertThatThrownBy(() -> KeyFile.read(STREAM, Lake.on(folder), folder, committed))
                .hasMessageContaining("is missing");
    }

    @Test
    void tellsKeysAndContentsApart() {
        byte[] content = "bc".getBytes(StandardCharsets.UTF_8);

        assertThat(KeyHash.of("a", content, 0, 2)).isNotEqualTo(KeyHash.of("ab", content, 1, 1));
        assertThat(KeyHash.of("a", content, 0, 0)).isNotEqualTo(KeyHash.of("a"));
        assertThat(KeyHash.of("a", content, 0, 2)).isEqualTo(KeyHash.of("a", content.clone(), 0, 2));
    }

    @Test
    void ordersHashesAsTheirBytes() {
        assertThat(new KeyHash(-1, 0)).isGreaterThan(new KeyHash(1, 0));
        assertThat(new KeyHash(1, -1)).isGreaterThan(new KeyHash(1, 1));
        assertThat(KeyHash.of(new KeyHash(-5, 7).toBytes())).isEqualTo(new KeyHash(-5, 7));
    }

    private CommittedKeys publish(List<SeenKey> keys) throws Exception {
        CommittedKeys committed =
                KeyFile.stage(Lake.on(folder), folder, 1, "r1.keys", keys).at(4);
        Files.createDirectories(folder.resolve("_commits"));
        Files.move(folder.resolve(committed.staged()), folder.resolve(committed.path()));
        return committed;
    }
}
