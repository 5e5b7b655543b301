package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.failure.PullException;
import dev.caravan.sink.LandedRows;
import dev.caravan.sink.SinkSettings;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Tables;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The latest version of each record, as files and as a view, of streams whose files are the log of changes. */
class SnapshotTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String MERGED = """
            path: /orders
            records: $.data
            key: [shop, at.id]
            cursor: {field: at.changed, format: iso, filtered: false}
            disposition: merge
            deleted: "$.status == 'gone'"
            every: 1h
            """;

    private final Path folder;
    private final MutableClock clock = new MutableClock("2026-03-02T00:00:00Z");

    SnapshotTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private static String row(String shop, int id, String changed, String status) {
        return "{\"shop\":\"%s\",\"at\":{\"id\":%d,\"changed\":\"%s\"},\"status\":\"%s\"}"
                .formatted(shop, id, changed, status);
    }

    private void pull(String stream, String... rows) {
        clock.move(Duration.ofHours(2));
        try (Workshop workshop = new Workshop(folder, clock).withBatchRows(2)) {
            LiveStream live = live(workshop, stream);
            String body = "{\"data\":[%s]}".formatted(String.join(",", rows));
            RunSummary summary = new ByHand(request -> answer(200, body)).pull(live);
            assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        }
    }

    private static LiveStream live(Workshop workshop, String stream) {
        return workshop.live(Workshop.vendor("https://api.acme.example/v1", Workshop.stream("orders", stream)));
    }

    /** Versions of four orders: one is edited, an old version of one comes late, one goes, and one comes back. */
    private void changes(String more) {
        pull(
                MERGED + more,
                row("a", 1, "2026-03-01T00:00:00Z", "new"),
                row("b", 1, "2026-03-01T00:00:00Z", "new"),
                row("a", 2, "2026-03-01T00:00:00.5Z", "new"),
                row("a", 3, "2026-03-01T00:00:00Z", "gone"));
        pull(
                MERGED + more,
                row("a", 1, "2026-03-01T10:00:00Z", "paid"),
                row("b", 1, "2026-03-01T10:00:00Z", "gone"),
                row("a", 2, "2026-03-01T00:00:00Z", "late"),
                row("a", 3, "2026-03-01T10:00:00Z", "back"));
    }

    private static final Map<String, String> LATEST = Map.of("a/1", "paid", "a/2", "new", "a/3", "back");

    @ParameterizedTest
    @ValueSource(strings = {"sink: files\n", "sink: csv\n", "sink: parquet\n", "shape: raw\n", "sink: duckdb\n"})
    void isTheLatestVersionOfEachRecordWhateverTheStreamLandsAs(String more) throws IOException {
        changes(more);
        Path to = folder.resolve("out/now");
        try (Workshop workshop = new Workshop(folder, clock)) {
            LiveStream live = live(workshop, MERGED + more);

            assertThat(live.snapshot(SinkSettings.usual(), to)).isEqualTo(3);

            assertThat(read(to)).isEqualTo(LATEST);
            assertThatThrownBy(() -> live.snapshot(SinkSettings.usual(), to))
                    .isInstanceOf(PullException.class)
                    .hasMessageContaining("is there already");
            assertThat(live.verify().isSound()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"sink: files\n", "sink: {compression: zstd}\n", "sink: csv\n", "sink: parquet\n", "shape: raw\n"
            })
    void isAViewOfDuckDbToo(String more) throws SQLException {
        changes(more);
        String sql;
        try (Workshop workshop = new Workshop(folder, clock)) {
            sql = live(workshop, MERGED + more).latestView();
        }
        String url = "jdbc:duckdb:" + folder.resolve("views.duckdb");
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
        List<JsonNode> rows = Tables.rows(url, "acme_orders");

        assertThat(rows).as(sql).hasSize(3);
        assertThat(rows)
                .extracting(row -> Tables.value(row, "status").asText())
                .containsExactlyInAnyOrderElementsOf(LATEST.values());
    }

    @Test
    void marksInATableWhatIsDeleted() {
        changes("sink: duckdb\nshape: flat\n");

        Map<String, String> rows = new TreeMap<>();
        Tables.rows("jdbc:duckdb:" + folder.resolve("warehouse.duckdb"), "acme_orders")
                .forEach(row -> rows.put(
                        row.path("shop").asText() + "/" + row.path("at__id").asText(),
                        row.path("status").asText() + " "
                                + row.path("_caravan_deleted").asText()));

        assertThat(rows)
                .isEqualTo(Map.of("a/1", "paid false", "b/1", "gone true", "a/2", "new false", "a/3", "back false"));
    }

    @Test
    void needsAKey() {
        pull("path: /orders\nrecords: $.data\n", "{\"id\":1}");
        try (Workshop workshop = new Workshop(folder, clock)) {
            LiveStream live = live(workshop, "path: /orders\nrecords: $.data\n");
            assertThatThrownBy(() -> live.snapshot(SinkSettings.usual(), folder.resolve("x")))
                    .hasMessageContaining("acme-orders: a snapshot needs a 'key'");
            assertThatThrownBy(live::latestView).hasMessageContaining("needs a 'key'");
            assertThatThrownBy(() -> workshop.read(Workshop.vendor(
                            "https://a.example", Workshop.stream("orders", "path: /x\nkey: id\ndeleted: $.deleted\n"))))
                    .hasMessageContaining("deleted '$.deleted' is for disposition: merge");
        }
    }

    private static Map<String, String> read(Path to) throws IOException {
        Map<String, String> latest = new TreeMap<>();
        List<Path> files = new ArrayList<>();
        try (var all = Files.walk(to)) {
            all.filter(Files::isRegularFile).forEach(files::add);
        }
        for (Path file : files) {
            LandedRows.read(file, 1 << 20, row -> {
                JsonNode tree = tree(row);
                JsonNode at = Tables.value(tree, "at");
                latest.put(
                        Tables.value(tree, "shop").asText() + "/"
                                + (at.isTextual() ? tree(at.asText().getBytes(StandardCharsets.UTF_8)) : at)
                                        .path("id")
                                        .asText(),
                        Tables.value(tree, "status").asText());
            });
        }
        return latest;
    }

    private static JsonNode tree(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
