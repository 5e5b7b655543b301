package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.Landed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The promise of the house: whatever kills the runner and whenever, every record is committed exactly once.
 *
 * <p>{@code -Dcaravan.kills=50} kills more often; {@code -Dcaravan.seed=N} repeats a run that failed.
 */
class KillIT {
    private static final int KILLS = Integer.getInteger("caravan.kills", 12);
    private static final long SEED = Long.getLong("caravan.seed", System.nanoTime());
    private static final int ROWS = Math.max(20_000, 1_500 * KILLS);
    private static final int BATCH_ROWS = 200;
    private static final String STREAM = "stub/stripe/charges";

    @TempDir
    private Path folder;

    @Test
    void everyRecordIsCommittedOnceHoweverOftenTheRunnerIsKilled() {
        System.out.printf("KillIT: %d kills, -Dcaravan.seed=%d%n", KILLS, SEED);
        Set<String> all = uninterrupted();
        CaravanHome home = home(folder.resolve("killed"));
        Random random = new Random(SEED);
        int killed = 0;
        int interrupted = 0;
        while (killed < KILLS && killOne(home, random, KILLS - killed)) {
            killed++;
            Landed left = home.landed(STREAM).assertOnlyCommitted();
            interrupted += left.stagedFiles() > 0 ? 1 : 0;
        }
        Ended last = home.run("pull", "stripe-charges").expect(0);

        assertThat(last.err()).doesNotContain("lease");
        home.run("verify", "stripe-charges").expect(0);
        Landed landed = home.landed(STREAM).assertExactlyOnce(all, "id");
        System.out.printf(
                "KillIT: %d kills, %d of them with files staged, %d rows, %d commits%n",
                killed, interrupted, all.size(), landed.commits().size());
        assertThat(killed).as("kills in the middle of a pull").isEqualTo(KILLS);
    }

    private Set<String> uninterrupted() {
        CaravanHome home = home(folder.resolve("whole"));
        home.run("pull", "stripe-charges").expect(0);
        Set<String> all = new TreeSet<>(home.landed(STREAM).ids("id"));
        assertThat(all).hasSize(ROWS);
        return all;
    }

    /** Starts a pull and kills it once it has made some commits and a random moment more has passed. */
    private static boolean killOne(CaravanHome home, Random random, int left) {
        Landed landed = home.landed(STREAM);
        int before = landed.commitNumber();
        int open = ROWS / BATCH_ROWS - before;
        int commits = random.nextInt(Math.max(1, Math.min(12, open / (left + 1))));
        // The first commit of a run is its lease's; some runs die before they have it.
        boolean early = random.nextInt(6) == 0;
        // Every other one dies with files staged: about to commit, committing, or about to publish.
        boolean staged = random.nextBoolean();
        long moment = staged ? random.nextInt(3_000_000) : random.nextInt(120_000_000);
        try (CaravanProcess process = home.start("pull", "stripe-charges")) {
            Awaitility.await()
                    .atMost(CaravanHome.LIMIT)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> !process.isAlive()
                            || (early
                                    ? landed.hasStaged()
                                    : landed.commitNumber() > before + commits
                                            && (!staged || landed.stagedFiles() > 0)));
            long end = System.nanoTime() + (early ? moment / 20 : moment);
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            boolean alive = process.isAlive();
            process.kill();
            Ended ended = process.await(CaravanHome.LIMIT);
            if (!alive) {
                assertThat(ended.code())
                        .as("ended before its kill\n%s", ended.all())
                        .isZero();
            }
            return alive;
        }
    }

    private static CaravanHome home(Path folder) {
        return CaravanHome.ofSandbox(folder, ROWS)
                .with("caravan.batch-rows=" + BATCH_ROWS)
                .with("stripe.rate=60");
    }
}
