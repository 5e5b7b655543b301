package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.AcmeRoutes;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.Items;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that pulls every second something new, and is killed or asked to end every few runs: what it leaves must not
 * grow with the runs.
 *
 * <p>{@code -Dcaravan.cycles=1000} goes on for longer; {@code -Dcaravan.seed=N} repeats a run that failed.
 */
class CyclesIT {
    private static final int CYCLES = Integer.getInteger("caravan.cycles", 6);
    private static final long SEED = Long.getLong("caravan.seed", System.nanoTime());
    private static final int MOST_RUNS = 20;
    private static final int ENDINGS = Math.max(2, CYCLES / MOST_RUNS);
    /** Every hundred commits one says everything and those before it go; a run makes three at most. */
    private static final int MOST_COMMITS = 250;

    private static final long MOST_STATE = 4 << 20;

    private final FakeApi api = FakeApi.start();
    // Runs that were killed before their first commit ask for the first page once more.
    private final Items items = new Items(3 * CYCLES + 100, 500, 10);

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void thereIsNoDebrisAndNoGrowthHoweverManyRunsThereWere() throws IOException {
        System.out.printf("CyclesIT: %d cycles, -Dcaravan.seed=%d%n", CYCLES, SEED);
        api.on("/items", asked -> {
            if (asked.query("page").isEmpty()) {
                items.grow(1);
            }
            return items.apply(asked);
        });
        CaravanHome home = CaravanHome.in(folder)
                .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                .with("server.port=0")
                .withRoute(
                        "acme",
                        AcmeRoutes.account("acme", api.url())
                                + Shape.PLAIN.stream("acme", "items", "/items", Shape.ALL, "every: 1s"));
        Random random = new Random(SEED);
        for (int ending = 1; ending <= ENDINGS; ending++) {
            serve(home, (int) ((long) CYCLES * ending / ENDINGS), random);
        }
        api.on("/items", items);
        home.run("pull", "--all").expect(0);
        home.run("verify").expect(0);

        Landed landed = home.landed("acme/items").assertExactlyAsServed(items.records(), "id");
        assertThat(landed.commitNumber()).as("commits ever made").isGreaterThan(CYCLES);
        assertThat(landed.commitFiles(".json")).hasSizeLessThanOrEqualTo(MOST_COMMITS);
        assertThat(landed.commitFiles(".keys")).hasSizeLessThanOrEqualTo(MOST_COMMITS);
        assertThat(bytes(home.data().resolve("state"))).isLessThan(MOST_STATE);
        System.out.printf(
                "CyclesIT: %d runs, %d processes, %d commits ever made, %d kept%n",
                runs(),
                ENDINGS,
                landed.commitNumber(),
                landed.commitFiles(".json").size());
    }

    /** Serves until so many runs have begun, and a moment more. */
    private void serve(CaravanHome home, int runs, Random random) {
        try (CaravanProcess process = home.start()) {
            Awaitility.await()
                    .atMost(CaravanHome.LIMIT.plusSeconds(10L * MOST_RUNS))
                    .until(() -> !process.isAlive() || runs() >= runs);
            assertThat(process.isAlive()).as(process::all).isTrue();
            long end = System.nanoTime() + random.nextInt(1_000_000_000);
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            if (random.nextInt(4) == 0) {
                process.terminate();
            } else {
                process.kill();
            }
            process.await(CaravanHome.LIMIT);
        }
    }

    private long runs() {
        return api.asked("/items").stream()
                .filter(asked -> asked.query("page").isEmpty())
                .count();
    }

    private static long bytes(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> all = files.filter(Files::isRegularFile).toList();
            long bytes = 0;
            for (Path file : all) {
                bytes += Files.size(file);
            }
            return bytes;
        }
    }
}
