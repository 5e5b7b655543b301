package dev.caravan.commit;

import dev.caravan.slice.Progress;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the commits say, where it is quickly found: the progress of every stream and the keys it has seen; beside it the
 * history of runs, the schedules and the modes of streams, which are nowhere else.
 *
 * <p>It follows the commits and never leads them. Safe for any number of threads. Every method throws
 * {@link StateStoreException} if the database does not answer.
 */
public final class StateStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateStore.class);
    private static final String OF_STREAM = " WHERE connection = ? AND stream = ? AND origin = ?";
    /** Keys that may wait in memory for the database, of all streams together: a sixteenth of it at 32 bytes each. */
    private static final long MOST_KEYS_LATER =
            Math.min(1 << 20, Runtime.getRuntime().maxMemory() / 16 / 32);

    /** Keys that are learned from the database for one that it was asked for: that costs about as much as asking. */
    private static final int LEARNED = 32;

    /** Keys that are learned at once, however many it was asked for: they are in memory meanwhile. */
    private static final int MOST_LEARNED = 1 << 16;

    private static final String NOTHING = StateJson.write(Progress.NONE);

    private final StateDatabase database;
    private final RunHistory runs;
    private final Schedules schedules;
    private final Modes modes;
    private final @Nullable Claims claims;
    private final Map<StreamKey, Known> known = new ConcurrentHashMap<>();
    private final Map<StreamKey, WriteBehind> later = new ConcurrentHashMap<>();
    private final AtomicInteger keysLater = new AtomicInteger();
    private final long mostKeysLater;
    private final AtomicLong filterRoom = new AtomicLong(Runtime.getRuntime().maxMemory() / 16);
    private final ThreadPoolExecutor tellers = tellers();

    /** The progress after a commit, for those who ask again before there is another. */
    private record Known(long sequence, Progress progress) {
        /** Returns the progress after the next commit, null if it is not the next. */
        @Nullable
        Known after(Commit commit) {
            return sequence + 1 == commit.sequence()
                    ? new Known(
                            commit.sequence(), commit.isWhole() ? commit.progress() : progress.plus(commit.progress()))
                    : null;
        }
    }

    /** @param mostKeysLater keys that may wait for the database, of all streams together */
    StateStore(StateDatabase database, @Nullable Claims claims, long mostKeysLater) {
        this.database = database;
        this.mostKeysLater = mostKeysLater;
        this.claims = claims;
        this.runs = new RunHistory(database);
        this.schedules = new Schedules(database);
        this.modes = new Modes(database);
    }

    /**
     * Opens the database in {@code file}, created when missing. One that is damaged is moved aside with a warning; then
     * every stream begins at commit 0 here, and its next lease replays the commits.
     *
     * @throws dev.caravan.failure.PullException if it lies on a network file system
     */
    public static StateStore open(Path file, Clock clock) {
        return new StateStore(SqliteDatabase.open(file, clock), null, MOST_KEYS_LATER);
    }

    /**
     * Connects to a PostgreSQL, whose tables are created when missing. With it streams are leased between machines.
     *
     * @throws StateStoreException if it cannot be reached
     */
    public static StateStore connect(PostgresSettings settings) {
        PostgresDatabase database = PostgresDatabase.connect(settings);
        return new StateStore(database, new Claims(database, settings.machine(), settings.lease()), MOST_KEYS_LATER);
    }

    public RunHistory runs() {
        return runs;
    }

    public Schedules schedules() {
        return schedules;
    }

    public Modes modes() {
        return modes;
    }

    /**
     * Takes over a commit and the keys of its records. The database itself may hear of them later, see {@link WriteBehind}; whoever
     * asks here is told of them at once.
     *
     * @return false if it was taken over before
     * @throws IllegalStateException if a commit before it was not
     */
    public boolean apply(StreamKey stream, Commit commit, List<SeenKey> keys) {
        WriteBehind behind = later(stream);
        return WriteBehind.takes(commit)
                ? applyLater(stream, behind, commit, keys)
                : applyNow(stream, behind, commit, keys);
    }

    private WriteBehind later(StreamKey stream) {
        return later.computeIfAbsent(stream, any -> new WriteBehind(System::nanoTime));
    }

    private boolean applyLater(StreamKey stream, WriteBehind behind, Commit commit, List<SeenKey> keys) {
        boolean due;
        synchronized (behind) {
            long sequence = sequence(stream);
            if (commit.sequence() <= sequence) {
                return false;
            }
            requireNext(stream, commit, sequence);
            int before = behind.keys();
            behind.add(commit, keys);
            keysLater.addAndGet(behind.keys() - before);
            applied(stream, commit);
            due = behind.isDue();
        }
        int waiting = keysLater.get();
        if (waiting > mostKeysLater || behind.isUnheard()) {
            flush(stream); // the caller waits for what is too much, and hears why the database does not answer
        } else if (due || waiting > mostKeysLater / 2) {
            askToTell(stream, behind);
        }
        return true;
    }

    private void applied(StreamKey stream, Commit commit) {
        known.computeIfPresent(stream, (any, before) -> before.after(commit));
    }

    private boolean applyNow(StreamKey stream, WriteBehind behind, Commit commit, List<SeenKey> keys) {
        behind.teller().lock();
        try {
            flush(stream, behind);
            synchronized (behind) {
                boolean applied = applyNow(stream, commit, sorted(keys));
                if (applied) {
                    applied(stream, commit);
                    if (commit.kind() == Kind.PENDING) {
                        merge(stream, KeySet.PENDING);
                    }
                    if (commit.kind() == Kind.REPLACE && behind.filter() != null) {
                        behind.setFilter(new KeyFilter(filterRoom)); // the sets have changed places
                    }
                }
                return applied;
            }
        } finally {
            behind.teller().unlock();
        }
    }

    private boolean applyNow(StreamKey stream, Commit commit, List<SeenKey> sorted) {
        return database.write(session -> {
            Row row = register(session, stream);
            if (commit.sequence() <= row.sequence()) {
                return false;
            }
            requireNext(stream, commit, row.sequence());
            turn(session, stream, row.id(), commit);
            KeySet set = commit.kind() == Kind.PENDING ? KeySet.PENDING : KeySet.COUNTING;
            if (!sorted.isEmpty()) {
                keys(session, stream, row.id(), set).add(null, sorted);
            }
            update(session, row.id(), commit, after(session, row.id(), stream, commit));
            return true;
        });
    }

    private static KeySegments keys(StateSession session, StreamKey stream, long id, KeySet set) throws SQLException {
        boolean swapped = number(session, stream, "swapped") == 1;
        return new KeySegments(session, swapped == (set == KeySet.PENDING) ? id : -id);
    }

    private static void requireNext(StreamKey stream, Commit commit, long last) {
        if (commit.sequence() != last + 1) {
            throw new IllegalStateException(
                    "%s: commit %d does not follow commit %d".formatted(stream.id(), commit.sequence(), last));
        }
    }

    /**
     * Says that the stream is leased to this process: until it is given back nobody else adds keys, so what is new can be told
     * without the database.
     */
    void leased(StreamKey stream) {
        WriteBehind behind = later(stream);
        synchronized (behind) {
            behind.setFilter(new KeyFilter(filterRoom));
        }
    }

    /** Says that the stream is not leased to this process any more. */
    void unleased(StreamKey stream) {
        WriteBehind behind = later(stream);
        synchronized (behind) {
            behind.setFilter(null);
        }
    }

    /** Whether the database was told of a commit, as far as is known here. */
    boolean isTold(StreamKey stream, long sequence) {
        return later(stream).known() >= sequence;
    }

    /** Tells the database all that was taken over. */
    void flush(StreamKey stream) {
        WriteBehind behind = later.get(stream);
        if (behind != null) {
            behind.teller().lock();
            try {
                flush(stream, behind);
            } finally {
                behind.teller().unlock();
            }
        }
    }

    private void flush(StreamKey stream, WriteBehind behind) {
        while (tellRound(stream, behind)) {
            // till nothing has come meanwhile
        }
    }

    private static ThreadPoolExecutor tellers() {
        ThreadPoolExecutor tellers =
                new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, "caravan-state");
                    thread.setDaemon(true);
                    return thread;
                });
        tellers.allowCoreThreadTimeOut(true);
        tellers.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy()); // closing flushes all
        return tellers;
    }

    /** Has the database told of what waits now, beside the caller. */
    private void askToTell(StreamKey stream, WriteBehind behind) {
        if (behind.ask()) {
            tellers.execute(() -> {
                behind.answered();
                behind.teller().lock();
                try {
                    tellRound(stream, behind);
                } catch (RuntimeException e) {
                    LOG.debug("{}: the next commit tells the database, and what is wrong", stream, e);
                } finally {
                    behind.teller().unlock();
                }
            });
        }
    }

    /**
     * Tells the database what it was being told already, or all there is. The keys go first, some at a time, so that others may
     * write in between: they are committed, so it does no harm if the database knows them while the stream's row does not know
     * of their commits yet.
     *
     * @return false if there was nothing
     */
    private boolean tellRound(StreamKey stream, WriteBehind behind) {
        WriteBehind.Told telling;
        synchronized (behind) {
            telling = behind.telling();
        }
        if (telling == null) {
            return false;
        }
        boolean heard = false;
        try {
            for (KeyBuffer.Part part = telling.part(); part != null; part = telling.part()) {
                tellKeys(stream, telling, part.keys());
            }
            synchronized (behind) {
                tellCommits(stream, telling.commits());
                behind.finished();
            }
            keysLater.addAndGet(-telling.size());
            merge(stream, KeySet.COUNTING);
            heard = true;
            return true;
        } catch (IllegalStateException e) {
            // The database was set back: what is missing there is more than what is here.
            synchronized (behind) {
                keysLater.addAndGet(-behind.keys());
                behind.clear();
            }
            throw e;
        } finally {
            behind.heard(heard);
        }
    }

    private void tellCommits(StreamKey stream, List<Commit> commits) {
        database.write(session -> {
            Row row = register(session, stream);
            long told = row.sequence();
            for (Commit commit : commits) {
                // Another machine that has the lease by now may have told of it.
                if (commit.sequence() > told) {
                    requireNext(stream, commit, told);
                    update(session, row.id(), commit, after(session, row.id(), stream, commit));
                    told = commit.sequence();
                }
            }
            return told;
        });
    }

    /** Tells of keys, unless the database knows of their last commit: its keys may have been replaced since. */
    private void tellKeys(StreamKey stream, WriteBehind.Told telling, List<SeenKey> keys) {
        Commit first = telling.first();
        Optional<KeySegments.Segment> segment = database.write(session -> {
            Row row = register(session, stream);
            if (row.sequence() >= telling.last().sequence()) {
                return Optional.empty();
            }
            if (row.sequence() < first.sequence()) {
                requireNext(stream, first, row.sequence());
            }
            return Optional.of(keys(session, stream, row.id(), KeySet.COUNTING).add(telling.segment(), keys));
        });
        segment.ifPresentOrElse(telling::partTold, telling::allTold);
    }

    /** Puts keys together that were told one after the other, a part at a time, so that others may write in between. */
    private void merge(StreamKey stream, KeySet set) {
        Optional<KeySegments.Merge> left = database.read(session -> {
            Long id = id(session, stream);
            return id == null
                    ? Optional.empty()
                    : keys(session, stream, id, set).due();
        });
        while (left.isPresent()) {
            KeySegments.Merge now = left.get();
            left = database.write(session ->
                    keys(session, stream, register(session, stream).id(), set).step(now));
        }
    }

    private static String after(StateSession session, long id, StreamKey stream, Commit commit) throws SQLException {
        String rest = text(session, stream, "progress").orElse(NOTHING);
        // One that says everything says nothing new behind those before it.
        return commit.isWhole() ? rest : new ProgressRows(session, id).add(rest, commit.progress());
    }

    /** Empties the set of keys that a commit begins anew, and lets the sets change places when a generation comes to count. */
    private static void turn(StateSession session, StreamKey stream, long id, Commit commit) throws SQLException {
        Long generation = commit.generation();
        if (commit.kind() == Kind.REPLACE) {
            keys(session, stream, id, KeySet.COUNTING).forgetAll();
            session.execute(
                    "UPDATE stream SET swapped = 1 - swapped, generation = NULL, pruned_before = NULL WHERE id = ?",
                    id);
        } else if (generation != null && number(session, stream, "generation") != generation) {
            keys(session, stream, id, KeySet.PENDING).forgetAll();
            session.execute("UPDATE stream SET generation = " + generation + " WHERE id = ?", id);
        }
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
        flush(stream);
        known.remove(stream);
        CommittedState state = whole.state();
        if (state == null) {
            throw new IllegalArgumentException("Commit %d does not say everything".formatted(whole.sequence()));
        }
        CommittedState.Pending pending = state.pending();
        database.write(session -> {
            long id = register(session, stream).id();
            update(session, id, whole, new ProgressRows(session, id).replace(whole.progress()));
            PreparedStatement statement =
                    session.prepare("UPDATE stream SET pruned_before = ?, generation = ? WHERE id = ?");
            StateSession.set(statement, 1, state.forgottenBefore());
            if (pending == null) {
                statement.setNull(2, Types.BIGINT);
            } else {
                statement.setLong(2, pending.generation());
            }
            statement.setLong(3, id);
            return statement.executeUpdate();
        });
    }

    /** Returns the number of the last commit taken over, 0 if there is none. */
    public long sequence(StreamKey stream) {
        WriteBehind behind = later(stream);
        synchronized (behind) {
            Commit last = behind.last();
            return last == null ? database.read(session -> number(session, stream, "sequence")) : last.sequence();
        }
    }

    /** Returns the greatest epoch seen, 0 if there is none. */
    public long epoch(StreamKey stream) {
        WriteBehind behind = later(stream);
        synchronized (behind) {
            Commit last = behind.last();
            long told = database.read(session -> number(session, stream, "epoch"));
            return last == null ? told : Math.max(told, last.epoch());
        }
    }

    /** Returns the progress after the last commit taken over. */
    public Progress progress(StreamKey stream) {
        WriteBehind behind = later(stream);
        synchronized (behind) {
            long sequence = sequence(stream);
            Known earlier = known.get(stream);
            if (earlier != null && earlier.sequence() == sequence) {
                return earlier.progress();
            }
            Known told = database.read(session -> {
                Long id = id(session, stream);
                return id == null
                        ? new Known(0, Progress.NONE)
                        : new Known(
                                number(session, stream, "sequence"),
                                new ProgressRows(session, id)
                                        .read(text(session, stream, "progress").orElse(NOTHING)));
            });
            Known now = behind.isEmpty() ? told : new Known(sequence, behind.after(told.progress()));
            known.put(stream, now);
            return now.progress();
        }
    }

    /** Returns the hash of what the stream asked for when it last committed. */
    public Optional<String> definition(StreamKey stream) {
        WriteBehind behind = later(stream);
        synchronized (behind) {
            Optional<String> latest = behind.definition();
            return latest.isPresent() ? latest : database.read(session -> text(session, stream, "definition"));
        }
    }

    /** Returns which of {@code hashes} are remembered in one of the stream's sets, by their position. */
    public BitSet seen(StreamKey stream, KeySet set, List<KeyHash> hashes) {
        BitSet seen = new BitSet(hashes.size());
        WriteBehind recent = later(stream);
        KeyFilter filter = set == KeySet.COUNTING ? recent.filter() : null;
        List<KeyHash> asked = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < hashes.size(); i++) {
            KeyHash hash = hashes.get(i);
            if (filter != null && !filter.mayContain(hash)) {
                continue;
            }
            // First here, then there: what goes from here to there is found in one of them.
            if (set == KeySet.COUNTING && recent.contains(hash)) {
                seen.set(i);
            } else {
                asked.add(hash);
                places.add(i);
            }
        }
        if (!asked.isEmpty()) {
            find(stream, set, asked, filter).stream().forEach(i -> seen.set(places.get(i)));
        }
        return seen;
    }

    private BitSet find(StreamKey stream, KeySet set, List<KeyHash> hashes, @Nullable KeyFilter filter) {
        return database.read(session -> {
            Long id = id(session, stream);
            KeySegments keys = id == null ? null : keys(session, stream, id, set);
            if (filter != null && filter.learns()) {
                KeySegments.Some some = null;
                try {
                    some = keys == null
                            ? KeySegments.Some.NONE
                            : keys.read(filter.learnedTo(), Math.min(MOST_LEARNED, LEARNED * hashes.size()));
                } finally {
                    filter.learned(some);
                }
            }
            return keys == null ? new BitSet() : keys.find(hashes);
        });
    }

    /**
     * Forgets the keys with a cursor before {@code before}, and may keep some longer; those without a cursor stay.
     *
     * @return how many were forgotten
     */
    public int prune(StreamKey stream, Instant before) {
        flush(stream);
        return database.write(session -> {
            long id = register(session, stream).id();
            PreparedStatement note = session.prepare(
                    "UPDATE stream SET pruned_before = CASE WHEN pruned_before > ? THEN pruned_before ELSE ? END"
                            + " WHERE id = ?");
            note.setLong(1, before.toEpochMilli());
            note.setLong(2, before.toEpochMilli());
            note.setLong(3, id);
            note.executeUpdate();
            return keys(session, stream, id, KeySet.COUNTING).forget(before.toEpochMilli());
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
        List<SeenKey> sorted = sorted(keys);
        KeyFilter filter = set == KeySet.COUNTING ? later(stream).filter() : null;
        if (filter != null) {
            sorted.forEach(key -> filter.add(key.hash()));
        }
        database.write(session -> {
            long id = register(session, stream).id();
            keys(session, stream, id, set).add(null, sorted);
            return true;
        });
        merge(stream, set);
    }

    /**
     * Forgets all that is known of a stream from its commits, except its epoch, which never comes again. The next lease
     * takes the commits over again, so this undoes nothing that is committed.
     */
    public void reset(StreamKey stream) {
        flush(stream);
        known.remove(stream);
        database.write(session -> {
            long id = register(session, stream).id();
            new ProgressRows(session, id).forget();
            new KeySegments(session, id).forgetAll();
            new KeySegments(session, -id).forgetAll();
            PreparedStatement update = session.prepare(
                    "UPDATE stream SET sequence = 0, progress = ?, definition = NULL, pruned_before = NULL,"
                            + " generation = NULL WHERE id = ?");
            update.setString(1, NOTHING);
            update.setLong(2, id);
            update.executeUpdate();
            return true;
        });
    }

    /** Returns the leases between machines, null if the state is this machine's own. */
    @Nullable
    Claims claims() {
        return claims;
    }

    @Override
    public void close() {
        try {
            tellers.shutdown();
            later.keySet().forEach(this::flush);
        } catch (StateStoreException e) {
            LOG.debug("The database is told by the next lease what it missed", e);
        }
        if (claims != null) {
            claims.close();
        }
        database.close();
    }

    /** Returns the stream's row, created when missing, and keeps other writers of the stream out until this one is done. */
    private static Row register(StateSession session, StreamKey stream) throws SQLException {
        PreparedStatement statement = session.prepare(
                "INSERT INTO stream (connection, stream, origin) VALUES (?, ?, ?)"
                        + " ON CONFLICT (connection, stream, origin) DO UPDATE SET sequence = stream.sequence"
                        + " RETURNING id, sequence",
                stream);
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            return new Row(row.getLong(1), row.getLong(2));
        }
    }

    private record Row(long id, long sequence) {}

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

    /** In the order of the database's pages, each of which is then touched once; a key that is there twice once. */
    private static List<SeenKey> sorted(List<SeenKey> keys) {
        List<SeenKey> sorted = new ArrayList<>(keys.size());
        keys.stream().sorted(Comparator.comparing(SeenKey::hash)).forEach(key -> {
            int last = sorted.size() - 1;
            if (last >= 0 && sorted.get(last).hash().equals(key.hash())) {
                sorted.set(last, sorted.get(last).with(key));
            } else {
                sorted.add(key);
            }
        });
        return sorted;
    }

    private static void update(StateSession session, long id, Commit commit, String progress) throws SQLException {
        PreparedStatement statement = session.prepare(
                "UPDATE stream SET sequence = ?, epoch = CASE WHEN epoch > ? THEN epoch ELSE ? END, progress = ?,"
                        + " definition = coalesce(?, definition) WHERE id = ?");
        statement.setLong(1, commit.sequence());
        statement.setLong(2, commit.epoch());
        statement.setLong(3, commit.epoch());
        statement.setString(4, progress);
        // A generation may be pulled under another definition; it becomes the stream's when it comes to count.
        statement.setString(5, commit.kind() == Kind.PENDING ? null : commit.definition());
        statement.setLong(6, id);
        statement.executeUpdate();
    }
}
