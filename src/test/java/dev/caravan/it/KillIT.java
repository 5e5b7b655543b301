package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.AcmeRoutes;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.Items;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.Shape;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The promise of the house: whatever kills the runner and whenever, every record is committed exactly once, as it was
 * served. The kills take turns with a stream of every shape.
 *
 * <p>{@code -Dcaravan.kills=200} kills more often; {@code -Dcaravan.seed=N} repeats a run that failed.
 */
class KillIT {
    private static final int KILLS = Integer.getInteger("caravan.kills", 12);
    private static final long SEED = Long.getLong("caravan.seed", System.nanoTime());
    private static final List<Shape> SHAPES = List.of(Shape.values());
    private static final int BATCH_ROWS = 200;
    // So many that no stream is done before its last kill.
    private static final int ROWS = Math.max(20_000, 1_500 * KILLS / SHAPES.size());

    private final FakeApi api = FakeApi.start();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void everyRecordIsCommittedOnceHoweverOftenTheRunnerIsKilled() {
        System.out.printf("KillIT: %d kills, -Dcaravan.seed=%d%n", KILLS, SEED);
        Items items = new Items(ROWS, 100, ROWS);
        StringBuilder routes = new StringBuilder(AcmeRoutes.account("acme", api.url()));
        for (Shape shape : SHAPES) {
            api.on("/" + name(shape), items);
            routes.append(shape.stream("acme", name(shape), "0s"));
        }
        CaravanHome home = home(routes.toString()).with("acme.rate=60");
        Random random = new Random(SEED);
        int killed = 0;
        int interrupted = 0;
        while (killed < KILLS
                && killOne(
                        home, name(SHAPES.get(killed % SHAPES.size())), random, 1 + (KILLS - killed) / SHAPES.size())) {
            Landed left = home.landed("acme/" + name(SHAPES.get(killed % SHAPES.size())))
                    .assertOnlyCommitted();
            interrupted += left.stagedFiles() > 0 ? 1 : 0;
            killed++;
        }
        Ended last = home(routes.toString()).run("pull", "--all").expect(0);

        assertThat(last.err()).doesNotContain("lease");
        home.run("verify").expect(0);
        for (Shape shape : SHAPES) {
            home.landed("acme/" + name(shape)).assertExactlyAsServed(items.records(), "id");
        }
        System.out.printf(
                "KillIT: %d kills, %d of them with files staged, %d rows in each of %d streams%n",
                killed, interrupted, ROWS, SHAPES.size());
        assertThat(killed).as("kills in the middle of a pull").isEqualTo(KILLS);
    }

    /** Starts a pull and kills it once it has made some commits and a random moment more has passed. */
    private static boolean killOne(CaravanHome home, String stream, Random random, int left) {
        Landed landed = home.landed("acme/" + stream);
        int before = landed.commitNumber();
        int open = ROWS / BATCH_ROWS - before;
        int commits = random.nextInt(Math.max(1, Math.min(12, open / (left + 1))));
        // The first commit of a run is its lease's; some runs die before they have it.
        boolean early = random.nextInt(6) == 0;
        // Every other one dies with files staged: about to commit, committing, or about to publish.
        boolean staged = random.nextBoolean();
        long moment = staged ? random.nextInt(3_000_000) : random.nextInt(120_000_000);
        try (CaravanProcess process = home.start("pull", "acme-" + stream)) {
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

    private CaravanHome home(String routes) {
        return CaravanHome.in(folder)
                .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                .with("caravan.batch-rows=" + BATCH_ROWS)
                .withRoute("acme", routes);
    }

    private static String name(Shape shape) {
        return shape.name().toLowerCase(Locale.ROOT);
    }
}
