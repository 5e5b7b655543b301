package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testkit.BigQueryServer;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeGcs;
import dev.caravan.testkit.FakeS3;
import dev.caravan.testkit.FakeStore;
import dev.caravan.testkit.Items;
import dev.caravan.testkit.PostgresServer;
import dev.caravan.testkit.Summaries;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same rows into each sink, read back by DuckDB or the database itself. {@code -Plong}: a million into each, with 512 MB. */
class VolumeIT {
    private static final int ROWS = 5_000;
    private static final int MANY = Integer.getInteger("caravan.sink-rows", 1_000_000);
    private static final int PAGE = 1_000;
    private static final long MOST = 512L << 20;

    private static final Map<String, String> SINKS = Map.of(
            "files", "files",
            "csv", "{name: csv, format: csv, compression: zstd}",
            "parquet", "{name: parquet, format: parquet}",
            "duckdb", "duckdb",
            "jdbc", "{type: jdbc, url: \"%1$s\", user: postgres}",
            "bigquery", "{type: bigquery, project: acme-lake, dataset: raw, location: EU, endpoint: \"%2$s\"}");

    /** Files in a bucket, with the settings that put them there. */
    private static final Map<String, List<String>> LAKES = Map.of(
            "s3",
                    List.of(
                            "caravan.lake=s3://lake/lake",
                            "caravan.s3.endpoint=%s",
                            "caravan.s3.path-style=true",
                            "caravan.s3.access-key=test-id",
                            "caravan.s3.secret-key=test-key"),
            "gcs", List.of("caravan.lake=gs://lake/lake", "caravan.gcs.endpoint=%s", "caravan.gcs.credentials=none"));

    private final PostgresServer.Database database = PostgresServer.database();
    private final BigQueryServer warehouse = BigQueryServer.start();
    private final Map<String, FakeStore<?>> stores = Map.of("s3", new FakeS3(), "gcs", new FakeGcs());

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        warehouse.close();
        stores.values().forEach(FakeStore::close);
    }

    /** So many rows, and the sum of the hashes of what each holds: those of equal multisets are equal. */
    private record Content(long rows, long sum) {}

    @Test
    void everySinkHoldsTheSame() throws SQLException, IOException {
        Items items = new Items(ROWS, PAGE, ROWS);
        pull(items, ROWS, List.of("files", "csv", "parquet", "duckdb", "jdbc", "bigquery"), "-Xmx256m");
        for (String sink : SINKS.keySet()) {
            assertThat(content(sink)).as(sink).isEqualTo(expected(items, ROWS));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"files", "csv", "parquet", "duckdb", "jdbc", "bigquery", "s3", "gcs"})
    @EnabledIfSystemProperty(named = "caravan.long", matches = "true")
    void aMillionRowsFitIntoTheMemoryOfAContainer(String sink) throws SQLException, IOException {
        Items items = new Items(MANY, PAGE, MANY);
        long began = System.nanoTime();
        long peak = pull(items, MANY, List.of(sink), "-Xmx256m");
        System.out.printf(
                "VolumeIT: %s: %,d rows, %d MB of memory at most, %.1f s%n",
                sink, MANY, peak >> 20, (System.nanoTime() - began) / 1e9);
        assertThat(peak).as("memory of the whole process").isLessThanOrEqualTo(MOST);
        assertThat(content(sink)).isEqualTo(expected(items, MANY));
    }

    private long pull(Items items, int rows, List<String> sinks, String heap) {
        try (FakeApi api = FakeApi.start()) {
            api.on("/items", items);
            String settings = sinks.stream()
                    .map(sink -> SINKS.getOrDefault(sink, "files").formatted(database.url(), warehouse.url()))
                    .reduce((one, other) -> one + ", " + other)
                    .orElseThrow();
            CaravanHome home = CaravanHome.in(folder)
                    .withJava("-XX:+UseSerialGC", heap)
                    .withRoute("acme", """
                            - beans:
                                - name: acme
                                  type: dev.caravan.Connection
                                  properties:
                                    url: %s
                                    quotas: [{rate: 10000, per: 1s, burst: 10000}]
                            - templatedRoute:
                                routeTemplateRef: stream
                                routeId: acme-items
                                beans:
                                  - name: spec
                                    type: dev.caravan.Stream
                                    properties:
                                      path: /items
                                      records: $.data
                                      key: id
                                      next: {from: body, value: $.next, to: query.page}
                                      shape: raw
                                      sink: [%s]
                            """.formatted(api.url(), settings));
            for (String lake : sinks) {
                LAKES.getOrDefault(lake, List.of())
                        .forEach(setting -> home.with(setting.formatted(
                                Objects.requireNonNull(stores.get(lake)).uri())));
            }
            long[] peak = new long[1];
            try (CaravanProcess process = home.start("pull", "acme-items", "--json")) {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(120 + rows / 500))
                        .pollInterval(50, TimeUnit.MILLISECONDS)
                        .until(() -> {
                            peak[0] = Math.max(peak[0], process.peakMemory());
                            return !process.isAlive();
                        });
                Ended ended = process.await(CaravanHome.LIMIT).expect(0);
                JsonNode summary = Summaries.of(ended).of("acme-items");
                assertThat(summary.path("rows").asInt()).isEqualTo(rows);
            }
            return peak[0];
        }
    }

    private static Content expected(Items items, int rows) {
        long sum = 0;
        List<String> all = items.records();
        for (String record : all) {
            sum += hash(record);
        }
        assertThat(all).hasSize(rows);
        return new Content(rows, sum);
    }

    private Content content(String sink) throws SQLException, IOException {
        FakeStore<?> store = stores.get(sink);
        Path data = store == null ? folder.resolve("data") : mirror(store);
        String place = data.resolve(
                        "acme/items" + (sink.equals("files") || store != null ? "" : "@" + sink) + "/date=*/*")
                .toString();
        return switch (sink) {
            case "files", "s3", "gcs" ->
                content(
                        "jdbc:duckdb:",
                        "read_json('%s', format = 'newline_delimited', columns = {raw_data: 'VARCHAR'})"
                                .formatted(place));
            case "csv" -> content("jdbc:duckdb:", "read_csv('%s', header = true, all_varchar = true)".formatted(place));
            case "parquet" -> content("jdbc:duckdb:", "read_parquet('%s')".formatted(place));
            case "duckdb" -> content("jdbc:duckdb:" + data.resolve("warehouse.duckdb"), "acme_items");
            case "bigquery" -> {
                List<JsonNode> rows = warehouse.store().rows("acme_items");
                yield new Content(
                        rows.size(),
                        rows.stream()
                                .mapToLong(row -> hash(row.path("raw_data").asText()))
                                .sum());
            }
            default -> content(database.url() + "?user=postgres", "acme_items");
        };
    }

    /** Returns what is in a bucket, as files. */
    private Path mirror(FakeStore<?> store) throws IOException {
        for (String key : store.keys("lake/acme/items/date=")) {
            Path file = folder.resolve("mirror").resolve(key);
            Files.createDirectories(file.resolveSibling(".").normalize());
            Files.write(file, store.bytes(key));
        }
        return folder.resolve("mirror").resolve("lake");
    }

    private static Content content(String url, String from) throws SQLException {
        long rows = 0;
        long sum = 0;
        try (Connection connection = DriverManager.getConnection(url)) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.setFetchSize(PAGE);
                try (ResultSet row = statement.executeQuery("SELECT raw_data FROM " + from)) {
                    while (row.next()) {
                        rows++;
                        sum += hash(row.getString(1));
                    }
                }
            }
        }
        return new Content(rows, sum);
    }

    private static long hash(String text) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)))
                    .getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
