package dev.caravan.commit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A connection to the state database and its prepared statements. One thread at a time. */
final class StateSession implements AutoCloseable {
    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    StateSession(Connection connection) {
        this.connection = connection;
    }

    /** Returns the statement for {@code sql}, prepared once. */
    PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        return statement;
    }

    /** Returns the statement for {@code sql} with the three columns that name a stream as its first parameters. */
    PreparedStatement prepare(String sql, StreamKey stream) throws SQLException {
        PreparedStatement statement = prepare(sql);
        statement.setString(1, stream.connection());
        statement.setString(2, stream.stream());
        statement.setString(3, stream.origin().toString());
        return statement;
    }

    /** Executes {@code sql}, whose only parameter is the number of a row or set. */
    void execute(String sql, long number) throws SQLException {
        PreparedStatement statement = prepare(sql);
        statement.setLong(1, number);
        statement.executeUpdate();
    }

    /**
     * Does {@code work} in one transaction.
     *
     * @param begin the statement that begins it. The driver's own way begins the next transaction as soon as one ends,
     *     which would lock everybody else out for good
     */
    <T> T transact(String begin, Work<T> work) throws SQLException {
        prepare(begin).execute();
        try {
            T result = work.in(this);
            prepare("COMMIT").execute();
            return result;
        } catch (SQLException | RuntimeException | Error e) {
            rollBack(e);
            throw e;
        }
    }

    private void rollBack(Throwable cause) {
        try {
            prepare("ROLLBACK").execute();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    static void set(PreparedStatement statement, int index, @Nullable Instant instant) throws SQLException {
        if (instant == null) {
            statement.setNull(index, Types.INTEGER);
        } else {
            statement.setLong(index, instant.toEpochMilli());
        }
    }

    static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    /** What is done with a session. */
    interface Work<T> {
        T in(StateSession session) throws SQLException;
    }
}
