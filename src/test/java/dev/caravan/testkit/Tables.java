package dev.caravan.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.sink.DuckFiles;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is in the tables of a database, asked as any program would. */
public final class Tables {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private Tables() {}

    /** Returns the rows of a table, none if there is no such table. */
    public static List<JsonNode> rows(String url, String table) {
        List<JsonNode> rows = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(DuckFiles.released(url));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT * FROM " + table)) {
            while (row.next()) {
                ObjectNode object = JsonNodeFactory.instance.objectNode();
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    String name = row.getMetaData().getColumnName(i);
                    Object value = row.getObject(i);
                    if (value instanceof Long number) {
                        object.put(name, number);
                    } else if (value instanceof BigDecimal number) {
                        object.set(name, JSON.getNodeFactory().numberNode(number));
                    } else if (value != null) {
                        object.put(name, value.toString());
                    }
                }
                rows.add(object);
            }
        } catch (SQLException e) {
            if (!e.getMessage().contains("does not exist")) {
                throw new IllegalStateException(e);
            }
        }
        return rows;
    }

    /** Returns a field of the record that a row holds, flat or raw. */
    public static JsonNode value(JsonNode row, String field) {
        try {
            return row.has("raw_data")
                    ? JSON.readTree(row.path("raw_data").asText()).path(field)
                    : row.path(field);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the columns of a table and their types. */
    public static Map<String, String> columns(String url, String table) {
        Map<String, String> columns = new TreeMap<>();
        try (Connection connection = DriverManager.getConnection(DuckFiles.released(url));
                ResultSet row = connection.getMetaData().getColumns(null, null, table, null)) {
            while (row.next()) {
                columns.put(row.getString("COLUMN_NAME"), row.getString("TYPE_NAME"));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return columns;
    }
}
