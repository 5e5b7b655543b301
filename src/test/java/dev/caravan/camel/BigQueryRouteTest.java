package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.testkit.BigQueryServer;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rows go to tables of BigQuery through the real route, and take the place of those of another pull. */
@Timeout(60)
class BigQueryRouteTest {
    private static final String FIRST = """
            {"data": [{"id": 1, "at": "2026-03-01T01:00:00Z"}, {"id": 2, "at": "2026-03-01T02:00:00Z"}]}""";
    private static final String LATER = """
            {"data": [{"id": 2, "at": "2026-03-01T02:30:00Z"}]}""";

    private final Path folder;
    private final MutableClock clock = new MutableClock("2026-03-02T00:00:00Z");
    private final Workshop workshop;
    private final FakeApi api = FakeApi.start();
    private final BigQueryServer server = BigQueryServer.start();

    BigQueryRouteTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder.resolve("data"), clock);
    }

    @AfterEach
    void close() {
        api.close();
        workshop.close();
        server.close();
    }

    @Test
    void daysAndWholeListsTakeThePlaceOfThoseBefore() throws Exception {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        String sink = "shape: flat\nsink: {type: bigquery, project: acme-lake, dataset: raw, endpoint: \"%s\"}\n"
                .formatted(server.url());
        Files.writeString(
                routes.resolve("acme.camel.yaml"),
                Workshop.vendor(
                        api.url(),
                        Workshop.stream(
                                "orders", Workshop.ORDERS + "disposition: delete-insert\nlookback: 2d\n" + sink),
                        Workshop.stream(
                                "shops", "path: /orders\nrecords: $.data\nevery: 1h\ndisposition: replace\n" + sink)));
        try (LoadedRoutes loaded = new LoadedRoutes(workshop, routes, Map.of())) {
            for (String rows : List.of(FIRST, LATER)) {
                api.on("/orders", request -> FakeApi.Reply.ok(rows));
                for (String stream : List.of("orders", "shops")) {
                    RunSummary summary = loaded.pull("acme-" + stream).get(0);

                    assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
                    assertThat(times("acme_" + stream))
                            .as("%s after %s", stream, rows)
                            .containsExactlyElementsOf(
                                    rows.equals(FIRST)
                                            ? List.of("2026-03-01T01:00:00Z", "2026-03-01T02:00:00Z")
                                            : List.of("2026-03-01T02:30:00Z"));
                }
                clock.move(Duration.ofHours(1));
            }
        }
    }

    private List<String> times(String table) {
        return server.store().rows(table).stream()
                .map(row -> row.path("at").asText())
                .sorted()
                .toList();
    }
}
