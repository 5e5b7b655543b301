package dev.caravan.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.caravan.batch.SealedFile;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.record.FlatForm;
import dev.caravan.record.RecordForm;
import dev.caravan.record.SourceRecord;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every format is read back by another program, DuckDB, and by the application itself. */
class FileFormatsTest {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    private static final Instant STARTED = Instant.parse("2026-03-04T23:30:00Z");

    private static final String ODD =
            "{\"id\":9223372036854775807,\"least\":-9223372036854775808,\"wide\":18446744073709551615,"
                    + "\"exact\":1234567890123456789012345678.0123456789,\"price\":1.10,\"tiny\":1e-300,\"far\":1e400,"
                    + "\"text\":\"line\\nbreak, \\\"quoted\\\" \\u2028 \\ud83d\\ude00 e\\u0301 \\ufeff \\u0000 '\","
                    + "\"empty\":\"\",\"none\":null,\"yes\":true,\"mixed\":7,"
                    + "\"address\":{\"city\":\"Zürich\",\"geo\":{\"lat\":47.3769},\"empty\":{}},"
                    + "\"list\":[1,{\"a\":2}],\"Case\":1,\"case\":2,\"\":\"no name\",\"a\\\"b\":\"'\"}";
    private static final String PLAIN =
            "{\"id\":1,\"price\":22,\"mixed\":\"seven\",\"text\":\"=1+1\",\"yes\":false,\"address\":{\"city\":null}}";

    private final Path folder;

    FileFormatsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zstd", "none"})
    void linesAreReadBackAsTheyWereSent(String compression) throws Exception {
        Path file = one("{\"compression\":\"%s\"}".formatted(compression), ODD, PLAIN);

        List<String> lines = new ArrayList<>();
        query(
                "SELECT json::VARCHAR FROM read_ndjson_objects('%s')".formatted(file),
                row -> lines.add(row.getString(1)));

        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).startsWith(ODD.substring(0, ODD.length() - 1)).endsWith("Z\"}");
        assertThat(landed(file)).isEqualTo(lines);
        assertThat(file.toString())
                .endsWith(Map.of("gzip", ".ndjson.gz", "zstd", ".ndjson.zst", "none", ".ndjson")
                        .get(compression));
    }

    @Test
    void csvIsReadBackWithEveryTextAndNumberAsItWasSent() throws Exception {
        Path file = one("{\"format\":\"csv\",\"compression\":\"none\"}", ODD, PLAIN);

        List<Map<String, Object>> rows = csv(file);

        Map<String, Object> odd = rows.get(0);
        assertThat(odd)
                .containsEntry("id", "9223372036854775807")
                .containsEntry("exact", "1234567890123456789012345678.0123456789")
                .containsEntry("price", "1.10")
                .containsEntry("far", "1e400")
                .containsEntry("text", JSON.readTree(ODD).path("text").asText())
                .containsEntry("empty", "")
                .containsEntry("none", null)
                .containsEntry("address", "{\"city\":\"Zürich\",\"geo\":{\"lat\":47.3769},\"empty\":{}}")
                .containsEntry("list", "[1,{\"a\":2}]")
                .containsEntry("a\"b", "'");
        assertThat(rows.get(1)).containsEntry("text", "=1+1").containsEntry("exact", null);
        String head = Files.readString(file).lines().findFirst().orElseThrow();
        assertThat(head).startsWith("id,least,wide,").endsWith(",_caravan_run,_caravan_extracted_at");
        assertThat(Files.readString(file)).endsWith("\r\n");

        List<JsonNode> landed = new ArrayList<>();
        LandedRows.read(file, 1 << 20, row -> landed.add(tree(row)));
        assertThat(landed.get(0).at("/address/geo/lat").asText()).isEqualTo("47.3769");
        assertThat(landed.get(0).path("text")).isEqualTo(JSON.readTree(ODD).path("text"));
        assertThat(landed.get(0).has("none")).isFalse();
    }

    @Test
    void csvForSpreadsheetsHasNoFormulas() throws Exception {
        Path file = one(
                "{\"format\":\"csv\",\"spreadsheet-safe\":true}",
                "{\"a\":\"=1+1\",\"b\":\"-2\",\"c\":-2,\"d\":\"@x\",\"e\":\"a=b\",\"f\":\"\\tx\"}");

        assertThat(csv(file).get(0))
                .containsEntry("a", "'=1+1")
                .containsEntry("b", "'-2")
                .containsEntry("c", "-2")
                .containsEntry("d", "'@x")
                .containsEntry("e", "a=b")
                .containsEntry("f", "'\tx");
    }

    @Test
    void csvHasTheColumnsThatTheSchemaDeclaresFirst() throws Exception {
        Path file = declared(
                "{\"format\":\"csv\"}",
                "{\"properties\":{\"id\":{\"type\":\"integer\"},\"sum\":{\"type\":\"number\"}}}",
                "{\"b\":1,\"id\":2}");

        assertThat(csv(file).get(0).keySet())
                .containsExactly("id", "sum", "b", "_caravan_run", "_caravan_extracted_at");
    }

    @Test
    void parquetHoldsEveryValueExactlyInTheNarrowestType() throws Exception {
        Path file = one("{\"format\":\"parquet\"}", ODD, PLAIN);

        Map<String, String> types = new LinkedHashMap<>();
        query(
                "DESCRIBE SELECT * FROM read_parquet('%s')".formatted(file),
                row -> types.put(row.getString(1), row.getString(2)));
        assertThat(types)
                .containsEntry("id", "BIGINT")
                .containsEntry("least", "BIGINT")
                .containsEntry("wide", "DECIMAL(20,0)")
                .containsEntry("exact", "DECIMAL(38,10)")
                .containsEntry("price", "DECIMAL(4,2)")
                .containsEntry("tiny", "DOUBLE")
                .containsEntry("far", "VARCHAR")
                .containsEntry("mixed", "VARCHAR")
                .containsEntry("none", "VARCHAR")
                .containsEntry("yes", "BOOLEAN")
                .containsEntry("address__city", "VARCHAR")
                .containsEntry("address__geo__lat", "DECIMAL(6,4)")
                .containsEntry("address__empty", "VARCHAR")
                .containsEntry("case_2", "BIGINT")
                .containsEntry("_", "VARCHAR");

        List<Map<String, Object>> rows = rows("SELECT * FROM read_parquet('%s')".formatted(file));
        assertThat(rows.get(0))
                .containsEntry("id", Long.MAX_VALUE)
                .containsEntry("least", Long.MIN_VALUE)
                .containsEntry("wide", new BigDecimal("18446744073709551615"))
                .containsEntry("exact", new BigDecimal("1234567890123456789012345678.0123456789"))
                .containsEntry("price", new BigDecimal("1.10"))
                .containsEntry("tiny", 1e-300)
                .containsEntry("far", "1e400")
                .containsEntry("text", JSON.readTree(ODD).path("text").asText())
                .containsEntry("empty", "")
                .containsEntry("none", null)
                .containsEntry("mixed", "7")
                .containsEntry("address__city", "Zürich")
                .containsEntry("list", "[1,{\"a\":2}]")
                .containsEntry("Case", 1L)
                .containsEntry("case_2", 2L)
                .containsEntry("a\"b", "'");
        assertThat(rows.get(1))
                .containsEntry("price", new BigDecimal("22.00"))
                .containsEntry("exact", null)
                .containsEntry("mixed", "seven")
                .containsEntry("address__city", null);

        List<JsonNode> landed = new ArrayList<>();
        LandedRows.read(file, 1 << 20, row -> landed.add(tree(row)));
        assertThat(landed.get(0).at("/address/geo/lat").asText()).isEqualTo("47.3769");
        assertThat(landed.get(0).at("/list/1/a").asInt()).isEqualTo(2);
        assertThat(landed.get(0).path("exact").asText()).isEqualTo("1234567890123456789012345678.0123456789");
    }

    @Test
    void parquetTakesTypesFromTheSchemaAndWidensThemWhereTheDataIsWider() throws Exception {
        Path file = declared(
                "{\"format\":\"parquet\"}",
                "{\"properties\":{\"n\":{\"type\":[\"integer\",\"null\"]},\"t\":{\"type\":\"string\"},\"w\":{\"type\":\"integer\"},"
                        + "\"o\":{\"type\":\"object\",\"properties\":{\"b\":{\"type\":\"boolean\"}}}}}",
                "{\"n\":null,\"t\":5,\"w\":0.5}");

        Map<String, String> types = new LinkedHashMap<>();
        query(
                "DESCRIBE SELECT * FROM read_parquet('%s')".formatted(file),
                row -> types.put(row.getString(1), row.getString(2)));
        assertThat(types)
                .containsEntry("n", "BIGINT")
                .containsEntry("t", "VARCHAR")
                .containsEntry("w", "DECIMAL(20,1)")
                .containsEntry("o__b", "BOOLEAN");
        assertThat(rows("SELECT * FROM read_parquet('%s')".formatted(file)).get(0))
                .containsEntry("t", "5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"format\":\"csv\"}", "{\"format\":\"parquet\"}", "{\"compression\":\"zstd\"}"})
    void countsAndHashesWhatIsOnTheDisk(String settings) throws Exception {
        List<SealedFile> sealed = write(settings, null, folderForm(), ODD, PLAIN);

        byte[] bytes = Files.readAllBytes(folder.resolve(sealed.get(0).staged()));
        assertThat(sealed.get(0).rows()).isEqualTo(2);
        assertThat(sealed.get(0).bytes()).isEqualTo(bytes.length);
        assertThat(sealed.get(0).minCursor()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(sealed.get(0).maxCursor()).isEqualTo("2026-01-01T00:00:01Z");
        assertThat(sealed.get(0).sha256())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"format\":\"csv\"}", "{\"format\":\"parquet\"}", "{\"compression\":\"none\"}"})
    void leavesNothingOfAFileThatCouldNotBeWritten(String settings) throws Exception {
        int[] written = {0};
        RecordForm fails = (record, out) -> {
            if (++written[0] == 5) {
                throw new IOException("No space left on device");
            }
            folderForm().write(record, out);
        };

        assertThatThrownBy(() -> write(settings, null, fails, PLAIN, PLAIN, PLAIN, PLAIN, PLAIN, PLAIN))
                .isInstanceOf(BatchWriteException.class)
                .hasMessageContaining("free some space");
        assertThat(folder.resolve("_staging/7")).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"format\":\"csv\"}", "{\"format\":\"parquet\"}"})
    void refusesRecordsWhoseNamesAreValues(String settings) {
        StringBuilder wide = new StringBuilder("{\"x\":{\"y\":1}");
        IntStream.rangeClosed(0, Columns.MOST)
                .forEach(i -> wide.append(",\"n").append(i).append("\":1"));

        assertThatThrownBy(() ->
                        write(settings, null, folderForm(), wide.append('}').toString()))
                .isInstanceOf(BatchWriteException.class)
                .hasMessageContaining("more than 2,000 columns")
                .hasMessageContaining("shape: raw")
                .extracting(e -> ((PullException) e).remedy())
                .isEqualTo(Remedy.STOP);
    }

    @Test
    void putsRowsIntoTheFolderOfAFieldAndNeverOutOfTheirOwn() throws Exception {
        List<SealedFile> sealed = write(
                "{\"partition-by\":\"$.at.country\",\"format\":\"parquet\"}",
                null,
                folderForm(),
                "{\"id\":1,\"at\":{\"country\":\"DE\"}}",
                "{\"id\":2,\"at\":{\"country\":\"../..\"}}",
                "{\"id\":3,\"at\":{\"country\":\"\"}}",
                "{\"id\":4,\"at\":{\"country\":null}}",
                "{\"id\":5}",
                "{\"id\":6,\"at\":{\"country\":\"a/b c=d%\"}}",
                "{\"id\":7,\"at\":{\"country\":\"DE\"}}",
                "{\"id\":8,\"at\":{\"country\":\"__HIVE_DEFAULT_PARTITION__\"}}");
        for (SealedFile each : sealed) {
            Path place = folder.resolve(each.path()).normalize();
            assertThat(place.startsWith(folder) && folder.relativize(place).getNameCount() == 2)
                    .as(each.path())
                    .isTrue();
            Files.createDirectories(place.resolveSibling("."));
            Files.move(folder.resolve(each.staged()), place);
        }

        Map<Object, Object> countries = new LinkedHashMap<>();
        rows("SELECT id, country FROM read_parquet('%s/*/*.parquet', hive_partitioning = true) ORDER BY id"
                        .formatted(folder))
                .forEach(row -> countries.put(row.get("id"), row.get("country")));

        assertThat(countries)
                .containsEntry(1L, "DE")
                .containsEntry(2L, "../..")
                .containsEntry(4L, null)
                .containsEntry(5L, null)
                .containsEntry(6L, "a/b c=d%")
                .containsEntry(7L, "DE")
                .containsEntry(8L, "__HIVE_DEFAULT_PARTITION__");
        assertThat(sealed).extracting(SealedFile::path).contains("country=/r1-000004.parquet");
    }

    @Test
    void refusesAFieldWithTooManyValues() {
        String[] rows = IntStream.rangeClosed(0, Places.MOST)
                .mapToObj("{\"id\":%d}"::formatted)
                .toArray(String[]::new);

        assertThatThrownBy(() -> write("{\"partition-by\":\"id\"}", null, folderForm(), rows))
                .isInstanceOf(BatchWriteException.class)
                .hasMessageContaining("partition-by id")
                .hasMessageContaining("choose a field with fewer");
    }

    private Path one(String settings, String... records) throws IOException {
        return one(settings, (JsonNode) null, records);
    }

    private Path declared(String settings, String schema, String record) throws IOException {
        return one(settings, JSON.readTree(schema), new String[] {record});
    }

    private Path one(String settings, @Nullable JsonNode schema, String[] records) throws IOException {
        List<SealedFile> sealed = write(settings, schema, folderForm(), records);
        assertThat(sealed).hasSize(1);
        String path = sealed.get(0).path();
        Path place = folder.resolve(path.substring(path.indexOf('/') + 1));
        Files.move(folder.resolve(sealed.get(0).staged()), place);
        return place;
    }

    private static RecordForm folderForm() {
        return new FlatForm("r1", STARTED, Map.of());
    }

    private List<SealedFile> write(String settings, @Nullable JsonNode schema, RecordForm form, String... records)
            throws IOException {
        List<SourceRecord> all = new ArrayList<>();
        for (String record : records) {
            byte[] bytes = ("  " + record).getBytes(StandardCharsets.UTF_8);
            all.add(new SourceRecord(
                    bytes,
                    2,
                    bytes.length - 2,
                    null,
                    Instant.parse("2026-01-01T00:00:00Z").plusSeconds(all.size() % 2)));
        }
        return JSON.readValue(settings, SinkSettings.class)
                .open(Contexts.orders(folder, schema))
                .write(
                        new Destination(
                                folder,
                                folder.resolve("_staging/7"),
                                "r1",
                                4,
                                ZoneOffset.UTC,
                                STARTED,
                                true,
                                form,
                                null),
                        all);
    }

    private static List<String> landed(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        LandedRows.read(file, 1 << 20, row -> lines.add(new String(row, StandardCharsets.UTF_8)));
        return lines;
    }

    private static JsonNode tree(byte[] row) {
        try {
            return JSON.readTree(row);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<Map<String, Object>> csv(Path file) throws SQLException {
        return rows(
                "SELECT * FROM read_csv('%s', header = true, all_varchar = true, allow_quoted_nulls = false, delim = ',', quote = '\"', escape = '\"', normalize_names = false)"
                        .formatted(file));
    }

    private static List<Map<String, Object>> rows(String sql) throws SQLException {
        List<Map<String, Object>> rows = new ArrayList<>();
        query(sql, row -> {
            Map<String, Object> values = new LinkedHashMap<>();
            for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                values.put(row.getMetaData().getColumnName(i), row.getObject(i));
            }
            rows.add(values);
        });
        return rows;
    }

    private interface Taker {
        void take(ResultSet row) throws SQLException;
    }

    private static void query(String sql, Taker taker) throws SQLException {
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                var statement = duck.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                taker.take(rows);
            }
        }
    }
}
