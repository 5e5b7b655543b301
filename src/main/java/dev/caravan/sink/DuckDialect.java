package dev.caravan.sink;

import dev.caravan.record.SourceRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * DuckDB in a file, see {@link DuckFile}: other programs get at it when nothing is delivered.
 */
final class DuckDialect implements Dialect {
    private final Path file;
    private final long memory;

    /** @param memory bytes DuckDB may use for the file */
    DuckDialect(Path file, long memory) {
        this.file = file;
        this.memory = memory;
    }

    @Override
    public String name() {
        return "DuckDB " + file;
    }

    @Override
    public int longestName() {
        return 1 << 10;
    }

    @Override
    public String type(CellType type) {
        return DuckDb.type(type);
    }

    @Override
    public Held held(String type, int size, int scale) {
        String name = type.toUpperCase(Locale.ROOT);
        if (name.startsWith("DECIMAL")) {
            String[] digits = name.replaceAll("[^0-9,]", "").split(",", -1);
            int width = digits.length == 2 ? Integer.parseInt(digits[0]) : size;
            int behind = digits.length == 2 ? Integer.parseInt(digits[1]) : scale;
            return new Held(CellType.Base.DECIMAL, width - behind, behind, false);
        }
        return switch (name) {
            case "BOOLEAN" -> Held.of(CellType.Base.BOOLEAN);
            case "BIGINT" -> Held.of(CellType.Base.INT64);
            case "TINYINT", "SMALLINT", "INTEGER" -> new Held(CellType.Base.INT64, 0, 0, true);
            case "DOUBLE" -> Held.of(CellType.Base.DOUBLE);
            default -> Held.of(CellType.Base.TEXT);
        };
    }

    @Override
    public Connection open() throws SQLException {
        Connection connection = DuckFile.of(file).session(memory);
        connection.setAutoCommit(false);
        return connection;
    }

    @Override
    public void load(Connection session, TableName table, List<Columns.Column> columns, Rows rows)
            throws SQLException, IOException {
        @Nullable String[] values = new String[columns.size()];
        Cells.@Nullable Kind[] kinds = new Cells.Kind[columns.size()];
        Cells cells = new Cells(true);
        Columns.Places places = Columns.places(columns);
        DuckDBConnection duck = session.unwrap(DuckDBConnection.class);
        try (DuckDBAppender appender = duck.createAppender("temp", DuckDBConnection.DEFAULT_SCHEMA, table.table())) {
            rows.forEach((row, length) -> {
                Arrays.fill(values, null);
                Arrays.fill(kinds, null);
                cells.read(row, length, (field, kind, text) -> {
                    int at = places.of(field);
                    values[at] = text;
                    kinds[at] = kind;
                });
                appender.beginRow();
                for (int i = 0; i < values.length; i++) {
                    DuckDb.append(appender, columns.get(i).type(), kinds[i], values[i]);
                }
                appender.endRow();
            });
        }
    }

    /** DuckDB joins by hash; an index would only keep columns from being widened. */
    @Override
    public void index(Connection session, TableName table, String column) {}

    @Override
    public String place() {
        return "rowid";
    }

    @Override
    public boolean mayRefuse(SourceRecord record) {
        return false;
    }

    @Override
    public void check(String text) {}

    @Override
    public String temporaryTable() {
        return "CREATE TEMP TABLE ";
    }

    @Override
    public String advice(SQLException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("lock on file")) {
            return "Another program has it open: close it there, or open it read-only between two runs.";
        }
        if (message.contains("ermission denied")) {
            return "Let the user that runs Caravan (%s) write to it.".formatted(System.getProperty("user.name"));
        }
        if (message.contains("Conversion Error")) {
            return "Give the column a type that takes it, or leave the field out with 'fields'.";
        }
        if (message.contains("Out of Memory")) {
            return "Give DuckDB more: set 'memory' of the sink, %dMB for example.".formatted(memory >> 19);
        }
        if (message.contains("No space left")) {
            return "The disk is full: free some space.";
        }
        return "Look at the file and its folder.";
    }

    /** After a disk was full, for example, DuckDB does nothing any more before it is opened anew. */
    @Override
    public boolean isPassing(SQLException e) {
        boolean mustReopen = String.valueOf(e.getMessage()).contains("database has been invalidated");
        if (mustReopen) {
            DuckFile.of(file).release();
        }
        return mustReopen;
    }
}
