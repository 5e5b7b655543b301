package dev.caravan.commit;

import static dev.caravan.commit.StreamFixture.candidate;
import static dev.caravan.commit.StreamFixture.draft;
import static dev.caravan.commit.StreamFixture.reached;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.batch.SealedFile;
import dev.caravan.slice.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeCheckpointTest {
    private static final int ENOUGH = WholeCheckpoint.EVERY + 20;

    private final StreamFixture stream;

    WholeCheckpointTest(@TempDir Path data) {
        this.stream = new StreamFixture(data);
    }

    @AfterEach
    void close() {
        stream.close();
    }

    @Test
    void keepsTheLogShortAndEveryRow() throws Exception {
        commit("r1", 3 * ENOUGH);

        assertThat(commitFiles()).hasSizeLessThanOrEqualTo(WholeCheckpoint.EVERY + 1);
        assertThat(stream.visibleRows()).hasSize(3 * ENOUGH).doesNotHaveDuplicates();
        assertThat(verify().isSound()).isTrue();
        assertThat(verify().rows()).isEqualTo(3 * ENOUGH);
        Commit first = stream.log().fromWhole().findFirst().orElseThrow();
        assertThat(first.isWhole()).isTrue();
        assertThat(first.files()).hasSizeGreaterThan(ENOUGH);
        assertThat(stream.log().progress())
                .as("what every partition reached, by whichever commit")
                .isEqualTo(stream.store.progress(stream.key))
                .matches(progress -> progress.partitions().size() == 10);
        assertThat(stream.names())
                .as("files of keys are put together")
                .filteredOn(name -> name.endsWith(".keys"))
                .hasSizeLessThan(WholeCheckpoint.EVERY + 5);
    }

    @Test
    void runsThatLandNothingDoNotMakeItGrow() {
        for (int i = 0; i < 2 * ENOUGH; i++) {
            stream.take("r" + i).close();
        }
        assertThat(commitFiles()).hasSizeLessThanOrEqualTo(WholeCheckpoint.EVERY + 1);
        assertThat(stream.log().last().orElseThrow().epoch()).isEqualTo(2 * ENOUGH);
    }

    @Test
    void aLostDatabaseIsRebuiltFromIt() {
        commit("r1", ENOUGH);
        Progress progress = stream.store.progress(stream.key);
        stream.store.prune(stream.key, Instant.parse("2026-08-31T00:30:00Z"));
        commit("r2", ENOUGH);
        stream.store.close();
        deleteDatabase();
        stream.reopen();

        try (Lease lease = stream.take("r3")) {
            assertThat(lease.recovered().rebuilt()).isTrue();
        }
        assertThat(stream.store.progress(stream.key).partitions())
                .hasSize(progress.partitions().size());
        assertThat(stream.store.definition(stream.key)).contains("d1");
        assertThat(stream.store
                        .seen(stream.key, KeySet.COUNTING, hashes("r1", ENOUGH))
                        .cardinality())
                .isEqualTo(ENOUGH);
        assertThat(stream.store
                        .seen(stream.key, KeySet.COUNTING, hashes("r2", ENOUGH))
                        .cardinality())
                .isEqualTo(ENOUGH);
        assertThat(stream.store.prunedBefore(stream.key)).contains(Instant.parse("2026-08-31T00:30:00Z"));
    }

    @Test
    void aCrashBetweenCheckpointAndTrimIsMended() throws Exception {
        commit("r1", WholeCheckpoint.EVERY - 2);
        Path commits = stream.folder().resolve("_commits");
        Path copy = Files.createDirectory(stream.folder().resolve("_copy"));
        try (Stream<Path> files = Files.list(commits)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        commit("r2", 5);
        assertThat(commitFiles()).hasSizeLessThan(20);
        try (Stream<Path> files = Files.list(copy)) {
            for (Path file : files.toList()) {
                Files.move(file, commits.resolve(file.getFileName()));
            }
        }
        Files.delete(copy);

        assertThat(verify().rows()).isEqualTo(WholeCheckpoint.EVERY + 3);
        assertThat(commitFiles()).hasSizeGreaterThan(WholeCheckpoint.EVERY);
        stream.take("r3").close();
        assertThat(commitFiles()).hasSizeLessThan(20);
        assertThat(verify().isSound()).isTrue();
    }

    @Test
    void aRunnerThatSleptWhileTheLogWasTrimmedCommitsNothing() {
        CommitLog sleeper = stream.log();
        sleeper.append(1, "slept", draft(), null);
        for (int i = 2; i < 5; i++) {
            stream.take("r" + i).close();
        }
        commit("r9", ENOUGH);
        List<String> before = stream.names();

        assertThatThrownBy(() -> sleeper.append(1, "slept", draft(), null))
                .isInstanceOf(LeaseLostException.class)
                .hasMessageContaining("run slept (epoch 1) lost its lease")
                .hasMessageContaining("nothing was written");
        assertThat(stream.names()).isEqualTo(before);
    }

    @Test
    void aGenerationCountsWhenItReplacesWhatWasThere() {
        commit("old", 3);
        try (Lease lease = stream.take("new")) {
            Committer committer = new Committer(lease);
            pending(lease, committer, "new-1", "old1");
            assertThat(stream.visibleRows()).hasSize(3).allMatch(row -> row.contains("old"));
            assertThat(stream.store.generation(stream.key)).hasValue(lease.epoch());
            pending(lease, committer, "new-2", "b");
            assertThat(stream.store
                            .seen(stream.key, KeySet.COUNTING, List.of(KeyHash.of("b")))
                            .isEmpty())
                    .isTrue();

            committer.replace(lease.epoch(), "d2", progress -> progress.withUnit("refresh x", Progress.NONE));
        }
        assertThat(stream.visibleRows()).containsExactlyInAnyOrder("{\"id\":\"old1\"}", "{\"id\":\"b\"}");
        assertThat(verify().isSound()).isTrue();
        assertThat(verify().rows()).isEqualTo(2);
        assertThat(stream.names()).noneMatch(name -> name.startsWith("_pending") || name.contains("old"));
        assertThat(stream.store.definition(stream.key)).contains("d2");
        assertThat(stream.store.generation(stream.key)).isEmpty();
        assertThat(seen("old2", "old1", "b")).containsExactly(false, true, true);

        stream.store.close();
        deleteDatabase();
        stream.reopen();
        stream.take("later").close();
        assertThat(seen("old2", "old1", "b")).containsExactly(false, true, true);
    }

    @Test
    void aGenerationSurvivesARestartAndALostDatabase() {
        commit("old", WholeCheckpoint.EVERY - 4);
        long generation;
        try (Lease lease = stream.take("new")) {
            generation = lease.epoch();
            pending(lease, new Committer(lease), "new-1", "a");
        }
        commit("more", 10);
        stream.store.close();
        deleteDatabase();
        stream.reopen();
        try (Lease lease = stream.take("newer")) {
            assertThat(stream.store.generation(stream.key)).hasValue(generation);
            assertThat(stream.store
                            .seen(stream.key, KeySet.PENDING, List.of(KeyHash.of("a")))
                            .get(0))
                    .isTrue();
            new Committer(lease).replace(generation, null, progress -> progress.withUnit("refresh x", Progress.NONE));
        }
        assertThat(stream.visibleRows()).containsExactly("{\"id\":\"a\"}");
        assertThat(verify().isSound()).isTrue();
    }

    @Test
    void aGenerationThatWasGivenUpLeavesNothing() {
        try (Lease lease = stream.take("new")) {
            pending(lease, new Committer(lease), "new-1", "a");
        }
        try (Lease lease = stream.take("reset")) {
            new Committer(lease).commit(Draft.checkpoint(null, Progress::begunAnew));
        }
        stream.take("later").close();
        assertThat(stream.names()).noneMatch(name -> name.startsWith("_pending"));
        assertThat(verify().isSound()).isTrue();
    }

    @Test
    void whatACommitRemovesGoesAndDoesNotComeBack() {
        commit("r1", 3);
        SealedFile first = List.copyOf(Holdings.of(stream.log()).files()).get(0);
        try (Lease lease = stream.take("r2")) {
            new Committer(lease).commit(Draft.removal(List.of(first.path())));
        }
        assertThat(stream.visibleRows()).hasSize(2);
        assertThat(verify().isSound()).isTrue();
        stream.store.close();
        deleteDatabase();
        stream.reopen();
        try (Lease lease = stream.take("r3")) {
            assertThat(lease.recovered().missing()).isEmpty();
        }
        assertThat(stream.visibleRows()).hasSize(2);
    }

    private List<Boolean> seen(String... keys) {
        var seen = stream.store.seen(
                stream.key, KeySet.COUNTING, Stream.of(keys).map(KeyHash::of).toList());
        return IntStream.range(0, keys.length).mapToObj(seen::get).toList();
    }

    private void pending(Lease lease, Committer committer, String name, String id) {
        SealedFile file = stream.stage(lease.epoch(), name, "{\"id\":\"" + id + "\"}");
        SeenKeys seen = new RunKeys(stream.store, stream.key, KeySet.PENDING, Remembered.KEY).slice();
        seen.firstSeen(List.of(candidate(id)));
        UnaryOperator<Progress> unit =
                progress -> progress.withUnit("refresh x", reached(name, "1").apply(progress.unit("refresh x")));
        committer.commit(
                draft(unit, file.at(Committer.place(lease.epoch()) + file.path()))
                        .pending(lease.epoch()),
                seen.seal());
    }

    private void commit(String run, int batches) {
        try (Lease lease = stream.take(run)) {
            Committer committer = new Committer(lease);
            for (int i = 0; i < batches; i++) {
                String id = run + i;
                SealedFile file = stream.stage(lease.epoch(), run + "-" + i, "{\"id\":\"" + id + "\"}");
                SeenKeys seen = new RunKeys(stream.store, stream.key, KeySet.COUNTING, Remembered.KEY).slice();
                seen.firstSeen(List.of(candidate(id)));
                committer.commit(draft(reached("p" + i % 10, id), file), seen.seal());
            }
        }
    }

    private static List<KeyHash> hashes(String run, int batches) {
        return IntStream.range(0, batches).mapToObj(i -> KeyHash.of(run + i)).toList();
    }

    private Verified verify() {
        return new Verify(stream.key, stream.lake, StreamFixture.CLOCK).run();
    }

    private List<String> commitFiles() {
        return stream.names().stream()
                .filter(name -> name.startsWith("_commits/") && name.endsWith(".json"))
                .toList();
    }

    private void deleteDatabase() {
        for (String part : List.of("", "-wal", "-shm")) {
            stream.database().resolveSibling("caravan.db" + part).toFile().delete();
        }
    }
}
