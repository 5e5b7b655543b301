package dev.caravan.commit;

import static dev.caravan.commit.StreamFixture.draft;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseTest {
    private final StreamFixture stream;

    LeaseTest(@TempDir Path data) {
        this.stream = new StreamFixture(data);
    }

    @AfterEach
    void close() {
        stream.close();
    }

    @Test
    void beginsWithAFenceOfTheNextEpoch() {
        stream.take("r1").close();
        try (Lease lease = stream.take("r2")) {
            assertThat(lease.epoch()).isEqualTo(2);
            assertThat(lease.log().last().map(Commit::kind)).contains(Kind.FENCE);
            assertThat(stream.store.sequence(stream.key)).isEqualTo(2);
            assertThat(stream.store.epoch(stream.key)).isEqualTo(2);
        }
    }

    @Test
    void goesBeyondTheEpochOfTheDatabaseWhenTheCommitsAreGone() throws Exception {
        stream.take("r1").close();
        stream.take("r2").close();
        for (String name : stream.names()) {
            Files.delete(stream.folder().resolve(name));
        }

        try (Lease lease = stream.take("r3")) {
            assertThat(lease.epoch()).isEqualTo(3);
            assertThat(stream.store.sequence(stream.key)).isEqualTo(1);
        }
    }

    @Test
    void isHeldByOneRunOfAProcess() {
        try (Lease lease = stream.take("r1")) {
            assertThatThrownBy(() -> stream.take("r2"))
                    .isInstanceOf(LeaseHeldException.class)
                    .hasMessageContaining("acme-orders")
                    .hasMessageContaining(
                            "run r1, process " + ProcessHandle.current().pid())
                    .hasMessageContaining("Wait until that run ends");
            new Committer(lease).commit(draft());
        }
        stream.take("r2").close();
    }

    @Test
    void commitsNothingAfterItsRelease() {
        Lease lease = stream.take("r1");
        Committer committer = new Committer(lease);
        lease.close();
        lease.close();

        assertThatThrownBy(() -> committer.commit(draft()))
                .isInstanceOf(LeaseLostException.class)
                .hasMessageContaining("released");
        assertThat(stream.log().after(0)).hasSize(1);
    }

    @Test
    void keepsAnOldLeaseOut() {
        Lease old = stream.take("r1");
        // What another machine would do that took over: the fence is all that can stop the old run.
        stream.log().append(2, "r2", Draft.fence(), null);

        assertThatThrownBy(() -> new Committer(old).commit(draft(stream.stage(1, "r1-1", "{}"))))
                .isInstanceOf(LeaseLostException.class);
        assertThat(stream.visibleRows()).isEmpty();
        old.close();
    }

    @Test
    void leavesNoStagingFolderBehind() throws Exception {
        try (Lease lease = stream.take("r1")) {
            new Committer(lease).commit(draft(stream.stage(lease.epoch(), "r1-1", "{}")));
        }
        assertThat(stream.folder().resolve("_staging")).doesNotExist();
    }

    @Test
    void isGivenBackWhenRecoveryFails() throws Exception {
        stream.take("r1").close();
        Path commit = stream.folder().resolve("_commits/00000000000000000001.json");
        String json = Files.readString(commit);
        Files.writeString(commit, "{");
        stream.store.reset(stream.key);

        assertThatThrownBy(() -> stream.take("r2")).isInstanceOf(CommitReadException.class);
        Files.writeString(commit, json);
        stream.take("r3").close();
    }
}
