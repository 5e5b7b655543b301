package dev.caravan.commit;

import dev.caravan.slice.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Commits of one stream that the database is told of later, many at once. Keys are hashes, so those of one batch lie all over the
 * table: telling it of ten thousand costs nearly as much as telling it of half a million. It is told part by part, one with each commit,
 * so that no commit waits for all. Nothing is lost with them: the database follows the commits, and the next lease tells it
 * what it missed.
 *
 * <p>Its own monitor guards all but {@link #contains}.
 */
final class WriteBehind {
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final LongSupplier nanos;
    private volatile Told told = new Told();
    private volatile @Nullable Told telling;

    /** Commits and their keys, and how far the database has been told of them. */
    static final class Told {
        private final List<Commit> commits = new ArrayList<>();
        private final KeyBuffer keys = new KeyBuffer();
        private List<KeyBuffer.Part> parts = List.of();
        private int next;
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

        /** Returns the keys that the database is told of next; null when it knows all of them. */
        KeyBuffer.@Nullable Part part() {
            return next < parts.size() ? parts.get(next) : null;
        }

        /** The database knows that part. */
        void partTold() {
            next++;
        }

        /** The database is not to be told of any more keys. */
        void allTold() {
            next = parts.size();
        }
    }

    WriteBehind(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Whether a commit may be told of later: one that adds rows or says how far the stream has come. */
    static boolean takes(Commit commit) {
        return (commit.kind() == Kind.DATA || commit.kind() == Kind.CHECKPOINT) && !commit.isWhole();
    }

    void add(Commit commit, List<SeenKey> added) {
        if (told.commits.isEmpty()) {
            told.since = nanos.getAsLong();
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
            told.parts = told.keys.sorted();
            telling = told; // before the other changes, for those who look for a key
            told = new Told();
        }
        return telling;
    }

    /** The database knows what it was being told of. */
    void finished() {
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
            after = after.plus(commit.progress());
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
