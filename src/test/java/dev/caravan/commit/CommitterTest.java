package dev.caravan.commit;

import static dev.caravan.commit.StreamFixture.candidate;
import static dev.caravan.commit.StreamFixture.draft;
import static dev.caravan.commit.StreamFixture.reached;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.batch.SealedFile;
import dev.caravan.slice.PartitionProgress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommitterTest {
    private static final int BATCHES = 15;

    private final StreamFixture stream;

    CommitterTest(@TempDir Path data) {
        this.stream = new StreamFixture(data);
    }

    @AfterEach
    void close() {
        stream.close();
    }

    @Test
    void commitsParallelSlicesExactlyOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (Lease lease = stream.take("r1")) {
            Committer committer = new Committer(lease);
            RunKeys run = new RunKeys(stream.store, stream.key, KeySet.COUNTING, Remembered.KEY);
            List<Future<?>> slices = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String slice = "s" + i;
                slices.add(threads.submit(() -> pull(slice, run.slice(), lease, committer)));
            }
            for (Future<?> slice : slices) {
                slice.get(30, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(stream.visibleRows()).hasSize(4 * BATCHES).doesNotHaveDuplicates();
        assertThat(stream.store.sequence(stream.key)).isEqualTo(1 + 4 * BATCHES);
        assertThat(stream.store.progress(stream.key).partitions())
                .hasSize(4)
                .extracting(PartitionProgress::etag)
                .containsOnly(Integer.toString(BATCHES - 1));
        assertThat(new Verify(stream.key, stream.lake, StreamFixture.CLOCK)
                        .run()
                        .isSound())
                .isTrue();
        assertThat(stream.folder().resolve("_staging")).doesNotExist();
    }

    private void pull(String slice, SeenKeys seen, Lease lease, Committer committer) {
        for (int i = 0; i < BATCHES; i++) {
            String key = slice + "-" + i;
            seen.firstSeen(List.of(candidate(key)));
            SealedFile file = stream.stage(lease.epoch(), key, key);
            committer.commit(draft(reached(slice, Integer.toString(i)), file), seen.seal());
        }
    }

    @Test
    void leavesACommitThatCouldNotBePublishedToTheNextLease() throws Exception {
        Path inTheWay = stream.folder().resolve("date=2026-08-31");
        SealedFile file;
        try (Lease lease = stream.take("r1")) {
            file = stream.stage(lease.epoch(), "r1-1", "a");
            StreamFixture.write(inTheWay, new byte[0]);
            assertThatThrownBy(() -> new Committer(lease).commit(draft(file)))
                    .isInstanceOf(CommitWriteException.class)
                    .hasMessageContaining("move it aside");
        }
        assertThat(stream.folder().resolve(file.staged())).exists();

        Files.delete(inTheWay);
        try (Lease lease = stream.take("r2")) {
            assertThat(lease.recovered().applied()).isEqualTo(1);
        }
        assertThat(stream.visibleRows()).containsExactly("a");
    }

    @Test
    void goesOnFromWhatIsCommittedWhenTheDatabaseFails() {
        try (Lease lease = stream.take("r1")) {
            Committer committer = new Committer(lease);
            SealedFile file = stream.stage(lease.epoch(), "r1-1", "a");
            stream.store.close();
            assertThatThrownBy(() -> committer.commit(draft(file))).isInstanceOf(StateStoreException.class);
        }
        assertThat(stream.visibleRows()).containsExactly("a");

        stream.store = StateStore.open(stream.database(), StreamFixture.CLOCK);
        try (Lease lease = stream.take("r2")) {
            assertThat(lease.recovered().applied()).isEqualTo(1);
        }
        assertThat(stream.visibleRows()).containsExactly("a");
    }
}
