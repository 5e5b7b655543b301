package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.BigQueryServer;
import dev.caravan.testkit.BigQueryServer.Fault;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Orders;
import dev.caravan.testkit.Workshop;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs into tables of BigQuery, one of which is in trouble. */
@Timeout(120)
class BigQueryRunTest {
    private static final Orders API = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofHours(4), 1000, 2);

    private final MutableClock clock = new MutableClock("2026-03-03T00:00:00Z");
    private final BigQueryServer server = BigQueryServer.start();
    private final Workshop workshop;

    BigQueryRunTest(@TempDir Path folder) {
        this.workshop = new Workshop(folder, clock).withBatchRows(2);
    }

    @AfterEach
    void close() {
        workshop.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            DENIED             | Access Denied                      | Give the credential's account roles/bigquery.dataEditor on dataset raw
            UNKNOWN_CREDENTIAL | Request had invalid authentication | Give the sink 'credentials' that are valid
            """)
    void aTableThatIsRefusedIsNamedAndOthersGoOn(Fault fault, String cause, String remedy) {
        LiveStream orders = live("orders", "raw");
        server.faults(call -> call.path().contains("acme_orders") ? fault : null);

        RunSummary refused = pull(orders);

        assertThat(refused.status()).isEqualTo(RunStatus.FAILED);
        assertThat(refused.error())
                .contains("acme-orders", "sink 'bigquery', BigQuery, table acme-lake.raw.acme_orders")
                .contains(cause, remedy);
        assertOthersGoOn();

        server.faults(call -> null);
        clock.move(Duration.ofHours(1));
        assertThat(pull(orders).status()).isEqualTo(RunStatus.DONE);
        assertThat(ids("acme_orders")).isEqualTo(upTo(13));
        assertThat(server.jobs().stream().filter(each -> each.startsWith("caravan_load_")))
                .as("one of each run that ended well, whatever its slices")
                .hasSize(2);
    }

    @Test
    void aDatasetThatIsNotThereIsNamedAndOthersGoOn() {
        RunSummary refused = pull(live("orders", "nowhere"));

        assertThat(refused.status()).isEqualTo(RunStatus.FAILED);
        assertThat(refused.error())
                .contains("acme-orders", "sink 'bigquery', BigQuery, table acme-lake.nowhere.acme_orders")
                .contains("Create dataset nowhere in project acme-lake");
        assertOthersGoOn();
    }

    @Test
    void aQuotaThatIsUsedUpIsWaitedForWhileOthersGoOnAndAPauseEndsTheWait() {
        server.faults(call -> call.path().contains("acme_orders") ? Fault.QUOTA : null);
        LiveStream orders = live("orders", "raw");
        CompletableFuture<RunSummary> run = CompletableFuture.supplyAsync(() -> pull(orders));
        awaitQuota(orders);

        assertOthersGoOn();
        orders.reins().say(Mode.PAUSED, "somebody");

        RunSummary paused = run.join();
        assertThat(paused.status()).as(paused.error()).isEqualTo(RunStatus.PAUSED);
        assertThat(paused.error()).contains("paused by somebody");
        server.faults(call -> null);
        orders.reins().say(Mode.ACTIVE, "somebody");
        clock.move(Duration.ofHours(1));
        assertThat(pull(orders).status()).isEqualTo(RunStatus.DONE);
        assertThat(ids("acme_orders")).isEqualTo(upTo(13));
    }

    /** When the lease is taken and the table is asked what it has; when what was gathered is loaded; when it is taken over. */
    @ParameterizedTest
    @ValueSource(strings = {"/queries", "/upload/", "/jobs?"})
    void aStopEndsTheWaitWhereverItIsAndTheNextRunDeliversWhatIsCommitted(String part) {
        server.faults(call -> call.is("POST", part) ? Fault.QUOTA : null);
        LiveStream orders = live("orders", "raw");
        AtomicBoolean open = new AtomicBoolean(true);
        CompletableFuture<RunSummary> run =
                CompletableFuture.supplyAsync(() -> hand().pull(orders, RunRequest.now(), open::get));
        awaitQuota(orders);
        open.set(false);

        RunSummary stopped = run.join();
        assertThat(stopped.status()).as(stopped.error()).isEqualTo(RunStatus.PAUSED);
        assertThat(stopped.error()).contains("stopped");
        assertThat(ids("acme_orders")).isEmpty();
        assertThat(orders.state()).isEqualTo("idle");

        server.faults(call -> null);
        clock.move(Duration.ofHours(1));
        RunSummary next = pull(orders);
        assertThat(next.status()).as(next.error()).isEqualTo(RunStatus.DONE);
        assertThat(ids("acme_orders")).isEqualTo(upTo(13));
    }

    private static void awaitQuota(LiveStream stream) {
        Awaitility.await().until(() -> stream.state()
                .startsWith("waiting for BigQuery, which says: Quota exceeded: Your project exceeded quota"));
    }

    private void assertOthersGoOn() {
        RunSummary summary = pull(live("others", "raw"));
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(ids("acme_others")).isEqualTo(upTo(12));
    }

    private LiveStream live(String name, String dataset) {
        return workshop.live(Workshop.vendor(
                "https://api.acme.example/v1",
                Workshop.stream(name, Workshop.ORDERS + """
                shape: flat
                sink: {type: bigquery, project: acme-lake, dataset: %s, endpoint: "%s", stream-below: 0}
                """.formatted(dataset, server.url()))));
    }

    private static ByHand hand() {
        return new ByHand(request -> answer(200, API.answer(request.uri())));
    }

    private static RunSummary pull(LiveStream stream) {
        return hand().pull(stream);
    }

    private List<Long> ids(String table) {
        return server.store().rows(table).stream()
                .map(row -> row.path("id").asLong())
                .sorted()
                .toList();
    }

    private static List<Long> upTo(int count) {
        return LongStream.range(0, count).boxed().toList();
    }
}
