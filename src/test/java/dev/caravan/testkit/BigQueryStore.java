package dev.caravan.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.testkit.BigQueryServer.Refusal;
import java.io.IOException;
import java.math.BigDecimal;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * What {@link BigQueryServer} holds: tables of a DuckDB in memory, with the names, types and refusals that BigQuery has. Of SQL it takes
 * the statements that the sink sends and refuses all others. One at a time.
 */
public final class BigQueryStore implements AutoCloseable {
    public static final String PROJECT = "acme-lake";
    /** Datasets whose names begin with this are there; others are not. */
    public static final String DATASET = "raw";

    static final String LOCATION = "EU";

    private static final Pattern COLUMN = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,299}");
    private static final Pattern TABLE = Pattern.compile("`([^`]*)`\\.`([^`]*)`\\.`([^`]*)`");
    private static final Pattern ADD = Pattern.compile(
            "ADD COLUMN IF NOT EXISTS `([^`]+)` ([A-Z0-9]+)(?: OPTIONS\\(description='((?:[^'\\\\]|\\\\U\\p{XDigit}{8})*)'\\))?");
    private static final Pattern WIDEN =
            Pattern.compile("ALTER TABLE (\\S+) ALTER COLUMN `([^`]+)` SET DATA TYPE ([A-Z0-9]+)");
    private static final Pattern KNOWN = Pattern.compile(
            "(?s)(SELECT COALESCE\\(MAX\\(sequence\\), 0\\).*|SELECT sequence, sha256 FROM.*|INSERT INTO .* SELECT .*|DELETE FROM .* WHERE .*|MERGE INTO .*\\sUSING .*)");
    /** Words that are no names unless they are quoted, of those that one comes upon. */
    private static final Pattern RESERVED = Pattern.compile(
            "(?i)\\b(AS\\s+)?(NEW|HASH|ROWS|RANGE|DEFAULT|GROUPS|LOOKUP|OF|PROTO|TREAT|WINDOW|WITHIN|CURRENT|DEFINE|ENUM)\\b");

    private static final Map<String, String> TYPES = Map.of(
            "STRING", "VARCHAR",
            "INT64", "BIGINT",
            "BOOL", "BOOLEAN",
            "FLOAT64", "DOUBLE",
            "NUMERIC", "DECIMAL(38,9)",
            "BIGNUMERIC", "DECIMAL(38,10)",
            "TIMESTAMP", "TIMESTAMP",
            "DATETIME", "TIMESTAMP",
            "DATE", "DATE",
            "TIME", "TIME");
    private static final Map<String, String> LEGACY = Map.of("INTEGER", "INT64", "BOOLEAN", "BOOL", "FLOAT", "FLOAT64");

    private final DuckDBConnection duck;
    private final Map<String, ObjectNode> tables = new TreeMap<>();
    private final Map<String, Set<String>> insertIds = new ConcurrentHashMap<>();
    private final Set<String> streamed = new HashSet<>();

    BigQueryStore() {
        try {
            duck = DriverManager.getConnection("jdbc:duckdb:").unwrap(DuckDBConnection.class);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the rows of a table of {@link #DATASET}, none if there is no such table. */
    public List<JsonNode> rows(String table) {
        return rows(DATASET, table);
    }

    public synchronized List<JsonNode> rows(String dataset, String table) {
        if (!tables.containsKey(key(dataset, table))) {
            return List.of();
        }
        List<JsonNode> rows = new ArrayList<>();
        try (Statement statement = duck.createStatement();
                ResultSet row = statement.executeQuery("SELECT * FROM " + sql(dataset, table))) {
            while (row.next()) {
                ObjectNode object = JsonNodeFactory.instance.objectNode();
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    String name = row.getMetaData().getColumnName(i);
                    Object value = row.getObject(i);
                    if (value instanceof Long number) {
                        object.put(name, number);
                    } else if (value instanceof BigDecimal number) {
                        object.put(name, number.stripTrailingZeros().toPlainString());
                    } else if (value != null) {
                        object.put(name, value.toString());
                    }
                }
                rows.add(object);
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the columns of a table and their types. */
    public synchronized Map<String, String> columns(String table) {
        Map<String, String> columns = new LinkedHashMap<>();
        fields(tables.get(key(DATASET, table)))
                .forEach(field -> columns.put(field.path("name").asText(), type(field)));
        return columns;
    }

    /** Returns a table as the API shows it. */
    public synchronized JsonNode table(String table) {
        return table(DATASET, table);
    }

    /** Returns the names of all tables. */
    public synchronized List<String> tables() {
        return tables.keySet().stream()
                .map(each -> each.substring(each.indexOf('.') + 1))
                .toList();
    }

    /** Makes a table as somebody would, {@code id INT64, at TIMESTAMP}. */
    public synchronized void make(String table, String columns) {
        ObjectNode made = BigQueryServer.JSON.createObjectNode();
        made.putObject("tableReference").put("tableId", table);
        ArrayNode fields = made.putObject("schema").putArray("fields");
        for (String each : columns.split(", ", -1)) {
            fields.addObject().put("name", each.split(" ", -1)[0]).put("type", shown(each.split(" ", -1)[1]));
        }
        create(DATASET, made);
    }

    public synchronized void drop(String table) {
        drop(DATASET, table);
    }

    /** Changes rows as somebody would. */
    public synchronized void change(String sql) {
        try {
            execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    void requireProject(String project) {
        if (!project.equals(PROJECT)) {
            throw new Refusal(404, "notFound", "Not found: Project " + project);
        }
    }

    void requireDataset(String project, String dataset) {
        requireProject(project);
        if (!dataset.startsWith(DATASET)) {
            throw new Refusal(404, "notFound", "Not found: Dataset %s:%s".formatted(project, dataset));
        }
    }

    synchronized JsonNode table(String dataset, String name) {
        ObjectNode table = require(dataset, name).deepCopy();
        try (Statement statement = duck.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + sql(dataset, name))) {
            rows.next();
            return table.put("numRows", Long.toString(rows.getLong(1)));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private ObjectNode require(String dataset, String name) {
        ObjectNode table = tables.get(key(dataset, name));
        if (table == null) {
            throw new Refusal(
                    404,
                    "notFound",
                    "Not found: Table %s:%s.%s was not found in location %s"
                            .formatted(PROJECT, dataset, name, LOCATION));
        }
        return table;
    }

    synchronized JsonNode create(String dataset, ObjectNode asked) {
        String name = asked.path("tableReference").path("tableId").asText();
        if (tables.containsKey(key(dataset, name))) {
            throw new Refusal(409, "duplicate", "Already Exists: Table %s:%s.%s".formatted(PROJECT, dataset, name));
        }
        Set<String> names = new HashSet<>();
        List<String> columns = new ArrayList<>();
        for (JsonNode field : fields(asked)) {
            String column = field.path("name").asText();
            checkName(column);
            if (!names.add(column.toLowerCase(Locale.ROOT))) {
                throw new Refusal(400, "invalid", "Duplicate column names in the table: " + column);
            }
            columns.add("\"%s\" %s".formatted(column, duckType(type(field))));
        }
        asked.path("clustering").path("fields").forEach(each -> {
            if (!names.contains(each.asText().toLowerCase(Locale.ROOT))) {
                throw new Refusal(
                        400, "invalid", "The field specified for clustering cannot be found: " + each.asText());
            }
        });
        String partition = asked.path("timePartitioning").path("field").asText();
        if (!partition.isEmpty()
                && fields(asked).stream()
                        .noneMatch(each -> each.path("name").asText().equals(partition)
                                && type(each).equals("TIMESTAMP"))) {
            throw new Refusal(400, "invalid", "The field specified for partitioning cannot be found: " + partition);
        }
        try {
            execute("CREATE SCHEMA IF NOT EXISTS \"%s\"".formatted(dataset));
            execute("CREATE TABLE %s (%s)".formatted(sql(dataset, name), String.join(", ", columns)));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        asked.put("type", "TABLE");
        tables.put(key(dataset, name), asked);
        return asked;
    }

    private static void checkName(String column) {
        if (!COLUMN.matcher(column).matches() || column.toUpperCase(Locale.ROOT).startsWith("_PARTITION")) {
            throw new Refusal(400, "invalid", "Invalid field name \"%s\"".formatted(column));
        }
    }

    synchronized void drop(String dataset, String name) {
        require(dataset, name);
        try {
            execute("DROP TABLE " + sql(dataset, name));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        tables.remove(key(dataset, name));
        streamed.remove(key(dataset, name));
    }

    /** Rows with an id that was seen lately are taken for the same row. */
    synchronized JsonNode stream(String dataset, String name, JsonNode asked) {
        JsonNode table = require(dataset, name);
        Set<String> ids = insertIds.computeIfAbsent(key(dataset, name), any -> new HashSet<>());
        List<JsonNode> rows = new ArrayList<>();
        for (JsonNode each : asked.path("rows")) {
            String id = each.path("insertId").asText();
            if (id.length() > 128) {
                throw new Refusal(400, "invalid", "insertId is too long");
            }
            if (id.isEmpty() || ids.add(id)) {
                rows.add(each.path("json"));
            }
        }
        append(dataset, name, fields(table), rows);
        streamed.add(key(dataset, name));
        return BigQueryServer.JSON.createObjectNode();
    }

    /** Streamed rows leave the buffer, in which nothing changes them. */
    public synchronized void flush() {
        streamed.clear();
    }

    synchronized void load(JsonNode load, byte[] bytes) {
        JsonNode to = load.path("destinationTable");
        String dataset = to.path("datasetId").asText();
        String name = to.path("tableId").asText();
        requireDataset(to.path("projectId").asText(), dataset);
        List<JsonNode> rows = new ArrayList<>();
        try {
            for (String line : BigQueryServer.text(bytes).split("\n", -1)) {
                if (!line.isEmpty()) {
                    rows.add(BigQueryServer.JSON.readTree(line));
                }
            }
        } catch (IOException e) {
            throw new Refusal(400, "invalid", "Error while reading data, error message: JSON parsing error");
        }
        if (!load.path("sourceFormat").asText().equals("NEWLINE_DELIMITED_JSON")
                || !load.path("writeDisposition").asText().equals("WRITE_TRUNCATE")) {
            throw new Refusal(501, "notImplemented", "Such a load is not");
        }
        if (!tables.containsKey(key(dataset, name))) {
            ObjectNode made = BigQueryServer.JSON.createObjectNode();
            made.set("tableReference", to);
            made.set("schema", load.path("schema"));
            create(dataset, made);
        }
        begin();
        try {
            execute("DELETE FROM " + sql(dataset, name));
            append(dataset, name, fields(load), rows);
            end(true);
        } catch (SQLException | RuntimeException e) {
            end(false);
            throw e instanceof Refusal refusal ? refusal : new IllegalStateException(e);
        }
    }

    /** Appends rows as texts and lets DuckDB cast them. */
    private void append(String dataset, String name, List<JsonNode> fields, List<JsonNode> rows) {
        Map<String, Integer> places = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        List<String> declared = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<String> casts = new ArrayList<>();
        for (JsonNode field : fields) {
            String column = field.path("name").asText();
            places.put(column, places.size());
            declared.add("c%d VARCHAR".formatted(declared.size()));
            names.add('"' + column + '"');
            casts.add("CAST(c%d AS %s)".formatted(casts.size(), duckType(type(field))));
        }
        try {
            execute("CREATE OR REPLACE TEMP TABLE incoming (%s)".formatted(String.join(", ", declared)));
            try (DuckDBAppender appender = duck.createAppender("temp", "main", "incoming")) {
                for (JsonNode row : rows) {
                    @Nullable String[] values = new String[fields.size()];
                    for (Map.Entry<String, JsonNode> each : row.properties()) {
                        Integer place = places.get(each.getKey());
                        if (place == null) {
                            throw new Refusal(
                                    400, "invalid", "JSON parsing error: No such field: %s.".formatted(each.getKey()));
                        }
                        values[place] = value(fields.get(place), each.getValue());
                    }
                    appender.beginRow();
                    for (String each : values) {
                        if (each == null) {
                            appender.appendNull();
                        } else {
                            appender.append(each);
                        }
                    }
                    appender.endRow();
                }
            }
            execute("INSERT INTO %s (%s) SELECT %s FROM incoming"
                    .formatted(sql(dataset, name), String.join(", ", names), String.join(", ", casts)));
        } catch (SQLException e) {
            throw new Refusal(400, "invalid", "Error while reading data: " + e.getMessage());
        }
    }

    private static @Nullable String value(JsonNode field, JsonNode value) {
        if (value.isNull()) {
            return null;
        }
        String text = value.asText();
        boolean fits =
                switch (type(field)) {
                    case "INT64" -> text.matches("-?\\d{1,19}");
                    case "NUMERIC" -> new BigDecimal(text).scale() <= 9 && new BigDecimal(text).precision() <= 38;
                    case "BIGNUMERIC" -> new BigDecimal(text).scale() <= 38;
                    case "BOOL" -> text.equals("true") || text.equals("false");
                    case "TIMESTAMP" -> text.matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(\\.\\d{1,6})? UTC");
                    default -> true;
                };
        if (!fits) {
            throw new Refusal(
                    400,
                    "invalid",
                    "Could not convert value to %s. Field: %s; Value: %s"
                            .formatted(type(field), field.path("name").asText(), text));
        }
        return type(field).equals("TIMESTAMP") ? text.substring(0, text.length() - 4) : text;
    }

    /** Runs what is asked, a script in a transaction, and returns the rows of a question. */
    synchronized JsonNode query(JsonNode query) {
        String text = query.path("query").asText();
        Map<String, String> parameters = BigQueryServer.parameters(query);
        boolean script = text.startsWith("BEGIN TRANSACTION;\n");
        try {
            if (text.startsWith("INSERT ")) {
                try (Statement statement = duck.createStatement()) {
                    int rows = statement.executeUpdate(translated(text, parameters));
                    return empty().put("numDmlAffectedRows", Integer.toString(rows));
                }
            }
            if (!script) {
                return text.startsWith("ALTER TABLE ") ? alter(text) : ask(text, parameters);
            }
            begin();
            List<String> statements = List.of(text.split(";\n", -1));
            if (!statements.get(statements.size() - 2).equals("COMMIT TRANSACTION")) {
                throw new Refusal(400, "invalidQuery", "The transaction is not committed");
            }
            for (String each : statements.subList(1, statements.size() - 2)) {
                execute(translated(each, parameters));
            }
            end(true);
            return empty();
        } catch (SQLException | RuntimeException e) {
            if (script) {
                end(false);
            }
            throw e instanceof Refusal refusal
                    ? refusal
                    : new Refusal(400, "invalidQuery", String.valueOf(e.getMessage()));
        }
    }

    static ObjectNode empty() {
        ObjectNode answer = BigQueryServer.JSON.createObjectNode();
        answer.put("jobComplete", true).put("totalRows", "0");
        answer.putObject("jobReference")
                .put("projectId", PROJECT)
                .put("jobId", "q")
                .put("location", LOCATION);
        answer.putObject("schema").putArray("fields");
        return answer;
    }

    private JsonNode ask(String text, Map<String, String> parameters) throws SQLException {
        if (!text.startsWith("SELECT ")) {
            throw new Refusal(400, "invalidQuery", "Not known here: " + text);
        }
        try (Statement statement = duck.createStatement();
                ResultSet rows = statement.executeQuery(translated(text, parameters))) {
            ObjectNode answer = empty();
            ArrayNode fields = ((ObjectNode) answer.path("schema")).putArray("fields");
            int columns = rows.getMetaData().getColumnCount();
            for (int i = 1; i <= columns; i++) {
                fields.addObject().put("name", "f" + i).put("type", "STRING");
            }
            ArrayNode all = answer.putArray("rows");
            while (rows.next()) {
                ArrayNode cells = all.addObject().putArray("f");
                for (int i = 1; i <= columns; i++) {
                    cells.addObject().put("v", rows.getString(i));
                }
            }
            return answer.put("totalRows", Integer.toString(all.size()));
        }
    }

    private JsonNode alter(String text) throws SQLException {
        Matcher table = TABLE.matcher(text);
        if (!table.find()) {
            throw new Refusal(400, "invalidQuery", "Not known here: " + text);
        }
        requireDataset(table.group(1), table.group(2));
        ObjectNode known = require(table.group(2), table.group(3));
        String sql = sql(table.group(2), table.group(3));
        Matcher widen = WIDEN.matcher(text);
        if (widen.matches()) {
            widen(known, sql, widen.group(2), widen.group(3));
            return empty();
        }
        Matcher add = ADD.matcher(text.substring(table.end() + 1));
        int end = 0;
        while (add.find()) {
            add(known, sql, add.group(1), add.group(2), add.group(3));
            end = add.end();
        }
        if (end != text.substring(table.end() + 1).length()) {
            throw new Refusal(400, "invalidQuery", "Not known here: " + text);
        }
        return empty();
    }

    private void add(ObjectNode known, String sql, String name, String type, @Nullable String description)
            throws SQLException {
        checkName(name);
        if (fields(known).stream().anyMatch(each -> each.path("name").asText().equalsIgnoreCase(name))) {
            return;
        }
        execute("ALTER TABLE %s ADD COLUMN \"%s\" %s".formatted(sql, name, duckType(type)));
        ObjectNode field = ((ArrayNode) known.path("schema").path("fields")).addObject();
        field.put("name", name).put("type", shown(type));
        if (description != null) {
            field.put(
                    "description",
                    Pattern.compile("\\\\U(\\p{XDigit}{8})")
                            .matcher(description)
                            .replaceAll(each ->
                                    Matcher.quoteReplacement(Character.toString(Integer.parseInt(each.group(1), 16)))));
        }
    }

    private void widen(ObjectNode known, String sql, String name, String type) throws SQLException {
        for (JsonNode field : fields(known)) {
            if (field.path("name").asText().equals(name)) {
                String before = type(field);
                boolean allowed = before.equals(type)
                        || (before.equals("INT64")
                                && Set.of("NUMERIC", "BIGNUMERIC", "FLOAT64").contains(type))
                        || (before.equals("NUMERIC")
                                && Set.of("BIGNUMERIC", "FLOAT64").contains(type));
                if (!allowed) {
                    throw new Refusal(
                            400,
                            "invalidQuery",
                            "ALTER TABLE ALTER COLUMN SET DATA TYPE requires that the existing column type (%s) is assignable to the new type (%s)"
                                    .formatted(before, type));
                }
                execute("ALTER TABLE %s ALTER COLUMN \"%s\" TYPE %s".formatted(sql, name, duckType(type)));
                ((ObjectNode) field).put("type", shown(type));
            }
        }
    }

    private String translated(String statement, Map<String, String> parameters) {
        if (!KNOWN.matcher(statement).matches() || statement.contains(";")) {
            throw new Refusal(400, "invalidQuery", "Not known here: " + statement);
        }
        if (RESERVED.matcher(statement.replaceAll("`[^`]*`|@\\w+", "x")).find()) {
            throw new Refusal(400, "invalidQuery", "Syntax error: Unexpected keyword in: " + statement);
        }
        Matcher names = TABLE.matcher(statement);
        StringBuilder sql = new StringBuilder();
        boolean target = true;
        while (names.find()) {
            requireDataset(names.group(1), names.group(2));
            require(names.group(2), names.group(3));
            if (target
                    && !statement.startsWith("INSERT")
                    && !statement.startsWith("SELECT")
                    && streamed.contains(key(names.group(2), names.group(3)))) {
                throw new Refusal(
                        400,
                        "invalidQuery",
                        "UPDATE or DELETE statement over table %s.%s would affect rows in the streaming buffer, which is not supported"
                                .formatted(names.group(2), names.group(3)));
            }
            target = false;
            names.appendReplacement(sql, Matcher.quoteReplacement(sql(names.group(2), names.group(3))));
        }
        names.appendTail(sql);
        String quoted = sql.toString().replace('`', '"');
        return Pattern.compile("@(\\w+)").matcher(quoted).replaceAll(each -> {
            String value = parameters.get(each.group(1));
            if (value == null) {
                throw new Refusal(400, "invalidQuery", "Query parameter '%s' not found".formatted(each.group(1)));
            }
            return Matcher.quoteReplacement("'" + value.replace("'", "''") + "'");
        });
    }

    private void begin() {
        try {
            duck.setAutoCommit(false);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void end(boolean well) {
        try {
            if (well) {
                duck.commit();
            } else {
                duck.rollback();
            }
            duck.setAutoCommit(true);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = duck.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String key(String dataset, String table) {
        return dataset + "." + table;
    }

    private static String sql(String dataset, String table) {
        return "\"%s\".\"%s\"".formatted(dataset, table);
    }

    private static List<JsonNode> fields(@Nullable JsonNode table) {
        List<JsonNode> fields = new ArrayList<>();
        if (table != null) {
            table.path("schema").path("fields").forEach(fields::add);
        }
        return fields;
    }

    private static String type(JsonNode field) {
        String type = field.path("type").asText();
        return LEGACY.getOrDefault(type, type);
    }

    /** The API shows some types by their old names. */
    private static String shown(String type) {
        return LEGACY.entrySet().stream()
                .filter(each -> each.getValue().equals(type))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(type);
    }

    private static String duckType(String type) {
        String known = TYPES.get(type);
        if (known == null) {
            throw new Refusal(400, "invalid", "Type not found: " + type);
        }
        return known;
    }

    @Override
    public void close() {
        try {
            duck.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
