package dev.caravan.commit;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The runs of all streams. Safe for any number of threads. */
public final class RunHistory {
    private final StateDatabase database;

    RunHistory(StateDatabase database) {
        this.database = database;
    }

    /** Puts {@code entry} into the history, in place of what was there of the same run and stream. */
    public void put(RunEntry entry) {
        database.write(session -> {
            PreparedStatement statement = session.prepare(
                    "INSERT INTO run (connection, stream, origin, run, status, started, ended, summary)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                            + " ON CONFLICT (connection, stream, origin, run) DO UPDATE SET status = excluded.status,"
                            + " started = excluded.started, ended = excluded.ended, summary = excluded.summary",
                    entry.stream().ofStream());
            statement.setString(4, entry.run());
            statement.setString(5, entry.status());
            StateSession.set(statement, 6, entry.started());
            StateSession.set(statement, 7, entry.ended());
            statement.setString(8, entry.summary());
            return statement.executeUpdate();
        });
    }

    /** Returns the latest {@code limit} runs of all streams, the newest first. */
    public List<RunEntry> latest(int limit) {
        return database.read(session -> {
            PreparedStatement statement = session.prepare("SELECT * FROM run ORDER BY started DESC, run DESC LIMIT ?");
            statement.setInt(1, limit);
            return entries(statement);
        });
    }

    /** Returns the latest {@code limit} runs of {@code stream}, the newest first. */
    public List<RunEntry> latest(StreamKey stream, int limit) {
        return database.read(session -> {
            PreparedStatement statement = session.prepare(
                    "SELECT * FROM run WHERE connection = ? AND stream = ? AND origin = ?"
                            + " ORDER BY started DESC, run DESC LIMIT ?",
                    stream.ofStream());
            statement.setInt(4, limit);
            return entries(statement);
        });
    }

    /** Forgets the runs that began before {@code before}, and returns how many. */
    public int prune(Instant before) {
        return database.write(session -> {
            PreparedStatement statement = session.prepare("DELETE FROM run WHERE started < ?");
            statement.setLong(1, before.toEpochMilli());
            return statement.executeUpdate();
        });
    }

    private static List<RunEntry> entries(PreparedStatement statement) throws SQLException {
        List<RunEntry> entries = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                entries.add(entry(row));
            }
        }
        return entries;
    }

    private static RunEntry entry(ResultSet row) throws SQLException {
        return new RunEntry(
                row.getString("run"),
                new StreamKey(
                        row.getString("connection"),
                        row.getString("stream"),
                        Origin.valueOf(row.getString("origin").toUpperCase(Locale.ROOT))),
                row.getString("status"),
                Instant.ofEpochMilli(row.getLong("started")),
                StateSession.instant(row, "ended"),
                row.getString("summary"));
    }
}
