package dev.caravan.commit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.batch.SealedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A state database that something has written to: whatever it forgot must come back from the commits. */
class DamagedDatabaseTest {
    private static final int FLIPS = 40;
    private static final int KEYS = 400;

    private final List<Candidate> candidates = new ArrayList<>();

    private final Path folder;

    DamagedDatabaseTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeEach
    void commitKeys() {
        for (int i = 0; i < KEYS; i++) {
            // Half of them without a cursor, as streams have that read everything every time.
            Instant cursor = i % 2 == 0 ? null : Instant.parse("2026-08-31T01:00:00Z");
            candidates.add(StreamFixture.candidate("order-" + i, "{}", cursor));
        }
        try (StreamFixture stream = new StreamFixture(folder.resolve("whole"));
                Lease lease = stream.take("r1")) {
            SealedFile rows = stream.stage(1, "r1-1", "{\"id\":1}");
            SeenKeys seen = new RunKeys(stream.store, stream.key, KeySet.COUNTING, Remembered.KEY).slice();
            seen.firstSeen(candidates);
            new Committer(lease).commit(StreamFixture.draft(rows), seen.seal());
        }
    }

    @Test
    void noFlippedByteMakesAKeyNewAgain() throws IOException {
        for (int seed = 0; seed < FLIPS; seed++) {
            Path copy = copy("flipped-" + seed);
            Path database = copy.resolve("state/caravan.db");
            byte[] bytes = Files.readAllBytes(database);
            Random random = new Random(seed);
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            Files.write(database, bytes);

            assertEveryKeyIsSeen(copy);
        }
    }

    @Test
    void noTruncationMakesAKeyNewAgain() throws IOException {
        byte[] whole = Files.readAllBytes(folder.resolve("whole/state/caravan.db"));
        for (int eighth = 0; eighth < 8; eighth++) {
            Path copy = copy("truncated-" + eighth);
            Files.write(copy.resolve("state/caravan.db"), Arrays.copyOf(whole, whole.length * eighth / 8));

            assertEveryKeyIsSeen(copy);
        }
    }

    private void assertEveryKeyIsSeen(Path data) {
        try (StreamFixture stream = new StreamFixture(data);
                Lease lease = stream.take("r2")) {
            assertThat(lease.epoch()).isGreaterThan(1);
            SeenKeys seen = new RunKeys(stream.store, stream.key, KeySet.COUNTING, Remembered.KEY).slice();
            assertThat(seen.firstSeen(candidates).cardinality())
                    .as("keys of %s that count as new", data.getFileName())
                    .isZero();
        }
    }

    private Path copy(String name) throws IOException {
        Path whole = folder.resolve("whole");
        Path copy = folder.resolve(name);
        try (Stream<Path> files = Files.walk(whole)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                StreamFixture.write(copy.resolve(whole.relativize(file).toString()), Files.readAllBytes(file));
            }
        }
        return copy;
    }
}
