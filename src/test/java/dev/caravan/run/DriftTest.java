package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.commit.Problem;
import dev.caravan.sink.DuckFiles;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.PostgresServer;
import dev.caravan.testkit.Tables;
import dev.caravan.testkit.Workshop;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was not expected: fields that a schema or a table does not have, and values that a sink does not hold. */
@Timeout(60)
class DriftTest {
    private static final String DECLARED = "schema: {properties: {id: {type: integer}, a: {type: integer}}}\n";
    private static final String EXPECTED = "{\"id\":1,\"a\":1}";
    private static final String OTHER = "{\"id\":2,\"b\":{\"c\":[1, 2]},\"a\":2}";

    private final MutableClock clock = new MutableClock("2026-03-01T00:00:00Z");
    private final Path folder;

    DriftTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void filesTakeFieldsThatTheSchemaDoesNotHaveUnlessSomethingElseIsSaid() {
        assertThat(pull(DECLARED, EXPECTED, OTHER).rows()).isEqualTo(2);
        assertThat(landed()).anyMatch(row -> row.startsWith("{\"id\":2,\"b\":{\"c\":[1, 2]},\"a\":2,"));
    }

    @Test
    void filesThatAreFrozenFailTheBatch() {
        RunSummary failed = pull(DECLARED + "sink: {drift: freeze}\n", EXPECTED, OTHER);
        assertThat(failed.status()).isEqualTo(RunStatus.FAILED);
        assertThat(failed.error()).contains("drift: freeze", "and these came: b", "Declare them");
        assertThat(landed()).isEmpty();
    }

    @Test
    void filesLeaveOutTheRowOrTheValue() {
        RunSummary rows = pull(DECLARED + "sink: {drift: discard-row}\n", EXPECTED, OTHER);
        assertThat(rows.rejected()).isEqualTo(1);
        assertThat(landed()).hasSize(1).first().asString().startsWith("{\"id\":1,");
        assertThat(FileSinkContractTest.visible(folder.resolve("errors/acme/orders")))
                .singleElement()
                .satisfies(reject -> {
                    assertThat(reject.path("reason").asText()).contains("the stream's schema does not declare");
                    assertThat(reject.path("raw").asText()).isEqualTo(OTHER);
                });
        clock.move(Duration.ofHours(2));

        RunSummary values = pull(DECLARED + "sink: {drift: discard-value}\n", EXPECTED, OTHER);

        assertThat(values.rows()).as("what was rejected is not known").isEqualTo(1);
        assertThat(landed()).hasSize(2).anyMatch(row -> row.startsWith("{\"id\":2,\"a\":2,\"_caravan_run\""));
    }

    @Test
    void filesNeedASchemaForIt() {
        assertThatThrownBy(() -> pull("sink: {drift: freeze}\n"))
                .hasMessageContaining("drift 'freeze'")
                .hasMessageContaining("'schema'");
    }

    @Test
    void tablesLeaveOutTheRow() {
        String sink = "sink: {type: duckdb, drift: discard-row}\nshape: flat\n";
        assertThat(pull(sink, EXPECTED).rows()).isEqualTo(1);
        clock.move(Duration.ofHours(2));

        RunSummary next = pull(sink, OTHER, "{\"id\":3,\"a\":\"x\"}", "{\"id\":4,\"a\":null,\"d\":null}", "{\"id\":5}");

        assertThat(next.status()).as(next.error()).isEqualTo(RunStatus.DONE);
        assertThat(next.rejected()).isEqualTo(2);
        assertThat(duck()).extracting(row -> row.path("id").asInt()).containsExactlyInAnyOrder(1, 4, 5);
        assertThat(FileSinkContractTest.visible(folder.resolve("errors/acme/orders@duckdb")))
                .extracting(reject -> reject.path("reason").asText())
                .containsExactly(
                        "drift: the table has no column for 'b__c'",
                        "drift: its 'a' is not BIGINT, as the table's column is");
        assertSound(sink);
    }

    @Test
    void tablesLeaveOutTheValue() {
        String sink = "sink: {type: duckdb, drift: discard-value}\nshape: flat\n";
        pull(sink, EXPECTED);
        clock.move(Duration.ofHours(2));

        RunSummary next = pull(sink, OTHER, "{\"id\":3,\"a\":\"x\"}");

        assertThat(next.rows()).as(next.error()).isEqualTo(2);
        assertThat(duck())
                .extracting(row -> row.path("id").asInt() + " " + row.path("a").asText("none"))
                .containsExactlyInAnyOrder("1 1", "2 2", "3 none");
        assertThat(duck()).noneMatch(row -> row.has("b__c"));
        assertSound(sink);
    }

    @Test
    void aTextThatPostgresqlDoesNotHoldRejectsItsRow() {
        PostgresServer.Database database = PostgresServer.database();
        String sink = "sink: {type: jdbc, url: \"%s\", user: postgres}\nshape: flat\n".formatted(database.url());

        RunSummary summary = pull(sink, EXPECTED, "{\"id\":2,\"t\":\"x\\u0000y\"}", "{\"id\":3,\"t\":\"\\\\u0000\"}");

        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(summary.rejected()).isEqualTo(1);
        assertThat(Tables.rows(database.url() + "?user=postgres", "acme_orders"))
                .extracting(row -> row.path("id").asInt())
                .containsExactlyInAnyOrder(1, 3);
        assertThat(FileSinkContractTest.visible(folder.resolve("errors/acme/orders@jdbc")))
                .singleElement()
                .satisfies(reject -> assertThat(reject.path("reason").asText()).contains("U+0000", "shape: raw"));
    }

    @Test
    void verifyCountsTheRowsOfATable() throws SQLException {
        String sink = "sink: duckdb\n";
        pull(sink, EXPECTED, OTHER);
        assertSound(sink);
        try (Connection database = DriverManager.getConnection(
                        DuckFiles.released("jdbc:duckdb:" + folder.resolve("warehouse.duckdb")));
                Statement statement = database.createStatement()) {
            statement.execute("DELETE FROM acme_orders WHERE raw_data LIKE '%\"id\":2,%'");
        }
        try (Workshop workshop = new Workshop(folder, clock)) {
            assertThat(live(workshop, sink).verify().problems())
                    .singleElement()
                    .extracting(Problem::toString)
                    .asString()
                    .contains("table acme_orders", "2 rows, it has 1", "drop it");
        }
    }

    private RunSummary pull(String settings, String... rows) {
        try (Workshop workshop = new Workshop(folder, clock)) {
            LiveStream live = live(workshop, settings);
            return new ByHand(request -> answer(200, "{\"data\":[%s]}".formatted(String.join(",", rows)))).pull(live);
        }
    }

    private void assertSound(String settings) {
        try (Workshop workshop = new Workshop(folder, clock)) {
            assertThat(live(workshop, settings).verify().problems())
                    .extracting(Problem::toString)
                    .isEmpty();
        }
    }

    private static LiveStream live(Workshop workshop, String settings) {
        return workshop.live(Workshop.vendor(
                "https://api.acme.example",
                Workshop.stream("orders", "path: /orders\nrecords: $.data\nkey: id\nmax-rejected: 100%\n" + settings)));
    }

    private List<String> landed() {
        return Landed.in(folder, "acme/orders").lines();
    }

    private List<JsonNode> duck() {
        return Tables.rows("jdbc:duckdb:" + folder.resolve("warehouse.duckdb"), "acme_orders");
    }
}
