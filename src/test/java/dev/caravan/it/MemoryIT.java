package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testkit.AcmeRoutes;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.Summaries;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pull takes. {@code -Dcaravan.memory-rows=N} pulls as many; {@code -Plong} pulls a million. */
class MemoryIT {
    private static final int ROWS = Integer.getInteger("caravan.memory-rows", 100_000);
    private static final long MOST = 512L << 20;

    @TempDir
    private Path folder;

    /** The sandbox, in the same process, is part of what is measured. */
    @Test
    void pullsManyRowsWithLittleMemory() {
        CaravanHome home = CaravanHome.ofSandbox(folder, ROWS)
                .with("stripe.rate=500")
                .withJava("-XX:+UseSerialGC", ROWS > 100_000 ? "-Xmx256m" : "-Xmx128m");
        long began = System.nanoTime();
        long peak = 0;
        try (CaravanProcess process = home.start("pull", "stripe-charges", "--json")) {
            long[] seen = new long[1];
            Awaitility.await()
                    .atMost(Duration.ofSeconds(120 + ROWS / 1_000))
                    .pollInterval(50, TimeUnit.MILLISECONDS)
                    .until(() -> {
                        seen[0] = Math.max(seen[0], process.peakMemory());
                        return !process.isAlive();
                    });
            peak = seen[0];
            Ended ended = process.await(CaravanHome.LIMIT).expect(0);
            JsonNode summary = Summaries.of(ended).of("stripe-charges");
            assertThat(summary.path("rows").asInt()).isEqualTo(ROWS);
        }
        System.out.printf(
                "MemoryIT: %,d rows, %d MB of memory at most, %.1f s%n",
                ROWS, peak >> 20, (System.nanoTime() - began) / 1e9);
        assertThat(peak).as("memory of the whole process").isLessThanOrEqualTo(MOST);
        long committed = home.landed("stub/stripe/charges").commits().stream()
                .flatMap(commit -> commit.path("files").findValues("rows").stream())
                .mapToLong(JsonNode::asLong)
                .sum();
        assertThat(committed).isEqualTo(ROWS);
    }

    @Test
    void tellsHowLongTheStartTakes() {
        try (FakeApi api = FakeApi.start()) {
            api.on("/acme", asked -> Reply.page(AcmeRoutes.records(1, 10), ""));
            CaravanHome home = CaravanHome.in(folder)
                    .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                    .withJava()
                    .withRoute("acme", AcmeRoutes.tokens("acme", api.url()));
            long began = System.nanoTime();
            home.run("pull", "acme").expect(0);
            System.out.printf(
                    "MemoryIT: %.1f s from the start to the first request%n",
                    (api.asked().get(0).nanos() - began) / 1e9);
            home.landed("acme/items").assertExactlyOnce(AcmeRoutes.ids(1, 10), "id");
        }
    }
}
