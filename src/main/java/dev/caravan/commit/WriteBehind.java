package dev.caravan.commit;

import dev.caravan.slice.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Commits of one stream that the database is told of later, many at once. Each time it is told of keys is a
 * {@linkplain KeySegments segment} that must be put together with others later. It is told part by part, so that others may
 * write in between. Nothing is lost with them: the database follows the commits, and the next lease tells it what it missed.
 *
 * <p>Its own monitor guards all but {@link #contains}, {@link #filter} and the parts of what is being told, which belong to whoever
 * holds {@link #teller()}. Whoever takes both takes the teller first.
 */
final class WriteBehind {
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final LongSupplier nanos;
    private final Lock teller = new ReentrantLock();
    private final AtomicBoolean asked = new AtomicBoolean();
    private volatile Told told = new Told();
    private volatile @Nullable Told telling;
    private volatile @Nullable KeyFilter filter;
    private volatile long known;
    private volatile boolean unheard;

    /** Commits and their keys, and how far the database has been told of them. */
    static final class Told {
        private final List<Commit> commits = new ArrayList<>();
        private final KeyBuffer keys = new KeyBuffer();
        private @Nullable List<KeyBuffer.Part> parts;
        private int next;
        private KeySegments.@Nullable Segment segment;
        private long since;

        List<Commit> commits() {
            return commits;
        }

        Commit first() {
            return commits.get(0);
        }

        Commit last() {
            return commits.get(commits.size() - 1);
        }

        int size() {
            return keys.size();
        }

        /** Returns the keys that the database is told of next; null when it knows all of them. */
        KeyBuffer.@Nullable Part part() {
            if (parts == null) {
                parts = keys.sorted();
            }
            return next < parts.size() ? parts.get(next) : null;
        }

        /** Returns where the database has put the parts that it was told of; null before the first. */
        KeySegments.@Nullable Segment segment() {
            return segment;
        }

        /** The database knows that part. */
        void partTold(KeySegments.Segment in) {
            segment = in;
            next++;
        }

        /** The database is not to be told of any more keys. */
        void allTold() {
            next = Integer.MAX_VALUE;
        }
    }

    WriteBehind(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Whoever tells the database holds this. */
    Lock teller() {
        return teller;
    }

    /** Returns whether somebody is to be asked to tell the database, as nobody was. */
    boolean ask() {
        return asked.compareAndSet(false, true);
    }

    /** Who was asked begins; for what comes from now on, somebody must be asked again. */
    void answered() {
        asked.set(false);
    }

    void heard(boolean was) {
        unheard = !was;
    }

    /** Whether the database did not answer when it was told last. */
    boolean isUnheard() {
        return unheard;
    }

    /** Whether a commit may be told of later: one that adds rows or says how far the stream has come. */
    static boolean takes(Commit commit) {
        return commit.kind() == Kind.DATA || commit.kind() == Kind.CHECKPOINT;
    }

    /** From now on what is new is told from what is known without the database, until that is set to null. */
    void setFilter(@Nullable KeyFilter next) {
        KeyFilter before = filter;
        if (next != null) {
            Told earlier = telling;
            if (earlier != null) {
                earlier.keys.addTo(next);
            }
            told.keys.addTo(next);
        }
        filter = next;
        if (before != null) {
            before.close();
        }
    }

    /** Returns what knows of most new keys that they are; null if the database is to be asked. May be asked for at any time. */
    @Nullable
    KeyFilter filter() {
        return filter;
    }

    /** Returns the number of the last commit that the database was told of from here, 0 without one. May be asked for at any time. */
    long known() {
        return known;
    }

    void add(Commit commit, List<SeenKey> added) {
        if (told.commits.isEmpty()) {
            told.since = nanos.getAsLong();
        }
        KeyFilter knows = filter;
        if (knows != null) {
            added.forEach(key -> knows.add(key.hash()));
        }
        told.keys.add(added);
        told.commits.add(commit);
    }

    boolean isEmpty() {
        return told.commits.isEmpty() && telling == null;
    }

    /** Whether the database is to be told of something: some have waited long enough, or it has begun. */
    boolean isDue() {
        return telling != null || (!told.commits.isEmpty() && nanos.getAsLong() - told.since >= LONGEST_NANOS);
    }

    /** Returns what the database is being told of: what that was already, or all there is; null if there is nothing. */
    @Nullable
    Told telling() {
        if (telling == null && !told.commits.isEmpty()) {
            telling = told; // before the other changes, for those who look for a key
            told = new Told();
        }
        return telling;
    }

    /** The database knows what it was being told of. */
    void finished() {
        Told finished = telling;
        if (finished != null) {
            known = finished.last().sequence();
        }
        telling = null;
    }

    /** What is here is no longer of use. */
    void clear() {
        telling = null;
        told = new Told();
    }

    @Nullable
    Commit last() {
        List<Commit> all = all();
        return all.isEmpty() ? null : all.get(all.size() - 1);
    }

    private List<Commit> all() {
        Told earlier = telling;
        if (earlier == null) {
            return told.commits;
        }
        List<Commit> all = new ArrayList<>(earlier.commits);
        all.addAll(told.commits);
        return all;
    }

    /** Returns the hash of what the stream asked for when the last of them that knows it was made. */
    Optional<String> definition() {
        return all().stream().map(Commit::definition).filter(Objects::nonNull).reduce((earlier, later) -> later);
    }

    /** Returns the progress after them. */
    Progress after(Progress before) {
        Progress after = before;
        for (Commit commit : all()) {
            after = commit.isWhole() ? commit.progress() : after.plus(commit.progress());
        }
        return after;
    }

    int keys() {
        Told earlier = telling;
        return told.keys.size() + (earlier == null ? 0 : earlier.keys.size());
    }

    /** Whether a key is of one of them; none is that is not committed. May be asked by anybody at any time. */
    boolean contains(KeyHash hash) {
        if (told.keys.contains(hash)) {
            return true;
        }
        Told earlier = telling;
        return earlier != null && earlier.keys.contains(hash);
    }
}
