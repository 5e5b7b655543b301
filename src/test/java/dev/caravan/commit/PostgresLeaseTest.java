package dev.caravan.commit;

import static dev.caravan.commit.StreamFixture.candidate;
import static dev.caravan.commit.StreamFixture.draft;
import static dev.caravan.commit.StreamFixture.reached;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.batch.SealedFile;
import dev.caravan.lake.Lake;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.PostgresServer;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines {@code alpha} and {@code beta} share a folder and a PostgreSQL. */
class PostgresLeaseTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofSeconds(1);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final PostgresServer.Database database = PostgresServer.database();
    private final MutableClock clock = new MutableClock("2026-09-01T06:00:00Z");
    private final List<StreamFixture> machines = new ArrayList<>();

    private Path data;
    private StreamFixture alpha;
    private StreamFixture beta;

    @BeforeEach
    void connect(@TempDir Path folder) {
        data = folder;
        alpha = machine("alpha", "postgres", LONG);
        beta = machine("beta", "postgres", LONG);
    }

    @AfterEach
    void close() {
        machines.forEach(StreamFixture::close);
    }

    @Test
    void isHeldByOneMachineAtATime() {
        try (Lease lease = take(alpha, "r1")) {
            assertThatThrownBy(() -> take(beta, "r2"))
                    .isInstanceOf(LeaseHeldException.class)
                    .hasMessageContaining("acme-orders: its lease is held by run r1, process "
                            + ProcessHandle.current().pid() + " on alpha")
                    .hasMessageContaining("until 20");
            new Committer(lease).commit(draft());
        }
        try (Lease lease = take(beta, "r2")) {
            assertThat(lease.epoch()).isEqualTo(2);
        }
    }

    @Test
    void isRenewedAsLongAsItIsHeld() {
        StreamFixture brief = machine("gamma", "postgres", SHORT);
        try (Lease lease = take(brief, "r1")) {
            String first = until();
            Awaitility.await().atMost(LIMIT).until(() -> !until().equals(first));
            new Committer(lease).commit(draft());
        }
        assertThat(until()).isNull();
    }

    /** PostgreSQL's own timeout does not count while a statement has come in part. */
    @Test
    void isTakenOverFromWhoWasStoppedInTheMiddleOfAStatement() throws SQLException {
        take(alpha, "r1").close();
        String holder = "caravan 4711 delta";
        try (Connection stopped = DriverManager.getConnection(
                        database.url() + "?user=postgres&ApplicationName=" + holder.replace(" ", "%20"));
                Statement statement = stopped.createStatement()) {
            stopped.setAutoCommit(false);
            statement.execute("SET idle_in_transaction_session_timeout = 0");
            statement.execute("UPDATE caravan.lease SET machine = 'delta', pid = 4711, run = 'r0',"
                    + " until = clock_timestamp() - INTERVAL '1 second'");
            stopped.commit();
            statement.execute("SELECT *, pg_sleep(0.6) FROM caravan.lease FOR UPDATE");

            try (Lease lease = take(machine("gamma", "postgres", SHORT), "r2")) {
                assertThat(lease.epoch()).isEqualTo(2);
            }
            assertThatThrownBy(() -> statement.execute("SELECT 1")).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void isTakenOverOnceItHasRunOut() {
        String role = database.role();
        StreamFixture cut = machine("gamma", role, SHORT);
        Lease lost = take(cut, "r1");
        Committer committer = new Committer(lost);
        committer.commit(draft(cut.stage(lost.epoch(), "r1-1", "{\"id\":1}")));
        database.shutOut(role);

        Lease[] taken = new Lease[1];
        Awaitility.await()
                .atMost(LIMIT)
                .ignoreExceptionsInstanceOf(LeaseHeldException.class)
                .until(() -> {
                    taken[0] = take(beta, "r2");
                    return true;
                });
        try (Lease lease = taken[0]) {
            assertThat(lease.epoch()).isEqualTo(lost.epoch() + 1);
            assertThatThrownBy(() -> committer.commit(draft(cut.stage(lost.epoch(), "r1-2", "{\"id\":2}"))))
                    .isInstanceOf(LeaseLostException.class)
                    .hasMessageContaining("run r1 (epoch 1) may have lost its lease")
                    .hasMessageContaining("nothing was written");
            database.letIn(role);
            assertThatThrownBy(() -> committer.commit(draft(cut.stage(lost.epoch(), "r1-3", "{\"id\":3}"))))
                    .isInstanceOf(LeaseLostException.class)
                    .hasMessageContaining("it was taken by run r2")
                    .hasMessageContaining("on beta")
                    .hasMessageContaining("The next run goes on from the last commit");
            new Committer(lease).commit(draft(beta.stage(lease.epoch(), "r2-1", "{\"id\":4}")));
            lost.close();
            new Committer(lease).commit(draft(beta.stage(lease.epoch(), "r2-2", "{\"id\":5}")));
        }
        assertThat(beta.visibleRows()).containsExactlyInAnyOrder("{\"id\":1}", "{\"id\":4}", "{\"id\":5}");
    }

    @Test
    void isAskedForAgainByARunThatSlept() {
        try (Lease lease = take(alpha, "r1")) {
            database.execute("UPDATE caravan.lease SET until = clock_timestamp() - INTERVAL '1 minute'");
            clock.move(LONG);

            new Committer(lease).commit(draft());

            assertThatThrownBy(() -> take(beta, "r2")).isInstanceOf(LeaseHeldException.class);
        }
    }

    @Test
    void endsARunThatSleptWhileAnotherTookOver() {
        Lease slept = take(alpha, "r1");
        expire();
        take(beta, "r2").close();
        clock.move(LONG);

        assertThatThrownBy(() -> new Committer(slept).commit(draft(alpha.stage(1, "r1-1", "{}"))))
                .isInstanceOf(LeaseLostException.class)
                .hasMessageContaining("last renewed 3600 s ago")
                .hasMessageContaining("nobody has it now");
        assertThat(alpha.visibleRows()).isEmpty();
        slept.close();
    }

    @Test
    void leavesTheLastWordToTheFence() {
        Lease slept = take(alpha, "r1");
        expire();
        try (Lease lease = take(beta, "r2")) {
            // By its own clocks the first run is well within its time.
            assertThatThrownBy(() -> new Committer(slept).commit(draft(alpha.stage(1, "r1-1", "{}"))))
                    .isInstanceOf(LeaseLostException.class)
                    .hasMessageContaining("lost its lease to run r2 (epoch 2)");
            new Committer(lease).commit(draft());
        }
        assertThat(alpha.visibleRows()).isEmpty();
        slept.close();
    }

    @Test
    void fencesBeforeItDeletesWhatTheOtherMachineStaged() {
        Lease slept = take(alpha, "r1");
        alpha.stage(slept.epoch(), "r1-1", "{}");
        expire();

        try (Lease lease = take(beta, "r2")) {
            assertThat(lease.recovered().deleted()).isEqualTo(1);
            assertThat(lease.recovered().applied()).isZero();
        }
        slept.close();
    }

    @Test
    void isTakenOverAtOnceFromADeadProcessOfTheSameMachine() throws Exception {
        take(alpha, "r1").close();
        Process other = new ProcessBuilder("true").start();
        long dead = other.pid();
        other.waitFor();
        held("alpha", dead, false);
        take(alpha, "r2").close();

        held("alpha", dead, false);
        assertThatThrownBy(() -> take(beta, "r3")).isInstanceOf(LeaseHeldException.class);
    }

    @Test
    void isTakenOverAtOnceWhenTheHoldersLockIsFree() {
        take(alpha, "r1").close();
        held("alpha", ProcessHandle.current().pid(), true);
        take(alpha, "r2").close();

        held("alpha", ProcessHandle.current().pid(), false);
        assertThatThrownBy(() -> take(alpha, "r3"))
                .as("a living process without a lock")
                .isInstanceOf(LeaseHeldException.class);
    }

    @Test
    void isTakenOverAtOnceFromAnEarlierProcessOfTheSameNumber() {
        take(alpha, "r1").close();
        held("alpha", ProcessHandle.current().pid(), false);
        database.execute("UPDATE caravan.lease SET born = born - 3600000");

        take(alpha, "r2").close();
    }

    @Test
    void goesBeyondEveryEpochThatTheRowHasSeen() {
        take(alpha, "r1").close();
        database.execute("UPDATE caravan.lease SET epoch = 41");
        try (Lease lease = take(beta, "r2")) {
            assertThat(lease.epoch()).isEqualTo(42);
        }
    }

    @Test
    void rebuildsAnEmptiedDatabaseFromTheCommits() {
        try (Lease lease = take(alpha, "r1")) {
            new Committer(lease).commit(draft(reached("p", "here"), alpha.stage(1, "r1-1", "{}")));
        }
        database.execute("TRUNCATE caravan.stream, caravan.seen_block, caravan.seen_segment, caravan.lease");

        try (Lease lease = take(beta, "r2")) {
            assertThat(lease.recovered().rebuilt()).isTrue();
            assertThat(lease.epoch()).isEqualTo(2);
            assertThat(beta.store.progress(beta.key).partitions()).hasSize(1);
        }
    }

    @Test
    void bringsTheDatabaseUpToTheCommitsBeforeItMakesAnother() {
        String role = database.role();
        StreamFixture cut = machine("gamma", role, Duration.ofSeconds(3));
        try (Lease lease = take(cut, "r1")) {
            Committer committer = new Committer(lease);
            SeenKeys slice = new RunKeys(cut.store, cut.key, KeySet.COUNTING, Remembered.KEY).slice();
            slice.firstSeen(List.of(candidate("a")));
            KeyBatch keys = slice.seal();
            database.shutOut(role);
            assertThatThrownBy(() -> committer.commit(draft(cut.stage(1, "r1-1", "a")), keys))
                    .isInstanceOf(StateStoreException.class);
            assertThatThrownBy(() -> committer.commit(draft(cut.stage(1, "r1-2", "b"))))
                    .isInstanceOf(StateStoreException.class);
            assertThat(cut.log().after(0))
                    .as("nothing is committed on top of what is not known")
                    .hasSize(2);
            database.letIn(role);

            committer.commit(draft(cut.stage(1, "r1-3", "c")));

            assertThat(cut.store.sequence(cut.key)).isEqualTo(3);
            assertThat(cut.store
                            .seen(cut.key, KeySet.COUNTING, List.of(KeyHash.of("a")))
                            .get(0))
                    .isTrue();
        }
    }

    @Test
    void verifyLeavesAStreamAloneThatAnotherMachinePulls() {
        try (Lease lease = take(alpha, "r1")) {
            alpha.stage(lease.epoch(), "r1-1", "{}");
            assertThat(verify(beta).recover(beta.store)).isFalse();
            new Committer(lease).commit(draft(alpha.stage(lease.epoch(), "r1-1", "{}")));
        }
        assertThat(verify(beta).recover(beta.store)).isTrue();
        assertThat(beta.log().after(0)).as("no fence where everybody has left").hasSize(2);
        assertThat(verify(beta).run().isSound()).isTrue();
    }

    @Test
    void verifyFencesOffWhoeverMayWakeUp() {
        Lease slept = take(alpha, "r1");
        alpha.stage(slept.epoch(), "r1-1", "{}");
        expire();

        assertThat(verify(beta).recover(beta.store)).isTrue();

        assertThatThrownBy(() -> new Committer(slept).commit(draft(alpha.stage(1, "r1-2", "{}"))))
                .isInstanceOf(LeaseLostException.class);
        slept.close();
    }

    /** Leases run out at any moment; whoever believes that it has one tries to commit the next number. */
    @Test
    void neverLetsTwoRunnersCommitTheSameStep() throws Exception {
        int steps = 40;
        AtomicInteger runs = new AtomicInteger();
        AtomicInteger lost = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> runners = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                StreamFixture machine = machine("runner" + i, "postgres", LONG);
                runners.add(threads.submit(() -> {
                    while (!Thread.interrupted() && next(machine) <= steps) {
                        count(machine, "r" + runs.incrementAndGet(), steps, lost);
                    }
                }));
            }
            for (Future<?> each : runners) {
                each.get(2, TimeUnit.MINUTES);
            }
        } finally {
            threads.shutdownNow();
        }
        alpha.take("last").close();
        assertThat(alpha.visibleRows().stream().map(Integer::valueOf).sorted())
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, steps).boxed().toList());
        assertThat(lost).as("runs that lost their lease").hasPositiveValue();
        assertThat(verify(alpha).run().isSound()).isTrue();
    }

    private void count(StreamFixture machine, String run, int steps, AtomicInteger lost) {
        try (Lease lease = take(machine, run)) {
            Committer committer = new Committer(lease);
            for (int batch = 1; batch <= 5; batch++) {
                int step = next(machine);
                if (step > steps) {
                    return;
                }
                var file = stage(machine, lease, run + "-" + batch, step);
                if (ThreadLocalRandom.current().nextInt(4) == 0) {
                    expire();
                    if (lost.get() == 0) { // chance alone may have nobody take it in this moment
                        take(beta, run + "-thief").close();
                    }
                }
                committer.commit(draft(reached("p", Integer.toString(step)), file));
            }
        } catch (LeaseHeldException e) {
            Thread.onSpinWait();
        } catch (LeaseLostException e) {
            lost.incrementAndGet();
        }
    }

    private static SealedFile stage(StreamFixture machine, Lease lease, String name, int step) {
        try {
            return machine.stage(lease.epoch(), name, Integer.toString(step));
        } catch (UncheckedIOException e) {
            lease.requireLatest();
            throw e;
        }
    }

    private static int next(StreamFixture machine) {
        return 1
                + machine.log().progress().partitions().stream()
                        .mapToInt(partition -> Integer.parseInt(String.valueOf(partition.etag())))
                        .findFirst()
                        .orElse(0);
    }

    private void expire() {
        database.execute(
                "UPDATE caravan.lease SET until = clock_timestamp() - INTERVAL '1 second' WHERE until IS NOT NULL");
    }

    /** Makes the row say that a process of a machine has the stream. */
    private void held(String machine, long pid, boolean locked) {
        database.execute(
                "UPDATE caravan.lease SET machine = '%s', pid = %d, locked = %s, until = now() + INTERVAL '1 hour'"
                        .formatted(machine, pid, locked));
    }

    private String until() {
        return database.execute("SELECT until FROM caravan.lease");
    }

    private Lease take(StreamFixture machine, String run) {
        return Lease.take(machine.key, Lake.on(data), machine.store, run, clock);
    }

    private Verify verify(StreamFixture machine) {
        return new Verify(machine.key, Lake.on(data), clock);
    }

    private StreamFixture machine(String name, String user, Duration lease) {
        StreamFixture machine = new StreamFixture(
                data, () -> StateStore.connect(new PostgresSettings(database.url(), user, null, name, lease)));
        machines.add(machine);
        return machine;
    }
}
