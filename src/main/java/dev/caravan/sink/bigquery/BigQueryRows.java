package dev.caravan.sink.bigquery;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.caravan.batch.Delivery;
import dev.caravan.sink.Cells;
import dev.caravan.sink.LandedRows;
import dev.caravan.sink.Rows;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Rows of commits as BigQuery takes them: an object for each, with the names of its columns, and behind them the commit and the place
 * among all rows. One use, one thread.
 */
final class BigQueryRows {
    /** Where a row stands among those that are loaded with it. */
    static final String PLACE = "_caravan_place";

    private static final JsonFactory JSON = new JsonFactory();

    private final List<Delivery.Delivered> commits;
    private final Map<String, BigQueryColumn> columns;
    private final Consumer<String> leftOut;
    private final Cells cells = new Cells(true);

    /** Gets the values of a row, by the names of their columns; null is left out. */
    interface Taker {
        void take(Map<String, Object> values) throws IOException;
    }

    /**
     * @param columns of the table, by their fields
     * @param leftOut hears of fields that the table does not hold, again and again
     */
    BigQueryRows(List<Delivery.Delivered> commits, Map<String, BigQueryColumn> columns, Consumer<String> leftOut) {
        this.commits = commits;
        this.columns = columns;
        this.leftOut = leftOut;
    }

    /** Returns the rows of commits as they lie on the disk. */
    static Rows of(List<Delivery.Delivered> commits) {
        return taker -> {
            for (Delivery.Delivered commit : commits) {
                LandedRows.read(commit, row -> {
                    try {
                        taker.take(row, row.length);
                    } catch (SQLException e) {
                        throw new IOException(e); // no database is asked by those who read here
                    }
                });
            }
        };
    }

    void forEach(Taker taker) throws IOException {
        long[] place = new long[1];
        for (Delivery.Delivered commit : commits) {
            LandedRows.read(commit, row -> {
                Map<String, Object> values = new LinkedHashMap<>();
                cells.read(row, row.length, (field, kind, text) -> add(values, field, kind, text));
                values.put(BigQueryTable.COMMIT, Long.toString(commit.sequence()));
                values.put(PLACE, Long.toString(place[0]++));
                taker.take(values);
            });
        }
    }

    private void add(Map<String, Object> values, String field, Cells.Kind kind, String text) throws IOException {
        if (kind == Cells.Kind.NULL) {
            return;
        }
        BigQueryColumn column = columns.get(field);
        if (column == null || !column.holds(kind, text)) {
            leftOut.accept(field);
            return;
        }
        values.put(column.name(), column.type().written(kind, text));
    }

    /** Writes them one below the other. */
    void write(OutputStream out) throws IOException {
        JsonGenerator json = JSON.createGenerator(out);
        json.setRootValueSeparator(null);
        forEach(values -> {
            json.writeStartObject();
            for (Map.Entry<String, Object> each : values.entrySet()) {
                json.writeFieldName(each.getKey());
                if (each.getValue() instanceof Boolean truth) {
                    json.writeBoolean(truth);
                } else {
                    json.writeString(each.getValue().toString());
                }
            }
            json.writeEndObject();
            json.writeRaw('\n');
        });
        json.flush();
    }
}
