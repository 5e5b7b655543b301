package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.PostgresServer;
import dev.caravan.testkit.Summaries;
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

/** State in PostgreSQL: one machine that is killed, and two that want the same stream. */
class PostgresIT {
    private static final int ROWS = 6_000;
    private static final String STREAM = "stub/stripe/charges";
    private static final String SECRET = "s3cret-of-the-state";

    private final PostgresServer.Database database = PostgresServer.database();

    @TempDir
    private Path folder;

    @Test
    void aRunGoesOnAtOnceAfterAKillAndAfterTheDatabaseWasEmptied() {
        CaravanHome home = home();
        Landed landed = home.landed(STREAM);
        try (CaravanProcess process = home.with("stripe.rate=60").start("pull", "stripe-charges")) {
            await(process, () -> landed.commitNumber() >= 4);
            process.kill();
            process.await(CaravanHome.LIMIT);
        }
        int killedAt = landed.commitNumber();

        // The lease lasts a minute, but its holder is known to be dead.
        home.inOneProcess().run("pull", "stripe-charges").expect(0);
        assertThat(landed.commitNumber()).isGreaterThan(killedAt);
        Set<String> ids = new TreeSet<>(landed.ids("id"));
        assertThat(ids).hasSize(ROWS);
        landed.assertExactlyOnce(ids, "id");
        assertThat(home.data().resolve("state/caravan.db")).doesNotExist();

        database.execute("DROP SCHEMA caravan CASCADE");
        Ended again = home.run("pull", "stripe-charges", "--json").expect(0);
        assertThat(Summaries.of(again).of("stripe-charges").path("rows").asInt())
                .isZero();
        assertThat(database.execute("SELECT max(sequence) FROM caravan.stream"))
                .isEqualTo(Integer.toString(landed.commitNumber()));
        home.run("verify", "stripe-charges").expect(0);
        landed.assertExactlyOnce(ids, "id");
        assertThat(home.run("runs", "stripe-charges").expect(0).out()).contains("done");
        assertThat(home.filesWith(SECRET)).isEmpty();
    }

    @Test
    void aMachineThatSleptPastItsLeaseCommitsNothingMoreAndSaysSo() {
        CaravanHome slow = machine("alpha").with("stripe.rate=1");
        Landed landed = slow.landed(STREAM);
        int frozen;
        try (CaravanProcess alpha = slow.start("pull", "stripe-charges", "--json")) {
            await(alpha, () -> landed.commitNumber() >= 3);
            Ended refused =
                    machine("beta").run("pull", "stripe-charges", "--json").expect(5);
            assertThat(Summaries.of(refused).status("stripe-charges")).isEqualTo("held");
            assertThat(Summaries.of(refused).error("stripe-charges"))
                    .contains("process " + alpha.pid() + " on alpha", "until 20");

            int before = landed.commitNumber();
            await(alpha, () -> landed.commitNumber() > before);
            alpha.freeze();
            frozen = landed.commitNumber();
            Awaitility.await().atMost(CaravanHome.LIMIT).until(() -> "t"
                    .equals(database.execute("SELECT bool_and(until < clock_timestamp()) FROM caravan.lease")));
            machine("beta").run("pull", "stripe-charges", "--json").expect(0);
            assertThat(landed.ids("id")).hasSize(ROWS);

            alpha.thaw();
            Ended slept = alpha.await(Duration.ofMinutes(1)).expect(1);
            assertThat(Summaries.of(slept).status("stripe-charges")).isEqualTo("failed");
            assertThat(Summaries.of(slept).error("stripe-charges"))
                    .contains("lost its lease", "nothing was written", "The next run goes on from the last commit");
        }
        List<JsonNode> commits = landed.commits();
        int fence = frozen;
        assertThat(commits.get(fence).path("kind").asText()).isEqualTo("fence");
        assertThat(commits.subList(0, fence))
                .allMatch(commit -> commit.path("epoch").asInt() == 1);
        assertThat(commits.subList(fence, commits.size()))
                .allMatch(commit -> commit.path("epoch").asInt() == 2);

        machine("beta").run("verify", "stripe-charges").expect(0);
        Set<String> ids = new TreeSet<>(landed.ids("id"));
        assertThat(ids).hasSize(ROWS);
        landed.assertExactlyOnce(ids, "id");
    }

    @Test
    void aStateThatCannotBeReachedIsNamed() {
        Ended refused = CaravanHome.ofSandbox(folder, ROWS)
                .with("caravan.state=jdbc:postgresql://127.0.0.1:1/caravan?user=ann&password=" + SECRET)
                .run("pull", "stripe-charges")
                .expect(1);
        assertThat(refused.all())
                .contains("PostgreSQL 127.0.0.1:1/caravan cannot be reached", "caravan.state")
                .doesNotContain(SECRET)
                .doesNotContain("\tat ");

        Ended wrong = CaravanHome.ofSandbox(folder, ROWS)
                .with("caravan.state=jdbc:postgresql://127.0.0.1:many/caravan?user=ann&password=" + SECRET)
                .run("pull", "stripe-charges")
                .expect(2);
        assertThat(wrong.all())
                .contains(
                        "caravan.state=jdbc:postgresql://127.0.0.1:many/caravan",
                        "jdbc:postgresql://host:5432/database")
                .doesNotContain(SECRET);
    }

    private static void await(CaravanProcess process, BooleanSupplier condition) {
        Awaitility.await()
                .atMost(CaravanHome.LIMIT)
                .pollInterval(20, TimeUnit.MILLISECONDS)
                .until(() -> !process.isAlive() || condition.getAsBoolean());
        assertThat(process.isAlive()).as(process::all).isTrue();
    }

    private CaravanHome machine(String name) {
        return home().with("caravan.machine=" + name).with("caravan.lease=5s");
    }

    private CaravanHome home() {
        return CaravanHome.ofSandbox(folder, ROWS)
                .with("caravan.batch-rows=200")
                .with("caravan.state=" + database.url())
                .withEnvironment("CARAVAN_STATE_USER", "postgres")
                .withEnvironment("CARAVAN_STATE_PASSWORD", SECRET);
    }
}
