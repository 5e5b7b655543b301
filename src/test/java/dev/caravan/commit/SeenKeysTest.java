package dev.caravan.commit;

import static dev.caravan.commit.StreamFixture.candidate;
import static dev.caravan.commit.StreamFixture.draft;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.batch.SealedFile;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeenKeysTest {
    private static final Instant DAY = Instant.parse("2026-08-31T00:00:00Z");

    private final StreamFixture stream;
    private Lease lease;
    private Committer committer;

    SeenKeysTest(@TempDir Path data) {
        this.stream = new StreamFixture(data);
        this.lease = stream.take("r1");
        this.committer = new Committer(lease);
    }

    @BeforeEach
    void nothingIsKnown() {
        assertThat(stream.store.sequence(stream.key)).isEqualTo(1);
    }

    @AfterEach
    void close() {
        lease.close();
        stream.close();
    }

    @Test
    void appendsAKeyOnceWhateverItsContent() {
        SeenKeys seen = slice(Remembered.KEY);

        assertThat(fresh(seen, candidate("a", "1", DAY), candidate("b", "1", DAY), candidate("a", "2", DAY)))
                .containsExactly(0, 1);
        committer.commit(draft(), seen.seal());
        assertThat(fresh(seen, candidate("a", "3", DAY), candidate("c", "1", DAY)))
                .containsExactly(1);
    }

    @Test
    void mergesEachVersionOfARecordOnce() {
        SeenKeys seen = slice(Remembered.KEY_AND_CONTENT);

        assertThat(fresh(seen, candidate("a", "1", DAY), candidate("a", "1", DAY), candidate("a", "2", DAY)))
                .containsExactly(0, 2);
        committer.commit(draft(), seen.seal());
        assertThat(fresh(seen, candidate("a", "2", DAY), candidate("a", "3", DAY)))
                .containsExactly(1);
    }

    @Test
    void keepsEverythingWhereNothingIsRemembered() {
        assertThat(fresh(slice(Remembered.NOTHING), candidate("a"), candidate("a")))
                .containsExactly(0, 1);
        assertThat(fresh(
                        slice(Remembered.KEY),
                        new Candidate(null, new byte[0], 0, 0, null),
                        new Candidate(null, new byte[0], 0, 0, null)))
                .containsExactly(0, 1);
    }

    @Test
    void countsSealedKeysAsSeenUntilTheirBatchIsGivenUp() {
        SeenKeys seen = slice(Remembered.KEY);
        fresh(seen, candidate("a"));
        KeyBatch sealed = seen.seal();

        assertThat(fresh(seen, candidate("a"), candidate("b"))).containsExactly(1);
        sealed.giveUp();
        sealed.giveUp();
        assertThat(fresh(seen, candidate("a"), candidate("b"))).containsExactly(0);
    }

    @Test
    void takesBackStagedKeysOnly() {
        SeenKeys seen = slice(Remembered.KEY);
        fresh(seen, candidate("a"));
        committer.commit(draft(), seen.seal());
        fresh(seen, candidate("b"), candidate("c"));

        seen.unstage(List.of(candidate("a"), candidate("b"), candidate("never")));
        assertThat(fresh(seen, candidate("a"), candidate("b"), candidate("c"))).containsExactly(1);
        seen.unstageAll();
        assertThat(fresh(seen, candidate("b"), candidate("c"))).containsExactly(0, 1);
    }

    @Test
    void forgetsABatchThatWasNotCommitted() {
        SeenKeys seen = slice(Remembered.KEY);
        fresh(seen, candidate("a"));
        KeyBatch batch = seen.seal();
        stream.log().append(9, "r9", Draft.fence(), null);

        assertThatThrownBy(() -> committer.commit(draft(), batch)).isInstanceOf(LeaseLostException.class);
        batch.giveUp();

        assertThat(fresh(slice(Remembered.KEY), candidate("a"))).containsExactly(0);
    }

    @Test
    void letsSiblingsBothKeepARecordAndTheSecondLeaveItOut() {
        RunKeys run = new RunKeys(stream.store, stream.key, KeySet.COUNTING, Remembered.KEY);
        SeenKeys one = run.slice();
        SeenKeys other = run.slice();
        assertThat(fresh(one, candidate("a"), candidate("both"))).containsExactly(0, 1);
        assertThat(fresh(other, candidate("both"), candidate("b"))).containsExactly(0, 1);
        KeyBatch first = one.seal();
        KeyBatch second = other.seal();

        committer.commit(draft(stream.stage(1, "r1-2", "both", "b")), second);
        SealedFile contested = stream.stage(1, "r1-1", "a", "both");
        assertThatThrownBy(() -> committer.commit(draft(contested), first))
                .isInstanceOfSatisfying(ContestedKeysException.class, e -> {
                    assertThat(e.keys()).containsExactly(KeyHash.of("both"));
                    first.leaveOut(e.keys());
                });
        assertThat(stream.folder().resolve(contested.staged())).doesNotExist();
        committer.commit(draft(stream.stage(1, "r1-3", "a")), first);

        assertThat(stream.visibleRows()).containsExactlyInAnyOrder("a", "both", "b");
    }

    @Test
    void losesNothingWhenASiblingGivesUp() {
        RunKeys run = new RunKeys(stream.store, stream.key, KeySet.COUNTING, Remembered.KEY);
        SeenKeys one = run.slice();
        SeenKeys other = run.slice();
        fresh(one, candidate("both"));
        fresh(other, candidate("both"));

        one.unstageAll();
        committer.commit(draft(stream.stage(1, "r1-1", "both")), other.seal());

        assertThat(stream.visibleRows()).containsExactly("both");
        assertThat(fresh(run.slice(), candidate("both"))).isEmpty();
    }

    @Test
    void bringsBackForgottenKeysForABackfill() {
        SeenKeys seen = slice(Remembered.KEY);
        fresh(seen, candidate("old", "{}", DAY), candidate("later", "{}", DAY.plusSeconds(7200)));
        committer.commit(draft(stream.stage(1, "r1-1", "old", "later")), seen.seal());
        KeyHistory history = new KeyHistory(lease);
        assertThat(history.load(DAY, DAY.plusSeconds(3600))).isZero();

        stream.store.prune(stream.key, DAY.plusSeconds(9000));
        assertThat(history.load(DAY.plusSeconds(9000), DAY.plusSeconds(9999))).isZero();
        assertThat(history.load(DAY, DAY.plusSeconds(3600))).isEqualTo(1);

        assertThat(fresh(seen, candidate("old", "{}", DAY), candidate("later", "{}", DAY)))
                .containsExactly(1);
    }

    private SeenKeys slice(Remembered remembered) {
        return new RunKeys(stream.store, stream.key, KeySet.COUNTING, remembered).slice();
    }

    private static List<Integer> fresh(SeenKeys seen, Candidate... candidates) {
        return seen.firstSeen(Stream.of(candidates).toList()).stream().boxed().toList();
    }
}
