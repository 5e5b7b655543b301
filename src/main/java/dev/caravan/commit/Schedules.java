package dev.caravan.commit;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Optional;

/** When each stream ran and runs next, kept over restarts. Safe for any number of threads. */
public final class Schedules {
    private final StateDatabase database;

    Schedules(StateDatabase database) {
        this.database = database;
    }

    /** Returns what is known of {@code stream}; empty if it never ran here. */
    public Optional<ScheduleEntry> of(StreamKey stream) {
        return database.read(session -> {
            PreparedStatement statement = session.prepare(
                    "SELECT * FROM schedule WHERE connection = ? AND stream = ? AND origin = ?", stream.ofStream());
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new ScheduleEntry(
                                StateSession.instant(row, "last_started"),
                                StateSession.instant(row, "last_finished"),
                                StateSession.instant(row, "next_due")))
                        : Optional.empty();
            }
        });
    }

    public void put(StreamKey stream, ScheduleEntry entry) {
        database.write(session -> {
            PreparedStatement statement = session.prepare(
                    "INSERT INTO schedule (connection, stream, origin, last_started, last_finished, next_due)"
                            + " VALUES (?, ?, ?, ?, ?, ?)"
                            + " ON CONFLICT (connection, stream, origin) DO UPDATE SET"
                            + " last_started = excluded.last_started, last_finished = excluded.last_finished,"
                            + " next_due = excluded.next_due",
                    stream.ofStream());
            StateSession.set(statement, 4, entry.lastStarted());
            StateSession.set(statement, 5, entry.lastFinished());
            StateSession.set(statement, 6, entry.nextDue());
            return statement.executeUpdate();
        });
    }
}
