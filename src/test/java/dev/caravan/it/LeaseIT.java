package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.Summaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two runners of one stream, and a runner that is asked to stop. */
class LeaseIT {
    private static final int ROWS = 6_000;
    private static final String STREAM = "stub/stripe/charges";

    @TempDir
    private Path folder;

    @Test
    void oneRunnerAtATimeAndOneThatIsStoppedGoesOnNextTime() throws IOException {
        CaravanHome slow = home().with("stripe.rate=8");
        Landed landed = slow.landed(STREAM);
        try (CaravanProcess holder = slow.start("pull", "stripe-charges", "--json")) {
            await(holder, () -> landed.commitNumber() >= 3);

            holder.freeze();
            int frozen = landed.commitNumber();
            Ended refused = home().run("pull", "stripe-charges", "--json").expect(5);
            assertThat(Summaries.of(refused).status("stripe-charges")).isEqualTo("held");
            assertThat(Summaries.of(refused).error("stripe-charges"))
                    .contains("stripe-charges", "process " + holder.pid());
            assertThat(landed.commitNumber())
                    .as("commits of a runner without the lease")
                    .isEqualTo(frozen);
            holder.thaw();

            await(holder, () -> landed.commitNumber() > frozen + 1);
            holder.terminate();
            holder.await(Duration.ofMinutes(1)).expect(3);
        }
        JsonNode paused = lastReport(slow);
        assertThat(paused.path("status").asText()).isEqualTo("paused");
        assertThat(paused.path("rows").asInt()).isBetween(1, ROWS - 1);
        landed.assertSound("id");
        assertThat(landed.rows()).hasSize(paused.path("rows").asInt());

        Ended last = home().run("pull", "stripe-charges", "--json").expect(0);
        assertThat(Summaries.of(last).of("stripe-charges").path("rows").asInt())
                .isEqualTo(ROWS - paused.path("rows").asInt());
        Set<String> ids = new TreeSet<>(landed.ids("id"));
        assertThat(ids).hasSize(ROWS);
        landed.assertExactlyOnce(ids, "id");
    }

    private static void await(CaravanProcess process, BooleanSupplier condition) {
        Awaitility.await()
                .atMost(CaravanHome.LIMIT)
                .pollInterval(20, TimeUnit.MILLISECONDS)
                .until(() -> !process.isAlive() || condition.getAsBoolean());
        assertThat(process.isAlive()).as(process::all).isTrue();
    }

    private static JsonNode lastReport(CaravanHome home) throws IOException {
        try (var files = Files.list(home.data().resolve("stub/reports"))) {
            List<Path> reports = files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
            // Names sort by the start of the run; the one that was refused started later.
            return new ObjectMapper().readTree(Files.readAllBytes(reports.get(0)));
        }
    }

    private CaravanHome home() {
        return CaravanHome.ofSandbox(folder, ROWS).with("caravan.batch-rows=200");
    }
}
