package dev.caravan.commit;

import dev.caravan.slice.Progress;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the commits say, where it is quickly found: the progress of every stream and the keys it has seen; beside it the
 * history of runs and the schedules, which are nowhere else.
 *
 * <p>It follows the commits and never leads them. Safe for any number of threads. Every method throws
 * {@link StateStoreException} if the database does not answer.
 */
public final class StateStore implements AutoCloseable {
    private static final String OF_STREAM = " WHERE connection = ? AND stream = ? AND origin = ?";
    // A hundred keys a statement are taken three times as fast as one.
    private static final int ROWS = 100;
    private static final String INSERT_ONE = insertOf(1);
    private static final String INSERT_MANY = insertOf(ROWS);

    private final StateDatabase database;
    private final RunHistory runs;
    private final Schedules schedules;

    private StateStore(StateDatabase database) {
        this.database = database;
        this.runs = new RunHistory(database);
        this.schedules = new Schedules(database);
    }

    /**
     * Opens the database in {@code file}, created when missing. One that is damaged is moved aside with a warning; then
     * every stream begins at commit 0 here, and its next lease replays the commits.
     *
     * @throws dev.caravan.failure.PullException if it lies on a network file system
     */
    public static StateStore open(Path file, Clock clock) {
        return new StateStore(StateDatabase.open(file, clock));
    }

    public RunHistory runs() {
        return runs;
    }

    public Schedules schedules() {
        return schedules;
    }

    /**
     * Takes over a commit and the keys of its records, in one transaction.
     *
     * @return false if it was taken over before
     * @throws IllegalStateException if a commit before it was not
     */
    public boolean apply(StreamKey stream, Commit commit, List<SeenKey> keys) {
        // In the order of the database's pages, each of which is then touched once.
        List<SeenKey> sorted =
                keys.stream().sorted(Comparator.comparing(SeenKey::hash)).toList();
        return database.write(session -> {
            long id = register(session, stream);
            long known = number(session, stream, "sequence");
            if (commit.sequence() <= known) {
                return false;
            }
            if (commit.sequence() != known + 1) {
                throw new IllegalStateException(
                        "%s: commit %d does not follow commit %d".formatted(stream.id(), commit.sequence(), known));
            }
            turn(session, stream, id, commit);
            KeySet set = commit.kind() == Kind.PENDING ? KeySet.PENDING : KeySet.COUNTING;
            insert(session, set(session, stream, id, set), sorted);
            update(session, id, commit, StateJson.write(after(session, stream, commit)));
            return true;
        });
    }

    private static Progress after(StateSession session, StreamKey stream, Commit commit) throws SQLException {
        if (commit.isWhole()) {
            return commit.progress();
        }
        Progress before =
                text(session, stream, "progress").map(StateJson::progress).orElse(Progress.NONE);
        return before.plus(commit.progress());
    }

    /** Empties the set of keys that a commit begins anew, and lets the sets change places when a generation comes to count. */
    private static void turn(StateSession session, StreamKey stream, long id, Commit commit) throws SQLException {
        Long generation = commit.generation();
        if (commit.kind() == Kind.REPLACE) {
            forgetAll(session, set(session, stream, id, KeySet.COUNTING));
            session.execute(
                    "UPDATE stream SET swapped = 1 - swapped, generation = NULL, pruned_before = NULL WHERE id = ?",
                    id);
        } else if (generation != null && number(session, stream, "generation") != generation) {
            forgetAll(session, set(session, stream, id, KeySet.PENDING));
            session.execute("UPDATE stream SET generation = " + generation + " WHERE id = ?", id);
        }
    }

    private static void forgetAll(StateSession session, long set) throws SQLException {
        session.execute("DELETE FROM seen_key WHERE stream_id = ?", set);
    }

    private static long set(StateSession session, StreamKey stream, long id, KeySet set) throws SQLException {
        boolean swapped = number(session, stream, "swapped") == 1;
        return swapped == (set == KeySet.PENDING) ? id : -id;
    }

    /** Returns the number of the generation that does not count yet, empty without one. */
    public OptionalLong generation(StreamKey stream) {
        long number = database.read(session -> number(session, stream, "generation"));
        return number == 0 ? OptionalLong.empty() : OptionalLong.of(number);
    }

    /**
     * Begins anew with what a whole checkpoint says. Its keys are remembered with {@link #remember} first, while the stream
     * stands at commit 0; a crash in between is noticed by that.
     */
    void restore(StreamKey stream, Commit whole) {
        CommittedState state = whole.state();
        if (state == null) {
            throw new IllegalArgumentException("Commit %d does not say everything".formatted(whole.sequence()));
        }
        CommittedState.Pending pending = state.pending();
        database.write(session -> {
            long id = register(session, stream);
            update(session, id, whole, StateJson.write(whole.progress()));
            PreparedStatement statement =
                    session.prepare("UPDATE stream SET pruned_before = ?, generation = ? WHERE id = ?");
            StateSession.set(statement, 1, state.forgottenBefore());
            if (pending == null) {
                statement.setNull(2, Types.INTEGER);
            } else {
                statement.setLong(2, pending.generation());
            }
            statement.setLong(3, id);
            return statement.executeUpdate();
        });
    }

    /** Returns the number of the last commit taken over, 0 if there is none. */
    public long sequence(StreamKey stream) {
        return database.read(session -> number(session, stream, "sequence"));
    }

    /** Returns the greatest epoch seen, 0 if there is none. */
    public long epoch(StreamKey stream) {
        return database.read(session -> number(session, stream, "epoch"));
    }

    /** Returns the progress after the last commit taken over. */
    public Progress progress(StreamKey stream) {
        return database.read(session -> text(session, stream, "progress"))
                .map(StateJson::progress)
                .orElse(Progress.NONE);
    }

    /** Returns the hash of what the stream asked for when it last committed. */
    public Optional<String> definition(StreamKey stream) {
        return database.read(session -> text(session, stream, "definition"));
    }

    /** Returns which of {@code hashes} are remembered in one of the stream's sets, by their position. */
    public BitSet seen(StreamKey stream, KeySet set, List<KeyHash> hashes) {
        BitSet seen = new BitSet(hashes.size());
        if (hashes.isEmpty()) {
            return seen;
        }
        return database.read(session -> {
            Long id = id(session, stream);
            if (id == null) {
                return seen;
            }
            PreparedStatement statement = session.prepare("SELECT 1 FROM seen_key WHERE stream_id = ? AND hash = ?");
            statement.setLong(1, set(session, stream, id, set));
            for (int i = 0; i < hashes.size(); i++) {
                statement.setBytes(2, hashes.get(i).toBytes());
                try (ResultSet row = statement.executeQuery()) {
                    seen.set(i, row.next());
                }
            }
            return seen;
        });
    }

    /** Returns whether a remembered key has a cursor from {@code from} on and before {@code to}. */
    public boolean hasKeysWithin(StreamKey stream, Instant from, Instant to) {
        return database.read(session -> {
            Long id = id(session, stream);
            if (id == null) {
                return false;
            }
            PreparedStatement statement = session.prepare(
                    "SELECT 1 FROM seen_key WHERE stream_id = ? AND cursor >= ? AND cursor < ? LIMIT 1");
            statement.setLong(1, set(session, stream, id, KeySet.COUNTING));
            statement.setLong(2, from.toEpochMilli());
            statement.setLong(3, to.toEpochMilli());
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        });
    }

    /**
     * Forgets the keys with a cursor before {@code before}; those without a cursor stay.
     *
     * @return how many were forgotten
     */
    public int prune(StreamKey stream, Instant before) {
        return database.write(session -> {
            long id = register(session, stream);
            PreparedStatement delete = session.prepare("DELETE FROM seen_key WHERE stream_id = ? AND cursor < ?");
            delete.setLong(1, set(session, stream, id, KeySet.COUNTING));
            delete.setLong(2, before.toEpochMilli());
            PreparedStatement note = session.prepare(
                    "UPDATE stream SET pruned_before = max(coalesce(pruned_before, ?1), ?1) WHERE id = ?2");
            note.setLong(1, before.toEpochMilli());
            note.setLong(2, id);
            note.executeUpdate();
            return delete.executeUpdate();
        });
    }

    /** Returns the instant before which keys may have been forgotten; empty if none ever were. */
    public Optional<Instant> prunedBefore(StreamKey stream) {
        return database.read(session -> {
            try (ResultSet row = session.prepare("SELECT pruned_before FROM stream" + OF_STREAM, stream)
                    .executeQuery()) {
                return row.next() ? Optional.ofNullable(StateSession.instant(row, "pruned_before")) : Optional.empty();
            }
        });
    }

    /** Remembers {@code keys} of commits already taken over, which were forgotten. */
    void remember(StreamKey stream, KeySet set, List<SeenKey> keys) {
        List<SeenKey> sorted =
                keys.stream().sorted(Comparator.comparing(SeenKey::hash)).toList();
        database.write(session -> {
            insert(session, set(session, stream, register(session, stream), set), sorted);
            return true;
        });
    }

    /**
     * Forgets all that is known of a stream from its commits, except its epoch, which never comes again. The next lease
     * takes the commits over again, so this undoes nothing that is committed.
     */
    public void reset(StreamKey stream) {
        database.write(session -> {
            long id = register(session, stream);
            forgetAll(session, id);
            forgetAll(session, -id);
            PreparedStatement update = session.prepare(
                    "UPDATE stream SET sequence = 0, progress = ?, definition = NULL, pruned_before = NULL,"
                            + " generation = NULL WHERE id = ?");
            update.setString(1, StateJson.write(Progress.NONE));
            update.setLong(2, id);
            update.executeUpdate();
            return true;
        });
    }

    @Override
    public void close() {
        database.close();
    }

    private static long register(StateSession session, StreamKey stream) throws SQLException {
        Long known = id(session, stream);
        if (known != null) {
            return known;
        }
        session.prepare("INSERT INTO stream (connection, stream, origin) VALUES (?, ?, ?)", stream)
                .executeUpdate();
        try (ResultSet row = session.prepare("SELECT last_insert_rowid()").executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private static @Nullable Long id(StateSession session, StreamKey stream) throws SQLException {
        try (ResultSet row =
                session.prepare("SELECT id FROM stream" + OF_STREAM, stream).executeQuery()) {
            return row.next() ? row.getLong(1) : null;
        }
    }

    private static long number(StateSession session, StreamKey stream, String column) throws SQLException {
        try (ResultSet row = session.prepare("SELECT " + column + " FROM stream" + OF_STREAM, stream)
                .executeQuery()) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    private static Optional<String> text(StateSession session, StreamKey stream, String column) throws SQLException {
        try (ResultSet row = session.prepare("SELECT " + column + " FROM stream" + OF_STREAM, stream)
                .executeQuery()) {
            return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
        }
    }

    private static void insert(StateSession session, long id, List<SeenKey> keys) throws SQLException {
        for (int from = 0; from < keys.size(); ) {
            int count = keys.size() - from < ROWS ? 1 : ROWS;
            PreparedStatement statement = session.prepare(count == 1 ? INSERT_ONE : INSERT_MANY);
            statement.setLong(1, id);
            for (int i = 0; i < count; i++) {
                SeenKey key = keys.get(from + i);
                statement.setBytes(2 + 2 * i, key.hash().toBytes());
                StateSession.set(statement, 3 + 2 * i, key.cursor());
            }
            statement.executeUpdate();
            from += count;
        }
    }

    private static String insertOf(int rows) {
        return IntStream.range(0, rows)
                .mapToObj(i -> "(?1, ?%d, ?%d)".formatted(2 + 2 * i, 3 + 2 * i))
                .collect(Collectors.joining(
                        ", ",
                        "INSERT INTO seen_key (stream_id, hash, cursor) VALUES ",
                        " ON CONFLICT DO UPDATE SET cursor = max(cursor, excluded.cursor)"));
    }

    private static void update(StateSession session, long id, Commit commit, String progress) throws SQLException {
        PreparedStatement statement =
                session.prepare("UPDATE stream SET sequence = ?, epoch = max(epoch, ?), progress = ?,"
                        + " definition = coalesce(?, definition) WHERE id = ?");
        statement.setLong(1, commit.sequence());
        statement.setLong(2, commit.epoch());
        statement.setString(3, progress);
        // A generation may be pulled under another definition; it becomes the stream's when it comes to count.
        statement.setString(4, commit.kind() == Kind.PENDING ? null : commit.definition());
        statement.setLong(5, id);
        statement.executeUpdate();
    }
}
