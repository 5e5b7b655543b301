package dev.caravan.commit;

import static dev.caravan.commit.StreamFixture.candidate;
import static dev.caravan.commit.StreamFixture.draft;
import static dev.caravan.commit.StreamFixture.keys;
import static dev.caravan.commit.StreamFixture.reached;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.batch.Delivery;
import dev.caravan.batch.SealedFile;
import dev.caravan.slice.PartitionProgress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each test stops a run after one step, starts the next run, and compares what is there. */
class RecoveryTest {
    private final StreamFixture stream;
    private long epoch;

    RecoveryTest(@TempDir Path data) {
        this.stream = new StreamFixture(data);
    }

    @BeforeEach
    void commitOneBatch() {
        try (Lease lease = stream.take("r1")) {
            commit(lease, "r1-1", "a");
        }
        epoch = 2;
        stream.log().append(epoch, "r2", Draft.fence(), null);
        stream.store.apply(stream.key, stream.log().last().orElseThrow(), List.of());
    }

    @AfterEach
    void close() {
        stream.close();
    }

    @Test
    void deletesWhatWasStagedOnly() {
        stream.stage(epoch, "r2-1", "{\"id\":\"b\"}");

        Recovered recovered = recover();

        assertThat(recovered.deleted()).isEqualTo(1);
        assertOneBatchAndNoDebris();
    }

    @Test
    void leavesAloneWhatALaterLeaseStaged() {
        stream.stage(epoch + 2, "r4-1", "{\"id\":\"b\"}");
        stream.stage(epoch, "r2-1", "{\"id\":\"c\"}");

        assertThat(recover().deleted()).isEqualTo(1);
        assertThat(stream.names()).anyMatch(name -> name.startsWith("_staging/" + (epoch + 2)));
    }

    @Test
    void deletesWhatWasSealedWithItsKeys() throws Exception {
        stream.stage(epoch, "r2-1", "{\"id\":\"b\"}");
        stream.stageRejects(epoch, "r2-1", "{}");
        KeyFile.stage(stream.lake, stream.folder(), epoch, "r2-1.keys", keys("b"));

        assertThat(recover().deleted()).isEqualTo(3);
        assertOneBatchAndNoDebris();
        assertThat(isNew("b")).isTrue();
    }

    @Test
    void deletesACommitThatNeverGotItsName() throws Exception {
        stream.stage(epoch, "r2-1", "{\"id\":\"b\"}");
        Files.writeString(stream.folder().resolve("_commits/.4711.tmp"), "{\"sequence\":4,\"ep");

        assertThat(recover().deleted()).isEqualTo(2);
        assertOneBatchAndNoDebris();
    }

    @Test
    void publishesWhatWasCommittedOnly() throws Exception {
        commitWithoutPublishing();

        Recovered recovered = recover();

        assertThat(recovered.applied()).isEqualTo(1);
        assertThat(recovered.deleted()).isZero();
        assertTwoBatches();
        assertThat(stream.data.resolve("errors/acme/orders/date=2026-08-31/r2-1.ndjson"))
                .hasContent("{\"reason\":\"x\"}");
    }

    @Test
    void publishesTheRestOfWhatWasPublishedInPart() throws Exception {
        Commit commit = commitWithoutPublishing();
        SealedFile first = commit.files().get(0);
        Files.move(stream.folder().resolve(first.staged()), stream.folder().resolve(first.path()));

        recover();

        assertTwoBatches();
    }

    @Test
    void recordsWhatWasPublishedOnly() throws Exception {
        new Publisher(stream.key, stream.lake, Delivery.NONE).publish(commitWithoutPublishing());

        Recovered recovered = recover();

        assertThat(recovered.applied()).isEqualTo(1);
        assertTwoBatches();
    }

    @Test
    void publishesEvenWhatTheDatabaseKnows() throws Exception {
        stream.store.apply(stream.key, commitWithoutPublishing(), keys("b", "c"));

        assertThat(recover().applied()).isZero();
        assertTwoBatches();
    }

    @Test
    void changesNothingTheSecondTime() throws Exception {
        commitWithoutPublishing();
        recover();
        List<String> names = stream.names();

        Recovered again = recover();

        assertThat(again).isEqualTo(new Recovered(false, 0, 0, List.of(), false, true));
        assertThat(stream.names()).isEqualTo(names);
    }

    @Test
    void rebuildsADatabaseThatIsGone() throws Exception {
        stream.store.close();
        try (Stream<Path> files = Files.list(stream.database().resolveSibling("."))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        stream.store = StateStore.open(stream.database(), StreamFixture.CLOCK);

        try (Lease lease = stream.take("r3")) {
            assertThat(lease.recovered().rebuilt()).isTrue();
            assertThat(lease.epoch()).isEqualTo(3);
        }
        assertOneBatchAndNoDebris();
        assertThat(isNew("a")).isFalse();
    }

    @Test
    void rebuildsADatabaseOfGarbageAndKeepsIt() throws Exception {
        stream.store.close();
        Files.write(
                stream.database(),
                "not a database at all, however long it is".repeat(500).getBytes(StandardCharsets.UTF_8));
        stream.store = StateStore.open(stream.database(), StreamFixture.CLOCK);

        assertThat(isNew("a")).isTrue();
        assertThat(recover().rebuilt()).isTrue();
        assertThat(isNew("a")).isFalse();
        assertOneBatchAndNoDebris();
        try (Stream<Path> files = Files.list(stream.database().resolveSibling("."))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .contains("caravan.db.damaged-20260901T060000Z");
        }
    }

    @Test
    void rebuildsADatabaseThatIsAheadOfTheCommits() throws Exception {
        Files.delete(stream.folder().resolve("_commits/00000000000000000003.json"));

        assertThat(recover().rebuilt()).isTrue();
        assertThat(stream.store.sequence(stream.key)).isEqualTo(2);
        assertThat(isNew("a")).isFalse();
    }

    @Test
    void neverDeletesWhatReadersSee() {
        Path strange = stream.folder().resolve("date=2026-08-31/strange.ndjson.gz");
        StreamFixture.write(strange, new byte[] {1});

        recover();

        assertThat(strange).exists();
    }

    @Test
    void namesACommittedFileThatIsGoneAndGoesOn() throws Exception {
        Commit commit = commitWithoutPublishing();
        Files.delete(stream.folder().resolve(commit.files().get(0).staged()));

        assertThat(recover().missing()).containsExactly("date=2026-08-31/r2-1.ndjson.gz");
        assertThat(stream.store.sequence(stream.key)).isEqualTo(4);
    }

    @Test
    void stopsAtADamagedFileOfKeys() throws Exception {
        Files.write(stream.folder().resolve("_commits/00000000000000000002.keys"), new byte[] {1, 2, 3});
        stream.store.reset(stream.key);

        assertThatThrownBy(this::recover)
                .isInstanceOf(CommitReadException.class)
                .hasMessageContaining("00000000000000000002.keys");
    }

    @Test
    void obeysNoPathThatLeadsOutside() throws Exception {
        stream.log().append(epoch, "r2", draft(), null);
        Path file = stream.folder().resolve("_commits/00000000000000000004.json");
        String files =
                "\"files\":[{\"path\":\"../../../x\",\"staged\":\"_staging/2/y\",\"rows\":1,\"bytes\":1,\"sha256\":\""
                        + "0".repeat(64) + "\"}]";
        Files.writeString(file, Files.readString(file).replace("\"files\":[]", files));

        assertThatThrownBy(this::recover)
                .isInstanceOf(CommitWriteException.class)
                .hasMessageContaining("not inside");
    }

    private Commit commitWithoutPublishing() throws Exception {
        SealedFile file = stream.stage(epoch, "r2-1", "{\"id\":\"b\"}", "{\"id\":\"c\"}");
        SealedFile rejects = stream.stageRejects(epoch, "r2-1", "{\"reason\":\"x\"}");
        StagedKeys staged = KeyFile.stage(stream.lake, stream.folder(), epoch, "r2-1.keys", keys("b", "c"));
        Draft draft = Draft.data("all", List.of(file), List.of(rejects), 1, "d1", reached("p", "r2-1"));
        return stream.log().append(epoch, "r2", draft, staged);
    }

    private void commit(Lease lease, String name, String key) {
        SeenKeys seen = new RunKeys(stream.store, stream.key, KeySet.COUNTING, Remembered.KEY).slice();
        seen.firstSeen(List.of(candidate(key)));
        SealedFile file = stream.stage(lease.epoch(), name, "{\"id\":\"%s\"}".formatted(key));
        new Committer(lease).commit(draft(reached("p", name), file), seen.seal());
    }

    private Recovered recover() {
        Recovery recovery = new Recovery(stream.key, stream.lake, stream.log(), stream.store, Delivery.NONE, epoch + 1);
        recovery.compare();
        return recovery.run(null);
    }

    private boolean isNew(String key) {
        return stream.store
                .seen(stream.key, KeySet.COUNTING, List.of(KeyHash.of(key)))
                .isEmpty();
    }

    private void assertOneBatchAndNoDebris() {
        assertThat(stream.visibleRows()).containsExactly("{\"id\":\"a\"}");
        assertThat(reachedInDatabase()).containsExactly("r1-1");
        assertNoDebris();
    }

    private void assertTwoBatches() {
        assertThat(stream.visibleRows()).containsExactly("{\"id\":\"a\"}", "{\"id\":\"b\"}", "{\"id\":\"c\"}");
        assertThat(reachedInDatabase()).containsExactly("r2-1");
        assertThat(stream.store.sequence(stream.key)).isEqualTo(4);
        assertThat(isNew("a") || isNew("b") || isNew("c")).isFalse();
        assertNoDebris();
    }

    private List<String> reachedInDatabase() {
        return stream.store.progress(stream.key).partitions().stream()
                .map(PartitionProgress::etag)
                .toList();
    }

    private void assertNoDebris() {
        assertThat(stream.folder().resolve("_staging")).doesNotExist();
        assertThat(stream.names()).noneMatch(name -> name.endsWith(".tmp"));
    }
}
