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
        name(statement, 1, stream);
        return statement;
    }

    /** Executes {@code sql}, whose only parameter is the number of a row or set. */
    void execute(String sql, long number) throws SQLException {
        PreparedStatement statement = prepare(sql);
        statement.setLong(1, number);
        statement.executeUpdate();
    }

    /** Sets the three parameters from {@code index} on that name a stream. */
    static void name(PreparedStatement statement, int index, StreamKey stream) throws SQLException {
        statement.setString(index, stream.connection());
        statement.setString(index + 1, stream.place());
        statement.setString(index + 2, stream.origin().toString());
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    static void set(PreparedStatement statement, int index, @Nullable Instant instant) throws SQLException {
        if (instant == null) {
            statement.setNull(index, Types.BIGINT);
        } else {
            statement.setLong(index, instant.toEpochMilli());
        }
    }

    static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    /** What is done with a session, in one transaction. */
    interface Work<T> {
        T in(StateSession session) throws SQLException;
    }
}
