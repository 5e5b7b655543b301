package dev.caravan.commit;

import static dev.caravan.commit.StreamFixture.draft;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.batch.SealedFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyTest {
    private static final String FILE = "acme/orders/date=2026-08-31/r1-1.ndjson.gz";

    private final StreamFixture stream;

    VerifyTest(@TempDir Path data) {
        this.stream = new StreamFixture(data);
    }

    @BeforeEach
    void commitRowsAndRejects() {
        try (Lease lease = stream.take("r1")) {
            SealedFile rows = stream.stage(1, "r1-1", "{\"id\":1}", "{\"id\":2}");
            SealedFile rejects = stream.stageRejects(1, "r1-1", "{\"reason\":\"x\"}");
            SeenKeys seen = new RunKeys(stream.store, stream.key, KeySet.COUNTING, Remembered.KEY).slice();
            seen.firstSeen(List.of(StreamFixture.candidate("1"), StreamFixture.candidate("2")));
            Draft draft = Draft.data("all", List.of(rows), List.of(rejects), 1, null, UnaryOperator.identity());
            new Committer(lease).commit(draft, seen.seal());
        }
    }

    @AfterEach
    void close() {
        stream.close();
    }

    @Test
    void countsWhatIsSound() {
        assertThat(verify()).isEqualTo(new Verified(2, 3, 2, 1, List.of()));
    }

    @Test
    void findsAFlippedByte() throws Exception {
        Path file = stream.data.resolve(FILE);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);

        assertProblem(Problem.What.ALTERED, FILE);
        assertThat(verify().rows()).isZero();
    }

    @Test
    void findsBytesAddedAtTheEnd() throws Exception {
        Files.write(stream.data.resolve(FILE), new byte[] {0}, java.nio.file.StandardOpenOption.APPEND);

        assertProblem(Problem.What.ALTERED, FILE);
    }

    @Test
    void findsAMissingFile() throws Exception {
        Files.delete(stream.data.resolve(FILE));
        assertProblem(Problem.What.MISSING, FILE);
    }

    @Test
    void findsMissingKeysAndAlteredRejects() throws Exception {
        Files.delete(stream.folder().resolve("_commits/00000000000000000002.keys"));
        Path rejects = stream.data.resolve("errors/acme/orders/date=2026-08-31/r1-1.ndjson");
        Files.writeString(rejects, "{}\n");

        assertThat(verify().problems())
                .extracting(Problem::what)
                .containsExactly(Problem.What.ALTERED, Problem.What.MISSING);
    }

    @Test
    void findsAFileThatNoCommitNames() {
        StreamFixture.write(stream.folder().resolve("date=2026-08-30/extra.ndjson.gz"), new byte[] {1});
        StreamFixture.write(stream.folder().resolve("date=2026-08-30/_SUCCESS"), new byte[0]);

        assertProblem(Problem.What.UNCOMMITTED, "acme/orders/date=2026-08-30/extra.ndjson.gz");
    }

    @Test
    void findsRowsThatTheCommitDoesNotHave() throws Exception {
        Path commit = stream.folder().resolve("_commits/00000000000000000002.json");
        Files.writeString(commit, Files.readString(commit).replace("\"rows\":2", "\"rows\":3"));

        assertProblem(Problem.What.ALTERED, FILE);
    }

    @Test
    void findsAFileNamedTwice() throws Exception {
        Commit second = stream.log().read(2);
        Path third = stream.folder().resolve("_commits/00000000000000000003.json");
        Files.writeString(third, StateJson.write(second).replace("\"sequence\":2", "\"sequence\":3"));

        assertThat(verify().problems()).extracting(Problem::what).contains(Problem.What.NAMED_TWICE);
    }

    @Test
    void recoversFirstWhereTheLeaseIsFree() {
        SealedFile file = stream.stage(1, "r1-2", "{\"id\":3}");
        stream.log().append(1, "r1", draft(file), null);

        assertThat(verify().problems()).as("committed rows wait in staging").isEmpty();
        assertThat(new Verify(stream.key, stream.lake, StreamFixture.CLOCK).recover(stream.store))
                .isTrue();
        assertThat(stream.data.resolve("acme/orders/" + file.path())).exists();
        assertThat(stream.log().after(0)).as("no fence").hasSize(3);
    }

    @Test
    void leavesARunningPullAlone() {
        try (Lease lease = stream.take("r2")) {
            SealedFile staged = stream.stage(lease.epoch(), "r2-1", "{}");

            assertThat(new Verify(stream.key, stream.lake, StreamFixture.CLOCK).recover(stream.store))
                    .isFalse();
            assertThat(stream.folder().resolve(staged.staged())).exists();
            assertThat(verify().isSound()).isTrue();
        }
    }

    @Test
    void findsNothingWrongWithAStreamThatNeverRan() {
        StreamKey other = new StreamKey("acme", "none", Origin.REAL);
        assertThat(new Verify(other, stream.lake, StreamFixture.CLOCK).recover(stream.store))
                .isFalse();
        assertThat(new Verify(other, stream.lake, StreamFixture.CLOCK).run().isSound())
                .isTrue();
    }

    private Verified verify() {
        return new Verify(stream.key, stream.lake, StreamFixture.CLOCK).run();
    }

    private void assertProblem(Problem.What what, String path) {
        assertThat(verify().problems()).singleElement().satisfies(problem -> {
            assertThat(problem.what()).isEqualTo(what);
            assertThat(problem.path()).isEqualTo(path);
            assertThat(problem.detail()).endsWith(".");
        });
    }
}
