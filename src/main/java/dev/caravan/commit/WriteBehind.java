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
 * table: telling it of ten thousand costs nearly as much as telling it of half a million. Nothing is lost with them: the
 * database follows the commits, and the next lease tells it what it missed.
 *
 * <p>Its own monitor guards all but {@link #keys}, which anybody may ask at any time.
 */
final class WriteBehind {
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final List<Commit> commits = new ArrayList<>();
    private final LongSupplier nanos;
    private volatile KeyBuffer keys = new KeyBuffer();
    private long since;

    WriteBehind(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Whether a commit may be told of later: one that adds rows or says how far the stream has come. */
    static boolean takes(Commit commit) {
        return (commit.kind() == Kind.DATA || commit.kind() == Kind.CHECKPOINT) && !commit.isWhole();
    }

    void add(Commit commit, List<SeenKey> added) {
        if (commits.isEmpty()) {
            since = nanos.getAsLong();
        }
        keys.add(added);
        commits.add(commit);
    }

    boolean isEmpty() {
        return commits.isEmpty();
    }

    /** Whether they have waited long enough. */
    boolean isDue() {
        return !commits.isEmpty() && nanos.getAsLong() - since >= LONGEST_NANOS;
    }

    List<Commit> commits() {
        return commits;
    }

    @Nullable
    Commit last() {
        return commits.isEmpty() ? null : commits.get(commits.size() - 1);
    }

    /** Returns the hash of what the stream asked for when the last of them that knows it was made. */
    Optional<String> definition() {
        return commits.stream().map(Commit::definition).filter(Objects::nonNull).reduce((earlier, later) -> later);
    }

    /** Returns the progress after them. */
    Progress after(Progress before) {
        Progress after = before;
        for (Commit commit : commits) {
            after = after.plus(commit.progress());
        }
        return after;
    }

    /** Returns their keys; none that is not committed. */
    KeyBuffer keys() {
        return keys;
    }

    /** The database knows them, or is to hear of them by another way. */
    void clear() {
        commits.clear();
        keys = new KeyBuffer();
    }
}
