package dev.caravan.commit;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.Optional;

/** What was last said of each stream, kept over restarts. Safe for any number of threads. */
public final class Modes {
    private final StateDatabase database;

    Modes(StateDatabase database) {
        this.database = database;
    }

    /** Returns what was said of {@code stream}; empty if nothing ever was. */
    public Optional<ModeEntry> of(StreamKey stream) {
        return database.read(session -> {
            PreparedStatement statement = session.prepare(
                    "SELECT * FROM stream_mode WHERE connection = ? AND stream = ? AND origin = ?", stream);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new ModeEntry(
                                row.getString("mode"),
                                Instant.ofEpochMilli(row.getLong("since")),
                                row.getString("said_by")))
                        : Optional.empty();
            }
        });
    }

    public void put(StreamKey stream, ModeEntry entry) {
        database.write(session -> {
            PreparedStatement statement = session.prepare(
                    "INSERT INTO stream_mode (connection, stream, origin, mode, since, said_by)"
                            + " VALUES (?, ?, ?, ?, ?, ?)"
                            + " ON CONFLICT (connection, stream, origin) DO UPDATE SET"
                            + " mode = excluded.mode, since = excluded.since, said_by = excluded.said_by",
                    stream);
            statement.setString(4, entry.mode());
            statement.setLong(5, entry.since().toEpochMilli());
            statement.setString(6, entry.by());
            return statement.executeUpdate();
        });
    }
}
