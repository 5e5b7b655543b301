package dev.caravan.sink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.QuoteMode;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/** Makes JSON of rows of columns: of CSV all values are texts, of Parquet they have their types. Null is left out. */
final class TableRows {
    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final CSVFormat CSV = CSVFormat.RFC4180
            .builder()
            .setNullString("")
            .setQuoteMode(QuoteMode.ALL_NON_NULL)
            .get();

    private TableRows() {}

    static void readCsv(InputStream in, LandedRows.RowTaker taker) throws IOException {
        try (CSVParser rows = CSV.parse(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            CSVRecord names = null;
            for (CSVRecord row : rows) {
                if (names == null) {
                    names = row;
                    continue;
                }
                if (row.size() != names.size()) {
                    throw new IOException("Row %d has %d cells, the columns are %d"
                            .formatted(row.getRecordNumber(), row.size(), names.size()));
                }
                ObjectNode object = JsonNodeFactory.instance.objectNode();
                for (int i = 0; i < names.size(); i++) {
                    put(object, Objects.requireNonNullElse(names.get(i), ""), row.get(i));
                }
                taker.take(JSON.writeValueAsBytes(object));
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    static void readParquet(Path file, LandedRows.RowTaker taker) throws IOException {
        try (DuckDBConnection session = DuckDb.session();
                Statement statement = session.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM read_parquet(%s, hive_partitioning = false)"
                        .formatted(DuckDb.text(file.toString())))) {
            List<String> names = new ArrayList<>();
            for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                names.add(rows.getMetaData().getColumnName(i));
            }
            while (rows.next()) {
                ObjectNode object = JsonNodeFactory.instance.objectNode();
                for (int i = 0; i < names.size(); i++) {
                    put(object, names.get(i), rows.getObject(i + 1));
                }
                taker.take(JSON.writeValueAsBytes(object));
            }
        } catch (SQLException e) {
            throw new IOException("%s: DuckDB: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static void put(ObjectNode row, String name, @Nullable Object value) {
        if (value == null) {
            return;
        }
        JsonNode node = node(value);
        row.set(name, node);
        int end = name.indexOf(Cells.NESTED);
        if (end > 0 && !name.startsWith("_") && end + Cells.NESTED.length() < name.length()) {
            JsonNode parent = row.get(name.substring(0, end));
            ObjectNode object = parent instanceof ObjectNode known ? known : row.putObject(name.substring(0, end));
            put(object, name.substring(end + Cells.NESTED.length()), value);
        }
    }

    private static JsonNode node(Object value) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (value instanceof Long number) {
            return nodes.numberNode(number);
        }
        if (value instanceof BigDecimal number) {
            return DecimalNode.valueOf(number);
        }
        if (value instanceof Double number) {
            return nodes.numberNode(number);
        }
        if (value instanceof Boolean truth) {
            return nodes.booleanNode(truth);
        }
        String text = value.toString();
        return text.startsWith("{") || text.startsWith("[") ? container(text) : nodes.textNode(text);
    }

    private static JsonNode container(String text) {
        try {
            JsonNode node = JSON.readTree(text);
            return node != null && node.isContainerNode() ? node : JsonNodeFactory.instance.textNode(text);
        } catch (JsonProcessingException e) {
            return JsonNodeFactory.instance.textNode(text); // a text that only begins like one
        }
    }
}
