package dev.caravan.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.batch.Delivery;
import dev.caravan.batch.SealedFile;
import dev.caravan.record.FlatForm;
import dev.caravan.record.SourceRecord;
import dev.caravan.testkit.Tables;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What tables do with batches and commits, in every database. */
@Timeout(120)
abstract class TableSinkContract {
    private static final Instant AT = Instant.parse("2026-03-01T00:00:00Z");

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    Path folder;

    private int batches;

    abstract Dialect dialect();

    abstract String url();

    /** Returns the text of an error that says where it happened. */
    abstract String place();

    @Test
    void addsAColumnAndWidensWhatIsTooNarrow() throws Exception {
        TableSink sink = sink(SinkContext.Keeps.ALL);
        deliver(sink, 1, "{\"id\":1,\"a\":1,\"b\":true,\"c\":\"x\"}");
        assertThat(columns()).containsKeys("id", "a", "b", "c").doesNotContainKey("d");
        String integer = columns().getOrDefault("a", "");

        deliver(sink, 2, "{\"id\":2,\"a\":9223372036854775807,\"d\":{\"e\":null,\"f\":[1]}}");
        assertThat(columns()).containsEntry("a", integer).containsKeys("d__e", "d__f");
        deliver(sink, 3, "{\"id\":3,\"a\":1.25}", "{\"id\":4,\"a\":1234567890.123}");
        String decimal = columns().getOrDefault("a", "");
        assertThat(decimal).isNotEqualTo(integer);
        deliver(sink, 4, "{\"id\":5,\"a\":\"text\",\"b\":7}");

        assertThat(columns().get("a")).isNotEqualTo(decimal);
        assertThat(texts("a")).containsExactly("1", "9223372036854775807", "1.25", "1234567890.123", "text");
        assertThat(texts("b")).containsExactly("true", null, null, null, "7");
        assertThat(texts("d__f")).containsExactly(null, "[1]", null, null, null);
    }

    @Test
    void staysAsItIsWhereThatIsSaid() throws Exception {
        TableSink frozen =
                new TableSink(dialect(), new TableName(null, "acme_orders"), context("orders"), "x", Drift.FREEZE);
        deliver(frozen, 1, "{\"id\":1,\"a\":1}");
        Map<String, String> columns = columns();
        deliver(frozen, 2, "{\"id\":2}", "{\"id\":3,\"a\":null}");

        assertThatThrownBy(() -> write(frozen, "{\"id\":4,\"a\":1.5,\"b\":\"x\"}"))
                .isInstanceOf(DeliveryException.class)
                .hasMessageContaining("table acme_orders")
                .hasMessageContaining("drift: freeze")
                .hasMessageContaining("'a' is ")
                .hasMessageContaining("'b' is missing");
        assertThat(columns()).isEqualTo(columns);
        assertThat(texts("id")).containsExactly("1", "2", "3");
        assertThat(folder.resolve("_staging/7")).isEmptyDirectory();
    }

    @Test
    void holdsNumbersAndTextsExactly() throws Exception {
        String odd =
                "{\"id\":1,\"least\":-9223372036854775808,\"exact\":1234567890123456789012345678.0123456789,\"wide\":18446744073709551615,"
                        + "\"text\":\"tab\\t, \\\\N back\\\\slash\\nbreak \\ud83d\\ude00 \\u2028 \\\"'\",\"empty\":\"\",\"none\":null}";
        deliver(sink(SinkContext.Keeps.ALL), 1, odd);

        assertThat(texts("least")).containsExactly("-9223372036854775808");
        assertThat(texts("exact")).containsExactly("1234567890123456789012345678.0123456789");
        assertThat(texts("wide")).containsExactly("18446744073709551615");
        assertThat(texts("text")).containsExactly("tab\t, \\N back\\slash\nbreak 😀 \u2028 \"'");
        assertThat(texts("empty")).containsExactly("");
        assertThat(texts("none")).containsExactly((String) null);
    }

    @Test
    void castsToTheTypesOfColumnsThatSomebodyMade() throws Exception {
        execute("CREATE TABLE acme_orders (id bigint, \"at\" timestamp, small smallint)");

        deliver(sink(SinkContext.Keeps.ALL), 1, "{\"id\":1,\"at\":\"2026-03-01T10:00:00\",\"small\":5}");
        deliver(sink(SinkContext.Keeps.ALL), 2, "{\"id\":2,\"at\":\"2026-03-02T10:00:00\",\"small\":70000}");

        assertThat(columns().get("at")).containsIgnoringCase("timestamp");
        assertThat(texts("at").get(0)).startsWith("2026-03-01");
        assertThat(texts("small")).containsExactly("5", "70000");
    }

    @Test
    void refusesWhatAColumnThatSomebodyMadeDoesNotTakeBeforeItIsCommitted() throws Exception {
        execute("CREATE TABLE acme_orders (id BIGINT, day DATE)");
        TableSink sink = sink(SinkContext.Keeps.ALL);
        deliver(sink, 1, "{\"id\":1,\"day\":\"2026-01-31\"}");

        assertThatThrownBy(() -> write(sink, "{\"id\":2,\"day\":\"soon\"}"))
                .isInstanceOf(DeliveryException.class)
                .hasMessageContaining("table acme_orders")
                .hasMessageContaining("soon")
                .hasMessageContaining("Give the column a type that takes it");

        assertThat(folder.resolve("_staging/7")).isEmptyDirectory();
        deliver(sink, 2, "{\"id\":3,\"day\":null}");
        assertThat(texts("day")).containsExactly("2026-01-31", null);
    }

    @Test
    void keepsTheLatestVersionWhateverOrderTheyComeIn() throws Exception {
        TableSink sink = sink(SinkContext.Keeps.LATEST);
        deliver(sink, 1, version(1, "a", 10), version(2, "b", 10), version(1, "c", 20), version(1, "d", 15));
        assertThat(texts("v")).containsExactly("c", "b");

        deliver(sink, 2, version(1, "late", 5), version(2, "same", 10), version(3, "new", 1));
        assertThat(texts("v")).containsExactly("c", "same", "new");

        deliver(sink, 3, version(1, "e", 30), version(1, "f", 30));
        assertThat(texts("v")).containsExactly("f", "same", "new");
    }

    @Test
    void deliversACommitOnceHoweverOftenItIsAsked() throws Exception {
        TableSink sink = sink(SinkContext.Keeps.ALL);
        Delivery.Delivered commit = commit(sink, 1, false, "{\"id\":1}");
        sink.delivery().deliver(commit);
        sink.delivery().deliver(commit);
        sink(SinkContext.Keeps.ALL).delivery().deliver(commit);

        assertThat(texts("id")).containsExactly("1");
    }

    @Test
    void replacesOnlyTheRowsOfItsOwnStream() throws Exception {
        TableSink sink = sink(SinkContext.Keeps.ALL);
        deliver(sink, 1, "{\"id\":1}");
        TableSink other =
                new TableSink(dialect(), new TableName(null, "acme_orders"), context("others"), "x", Drift.EVOLVE);
        deliver(other, 1, "{\"id\":9}");

        sink.delivery().deliver(commit(sink, 2, true, "{\"id\":2}"));

        assertThat(texts("id")).containsExactly("2", "9");
    }

    @Test
    void survivesAFailureOfEveryStatement() throws Exception {
        for (boolean after : new boolean[] {false, true}) {
            int failures = 0;
            for (int step = 1; ; step++) {
                execute("DROP TABLE IF EXISTS acme_orders");
                execute("DROP TABLE IF EXISTS _caravan_commits");
                TableSink sink = sink(SinkContext.Keeps.LATEST);
                deliver(sink, 1, version(1, "a", 1), version(2, "b", 1));
                Delivery.Delivered commit = commit(sink, 2, false, version(1, "c", 2), "{\"id\":3,\"new\":1}");
                Breaking breaking = new Breaking(dialect(), step, after);
                TableSink broken = new TableSink(
                        breaking,
                        new TableName(null, "acme_orders"),
                        context("orders", SinkContext.Keeps.LATEST),
                        "x",
                        Drift.EVOLVE);
                boolean failed = false;
                try {
                    broken.delivery().deliver(commit);
                } catch (DeliveryException e) {
                    failed = true;
                }
                assertThat(failed).isEqualTo(breaking.broke());
                assertThat(texts("id")).as("after statement %d", step).isIn(List.of("1", "2"), List.of("1", "2", "3"));

                sink(SinkContext.Keeps.LATEST).delivery().deliver(commit);

                assertThat(texts("id")).as("after statement %d", step).containsExactly("1", "2", "3");
                assertThat(texts("v")).containsExactly("c", "b", null);
                if (!failed) {
                    break;
                }
                failures++;
            }
            assertThat(failures).isGreaterThan(5);
        }
    }

    @Test
    void refusesATableThatIsFilledFromAnotherFolderOfData() throws Exception {
        deliver(sink(SinkContext.Keeps.ALL), 1, "{\"id\":1}");
        deliver(sink(SinkContext.Keeps.ALL), 2, "{\"id\":2}");

        Delivery.Delivered other = commit(sink(SinkContext.Keeps.ALL), 1, false, "{\"id\":7}");
        assertThatThrownBy(() -> sink(SinkContext.Keeps.ALL).delivery().deliver(other))
                .isInstanceOf(DeliveryException.class)
                .hasMessageContaining("acme-orders")
                .hasMessageContaining(place())
                .hasMessageContaining("not of this folder of data");
        assertThat(texts("id")).containsExactly("1", "2");
    }

    @Test
    void stagesNothingThatTheTableCannotHold() throws Exception {
        execute("CREATE TABLE acme_orders (id bigint, \"at\" timestamp)");
        execute("CREATE VIEW v AS SELECT * FROM acme_orders");
        TableSink sink = new TableSink(dialect(), new TableName(null, "v"), context("orders"), "x", Drift.EVOLVE);

        assertThatThrownBy(() -> write(sink, "{\"id\":1,\"more\":2}"))
                .isInstanceOf(DeliveryException.class)
                .hasMessageContaining("table v")
                .hasMessageContaining("making it ready failed");
        assertThat(folder.resolve("_staging/7")).isEmptyDirectory();
    }

    private record Breaking(Dialect dialect, int step, boolean after, int[] calls) implements Dialect {
        private static final Set<String> STEPS = Set.of("prepareStatement", "createStatement", "commit");

        Breaking(Dialect dialect, int step, boolean after) {
            this(dialect, step, after, new int[1]);
        }

        boolean broke() {
            return calls[0] >= step;
        }

        @Override
        public Connection open() throws SQLException {
            Connection real = dialect.open();
            return (Connection) Proxy.newProxyInstance(
                    Breaking.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                        boolean breaks = STEPS.contains(method.getName()) && ++calls[0] == step;
                        boolean made = after && method.getName().equals("commit");
                        if (breaks && !made) {
                            throw new SQLException("cut", "58000");
                        }
                        try {
                            Object answer = method.invoke(real, arguments);
                            if (breaks) {
                                throw new SQLException("answer lost", "58000");
                            }
                            return answer;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        @Override
        public String name() {
            return dialect.name();
        }

        @Override
        public int longestName() {
            return dialect.longestName();
        }

        @Override
        public String type(CellType type) {
            return dialect.type(type);
        }

        @Override
        public Held held(String type, int size, int scale) {
            return dialect.held(type, size, scale);
        }

        @Override
        public void load(Connection session, TableName table, List<Columns.Column> columns, Rows rows)
                throws SQLException, IOException {
            dialect.load(session, table, columns, rows);
        }

        @Override
        public void index(Connection session, TableName table, String column) throws SQLException {
            dialect.index(session, table, column);
        }

        @Override
        public String place() {
            return dialect.place();
        }

        @Override
        public boolean mayRefuse(SourceRecord record) {
            return dialect.mayRefuse(record);
        }

        @Override
        public void check(String text) throws IOException {
            dialect.check(text);
        }

        @Override
        public String temporaryTable() {
            return dialect.temporaryTable();
        }

        @Override
        public String advice(SQLException e) {
            return dialect.advice(e);
        }

        @Override
        public boolean isPassing(SQLException e) {
            return dialect.isPassing(e);
        }
    }

    final TableSink sink(SinkContext.Keeps keeps) {
        return new TableSink(
                dialect(), new TableName(null, "acme_orders"), context("orders", keeps), "x", Drift.EVOLVE);
    }

    final SinkContext context(String stream) {
        return context(stream, SinkContext.Keeps.ALL);
    }

    private SinkContext context(String stream, SinkContext.Keeps keeps) {
        return Contexts.stream(stream, folder, null, keeps);
    }

    private static String version(int id, String value, int cursor) {
        return "{\"id\":%d,\"v\":\"%s\",\"cursor\":%d}".formatted(id, value, cursor);
    }

    final void deliver(TableSink sink, long sequence, String... rows) throws IOException {
        sink.delivery().deliver(commit(sink, sequence, false, rows));
    }

    final Delivery.Delivered commit(TableSink sink, long sequence, boolean replaces, String... rows)
            throws IOException {
        List<Delivery.Part> parts = new ArrayList<>();
        for (SealedFile file : write(sink, rows)) {
            Path place = folder.resolve(file.path());
            Files.createDirectories(place.resolveSibling("."));
            Files.move(folder.resolve(file.staged()), place);
            parts.add(new Delivery.Part(place, file.rows(), file.sha256()));
        }
        return new Delivery.Delivered(sequence, 1, "r1", replaces, null, parts);
    }

    private List<SealedFile> write(TableSink sink, String... rows) {
        List<SourceRecord> records = new ArrayList<>();
        for (String row : rows) {
            byte[] bytes = row.getBytes(StandardCharsets.UTF_8);
            int at = row.indexOf("\"cursor\":");
            Instant cursor = at < 0 ? null : AT.plusSeconds(Long.parseLong(row.substring(at + 9, row.length() - 1)));
            records.add(new SourceRecord(bytes, 0, bytes.length, row.replaceAll(".*\"id\":(\\d+).*", "$1"), cursor));
        }
        return sink.write(
                new Destination(
                        folder,
                        folder.resolve("_staging/7"),
                        "r1",
                        ++batches,
                        ZoneOffset.UTC,
                        AT,
                        false,
                        new FlatForm("r1", AT, Map.of()),
                        null),
                records);
    }

    /** Returns the values of a column as texts, by the id of their row. */
    final List<@Nullable String> texts(String column) {
        List<@Nullable String> texts = new ArrayList<>();
        Tables.rows(url(), "(SELECT * FROM acme_orders ORDER BY id) AS ordered").forEach(row -> {
            JsonNode value = row.path(column);
            texts.add(
                    value.isMissingNode()
                            ? null
                            : value.asText().replaceAll("(\\.\\d*?)0+$", "$1").replaceAll("\\.$", ""));
        });
        return texts;
    }

    private Map<String, String> columns() {
        return Tables.columns(url(), "acme_orders");
    }

    final void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(DuckFiles.released(url()));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
