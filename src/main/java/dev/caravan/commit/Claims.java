package dev.caravan.commit;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows of table {@code lease}, in which machines tell each other which streams they have. Time is the database's, the only
 * clock they share. Safe for any number of threads.
 */
final class Claims implements AutoCloseable {
    private static final String OF_STREAM = " WHERE connection = ? AND stream = ? AND origin = ?";
    private static final String TO_COME = "clock_timestamp() + ? * INTERVAL '1 millisecond'";

    private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

    private final StateDatabase database;
    private final String machine;
    private final Duration ttl;
    private final ScheduledThreadPoolExecutor renewals;

    /** @param ttl how long a claim lasts that is not renewed */
    Claims(StateDatabase database, String machine, Duration ttl) {
        this.database = database;
        this.machine = machine;
        this.ttl = ttl;
        this.renewals = new ScheduledThreadPoolExecutor(1, work -> {
            Thread thread = new Thread(work, "caravan-leases");
            thread.setDaemon(true);
            return thread;
        });
        renewals.setRemoveOnCancelPolicy(true);
        renewals.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    String machine() {
        return machine;
    }

    Duration ttl() {
        return ttl;
    }

    /**
     * Claims a stream that nobody has: its row is missing, was given back, has run out, or its holder has died on this
     * machine.
     *
     * @param locked whether {@code holder} has the operating system's lock as well
     * @param least the least epoch that will do; it is greater where the row has seen a greater one
     * @throws LeaseHeldException if somebody has it
     */
    Claim take(StreamKey stream, Holder holder, boolean locked, long least, Clock clock) {
        Claim.Renewal asked = Claim.Renewal.now(clock);
        endSleeping(stream);
        Taken taken = database.write(session -> {
            insertMissing(session, stream);
            Row row = lock(session, stream);
            Instant until = row.until();
            boolean ended = until == null ? row.epoch() > 0 : isDead(row, locked);
            if (until != null && row.current() && !ended) {
                throw LeaseHeldException.by(stream, row.holder(), until);
            }
            long epoch = Math.max(least, row.epoch() + 1);
            update(session, stream, holder, locked, epoch);
            return new Taken(epoch, ended);
        });
        return new Claim(this, stream, holder, taken.epoch(), taken.quiet(), asked, clock);
    }

    /**
     * Ends the transactions that a holder whose time is over has left open: one that was stopped in the middle of a statement
     * would keep the rows of its streams locked for as long as its machine lives.
     */
    private void endSleeping(StreamKey stream) {
        try {
            database.read(session -> {
                try (ResultSet row = session.prepare(
                                "SELECT machine, pid FROM lease" + OF_STREAM + " AND until <= clock_timestamp()",
                                stream)
                        .executeQuery()) {
                    return row.next() ? end(session, row.getString("machine"), row.getLong("pid")) : 0;
                }
            });
        } catch (StateStoreException e) {
            // Where one may not, it is waited for.
            LOG.debug("{}: the sessions of an earlier holder were not ended", stream, e);
        }
    }

    private int end(StateSession session, String host, long pid) throws SQLException {
        PreparedStatement statement = session.prepare("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE application_name = ? AND usename = current_user AND datname = current_database()"
                + " AND xact_start < clock_timestamp() - ? * INTERVAL '1 millisecond' AND pid <> pg_backend_pid()");
        statement.setString(1, PostgresSettings.sessions(host, pid));
        // A claim is renewed every third: what was open when its holder stopped is older than this once it has run out.
        statement.setLong(2, ttl.toMillis() / 2);
        int ended = 0;
        try (ResultSet each = statement.executeQuery()) {
            while (each.next()) {
                ended++;
            }
        }
        if (ended > 0) {
            LOG.info("Ended {} transactions that process {} on {} had left open", ended, pid, host);
        }
        return ended;
    }

    private record Taken(long epoch, boolean quiet) {}

    /** Whether the holder, whose time may not be over yet, has certainly ended. */
    private boolean isDead(Row row, boolean locked) {
        return machine.equals(row.holder().host())
                && ((row.locked() && locked) || row.holder().isDead());
    }

    private static void insertMissing(StateSession session, StreamKey stream) throws SQLException {
        session.prepare(
                        "INSERT INTO lease (connection, stream, origin, epoch, machine, pid, run, locked, since)"
                                + " VALUES (?, ?, ?, 0, '', 0, '', FALSE, clock_timestamp())"
                                + " ON CONFLICT (connection, stream, origin) DO NOTHING",
                        stream)
                .executeUpdate();
    }

    private static Row lock(StateSession session, StreamKey stream) throws SQLException {
        try (ResultSet row = session.prepare(
                        "SELECT *, until > clock_timestamp() AS current FROM lease" + OF_STREAM + " FOR UPDATE", stream)
                .executeQuery()) {
            row.next();
            return row(row);
        }
    }

    private void update(StateSession session, StreamKey stream, Holder holder, boolean locked, long epoch)
            throws SQLException {
        PreparedStatement statement =
                session.prepare("UPDATE lease SET epoch = ?, machine = ?, pid = ?, born = ?, run = ?,"
                        + " locked = ?, since = clock_timestamp(), until = " + TO_COME + OF_STREAM);
        statement.setLong(1, epoch);
        statement.setString(2, machine);
        statement.setLong(3, holder.pid());
        if (holder.born() == null) {
            statement.setNull(4, Types.BIGINT);
        } else {
            statement.setLong(4, holder.born().toEpochMilli());
        }
        statement.setString(5, holder.run());
        statement.setBoolean(6, locked);
        statement.setLong(7, ttl.toMillis());
        StateSession.name(statement, 8, stream);
        statement.executeUpdate();
    }

    /** Returns whether the row is still the claim's; if so, it lasts anew. */
    boolean renew(Claim claim) {
        return database.write(session -> {
            PreparedStatement statement =
                    session.prepare("UPDATE lease SET until = " + TO_COME + OF_STREAM + " AND epoch = ? AND run = ?");
            statement.setLong(1, ttl.toMillis());
            StateSession.name(statement, 2, claim.stream());
            statement.setLong(5, claim.epoch());
            statement.setString(6, claim.run());
            return statement.executeUpdate() == 1;
        });
    }

    /** Gives the row back, if it is still the claim's. */
    void release(Claim claim) {
        database.write(session -> {
            PreparedStatement statement = session.prepare(
                    "UPDATE lease SET until = NULL" + OF_STREAM + " AND epoch = ? AND run = ?", claim.stream());
            statement.setLong(4, claim.epoch());
            statement.setString(5, claim.run());
            return statement.executeUpdate();
        });
    }

    /** Returns who has the stream now, if anybody has. */
    Optional<Holder> holder(StreamKey stream) {
        return database.read(session -> {
            try (ResultSet row = session.prepare(
                            "SELECT *, until > clock_timestamp() AS current FROM lease" + OF_STREAM, stream)
                    .executeQuery()) {
                return row.next() && row.getTimestamp("until") != null
                        ? Optional.of(row(row).holder())
                        : Optional.empty();
            }
        });
    }

    ScheduledFuture<?> everyThird(Runnable renewal) {
        long third = Math.max(1, ttl.toMillis() / 3);
        return renewals.scheduleWithFixedDelay(renewal, third, third, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        renewals.shutdownNow();
    }

    private static Row row(ResultSet row) throws SQLException {
        Timestamp until = row.getTimestamp("until");
        return new Row(
                row.getLong("epoch"),
                new Holder(
                        row.getLong("pid"),
                        row.getString("machine"),
                        row.getString("run"),
                        row.getTimestamp("since").toInstant(),
                        StateSession.instant(row, "born")),
                row.getBoolean("locked"),
                until == null ? null : until.toInstant(),
                row.getBoolean("current"));
    }

    /**
     * A row of the table.
     *
     * @param locked whether its holder has the operating system's lock as well
     * @param until when it runs out, null if it was given back
     * @param current whether that is still to come
     */
    private record Row(
            long epoch,
            Holder holder,
            boolean locked,
            @Nullable Instant until,
            boolean current) {}
}
