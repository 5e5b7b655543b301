package dev.caravan.sink;

import java.io.IOException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicLong;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * DuckDB in this process, without a file: for Parquet. It is loaded when first needed, works in the thread that calls it, and
 * fetches no extension from anywhere.
 */
final class DuckDb {
    private static final long MEMORY = 192L << 20;
    private static final AtomicLong NUMBERS = new AtomicLong();

    private DuckDb() {}

    private static final class Shared {
        static final DuckDBConnection ROOT = open("jdbc:duckdb:");
    }

    /**
     * Opens a database, or joins it where this process has it open.
     *
     * @param memory bytes it may use
     */
    static DuckDBConnection connect(String url, long memory) throws SQLException {
        DuckDBConnection connection = DriverManager.getConnection(url).unwrap(DuckDBConnection.class);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET threads = 1");
            statement.execute("SET autoinstall_known_extensions = false");
            statement.execute("SET autoload_known_extensions = false");
        }
        limit(connection, memory);
        return connection;
    }

    /** Bounds the memory of a database, for all its sessions. */
    static void limit(DuckDBConnection connection, long memory) throws SQLException {
        execute(connection, "SET memory_limit = '" + (memory >> 10) + "KiB'");
    }

    private static DuckDBConnection open(String url) {
        try {
            return connect(url, MEMORY);
        } catch (SQLException e) {
            throw new IllegalStateException("DuckDB does not start: " + e.getMessage(), e);
        }
    }

    /** Returns a session of its own in the database without a file. */
    static DuckDBConnection session() throws SQLException {
        return Shared.ROOT.duplicate().unwrap(DuckDBConnection.class);
    }

    /** Returns a name for a table that nothing else has. */
    static String temporary() {
        return "rows_" + NUMBERS.incrementAndGet();
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static String name(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    static String text(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** Returns the type of a column; text where nothing is known of it. */
    static String type(CellType type) {
        return switch (type.base()) {
            case NONE, TEXT -> "VARCHAR";
            case BOOLEAN -> "BOOLEAN";
            case INT64 -> "BIGINT";
            case DECIMAL ->
                "DECIMAL(%d,%d)".formatted(Math.min(CellType.MOST_DIGITS, type.whole() + type.scale()), type.scale());
            case DOUBLE -> "DOUBLE";
        };
    }

    /** Appends a value to a column of its type. */
    static void append(DuckDBAppender appender, CellType type, Cells.@Nullable Kind kind, @Nullable String text)
            throws SQLException, IOException {
        if (kind == null || text == null || kind == Cells.Kind.NULL) {
            appender.appendNull();
            return;
        }
        switch (type.base()) {
            case NONE, TEXT -> appender.append(text);
            case BOOLEAN -> appender.append(text.equals("true"));
            case INT64 -> appender.append(whole(text));
            case DECIMAL -> appender.append(new BigDecimal(text).setScale(type.scale()));
            case DOUBLE -> appender.append(Double.parseDouble(text));
        }
    }

    private static long whole(String text) {
        return text.indexOf('e') < 0 && text.indexOf('E') < 0
                ? Long.parseLong(text)
                : new BigDecimal(text).longValueExact();
    }
}
