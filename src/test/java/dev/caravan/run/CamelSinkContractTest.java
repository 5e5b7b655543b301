package dev.caravan.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.camel.CamelOutlet;
import dev.caravan.sink.Outlet;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Orders;
import dev.caravan.testkit.Workshop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The contract of sinks, kept by an endpoint of Camel as far as it can be: nothing is lost, what comes again after a crash is known by
 * its key.
 */
class CamelSinkContractTest extends SinkContract {
    private static final DefaultCamelContext CAMEL = new DefaultCamelContext();
    private static final Outlet OUTLET = new CamelOutlet(() -> CAMEL);
    private static final String APPENDED =
            "{type: camel, uri: \"file:%s\", parameters: {fileName: orders.ndjson, fileExist: Append, appendChars: \"\\n\"}}";

    @BeforeAll
    static void start() {
        CAMEL.start();
    }

    @AfterAll
    static void stop() {
        CAMEL.stop();
    }

    @Override
    protected Workshop workshop(Path data, Clock time) {
        return super.workshop(data, time).withOutlet(OUTLET);
    }

    @Override
    protected String sink(Path data) {
        return APPENDED.formatted(data.resolve("sent"));
    }

    @Override
    protected int stride() {
        return 19;
    }

    /** What was sent, each version of a record once. */
    @Override
    protected List<JsonNode> rows(Path data) {
        Map<String, JsonNode> known = new LinkedHashMap<>();
        sent(data)
                .forEach(row -> known.put(
                        row.path("_caravan_key").asText() + " "
                                + row.path("_caravan_cursor").asText(),
                        row));
        return List.copyOf(known.values());
    }

    private static List<JsonNode> sent(Path data) {
        return FileSinkContractTest.visible(data.resolve("sent"));
    }

    /** It cannot take back what it has sent, so the new generation comes behind the old one. */
    @Override
    @Test
    void changesPlacesWithANewGenerationAtOnce() {
        MutableClock clock = new MutableClock("2026-03-03T00:00:00Z");
        pull(clock, RunRequest.now());
        assertThat(sent(folder)).hasSize(8);

        pull(clock, RunRequest.now().withFullRefresh(true));

        assertThat(sent(folder)).hasSize(16);
        assertThat(rows(folder)).hasSize(8);
    }

    @Test
    void sendsOnceWhereNothingHappensAndAgainWhereItIsNotKnownWhatWasSent() throws Exception {
        MutableClock clock = new MutableClock("2026-03-03T00:00:00Z");
        pull(clock, RunRequest.now());
        clock.move(Duration.ofHours(1));
        pull(clock, RunRequest.now());
        assertThat(sent(folder)).hasSize(8);

        Files.delete(folder.resolve("acme/orders@camel/_delivered"));
        clock.move(Duration.ofHours(1));
        pull(clock, RunRequest.now());

        assertThat(sent(folder)).hasSize(16);
        assertThat(rows(folder)).hasSize(8);
    }

    private void pull(Clock clock, RunRequest request) {
        Orders orders = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofHours(6), 8, 3);
        try (Workshop workshop = workshop(folder, clock)) {
            LiveStream live = workshop.live(Workshop.vendor(
                    "https://api.acme.example/v1",
                    Workshop.stream("orders", Workshop.ORDERS + "sink: " + sink(folder) + "\n")));
            RunSummary summary =
                    new ByHand(asked -> ByHand.answer(200, orders.answer(asked.uri()))).pull(live, request, Gate.OPEN);
            assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        }
    }
}
