package dev.caravan.commit;

import dev.caravan.batch.Delivery;
import dev.caravan.lake.Lake;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finishes what a crash interrupted: publishes what is committed, brings the database up to the commits, and deletes what
 * no commit names. Doing it again changes nothing; with nothing to do it lists two folders. One use, one thread. The caller has the
 * stream, has fenced off whoever had it before and may still live, and has staged nothing yet.
 *
 * <p>Files where readers look are never deleted, whether a commit names them or not.
 */
final class Recovery {
    private static final Pattern EPOCH = Pattern.compile("\\d{1,18}");

    private final StreamKey stream;
    private final Lake lake;
    private final Path folder;
    private final CommitLog log;
    private final StateStore store;
    private final Publisher publisher;
    private final Delivery delivery;
    private final long epoch;
    private boolean rebuilt;

    /**
     * @param epoch that of whoever has the stream. What later ones stage is theirs: also a recovery may sleep and wake up when
     *     the stream is another's
     */
    Recovery(StreamKey stream, Lake lake, CommitLog log, StateStore store, Delivery delivery, long epoch) {
        this.epoch = epoch;
        this.stream = stream;
        this.lake = lake;
        this.folder = stream.folder(lake.data());
        this.log = log;
        this.store = store;
        this.delivery = delivery;
        this.publisher = new Publisher(stream, lake, delivery);
    }

    /** Begins the database anew if it is ahead of the log. To be called before a fence makes the log longer. */
    void compare() {
        // The database is asked first: who still commits on another machine does so before it tells the database.
        long known = store.sequence(stream);
        if (known > Math.max(log.numbers().getMax(), 0)) {
            // A log restored from a backup, or a folder that was removed: the commits are the truth.
            restore();
        }
    }

    /** @param fence the commit that keeps out whoever had the stream before, not counted; null if there is nobody */
    Recovered run(@Nullable Commit fence) {
        try {
            delivery.begin();
            long known = store.sequence(stream);
            LongSummaryStatistics numbers = log.numbers();
            if (numbers.getCount() > 0 && known + 1 < numbers.getMin()) {
                // Behind what the log still tells one by one.
                known = restore();
            }
            Missing missing = new Missing();
            long applied = apply(known, missing) - (fence == null ? 0 : 1);
            Holdings holdings = Holdings.of(log);
            publisher.redeliver(holdings);
            delivery.settle();
            int deleted = log.deleteTemporary() + deleteOrphans(missing) + deletePending();
            log.trim();
            return new Recovered(
                    rebuilt || (known == 0 && applied > 0),
                    applied,
                    deleted,
                    missing.paths(),
                    holdings.isPortioned(),
                    holdings.isPlain());
        } catch (IOException e) {
            throw CommitWriteException.of(stream, folder, "recovery", e);
        }
    }

    /** Takes over what the database missed because it did not answer. */
    void catchUp() {
        try {
            apply(store.sequence(stream), new Missing());
        } catch (IOException e) {
            throw CommitWriteException.of(stream, folder, "bringing the database up to the commits", e);
        }
    }

    /** Begins the database anew with the newest commit that says everything, and returns its number; 0 without one. */
    private long restore() {
        store.reset(stream);
        Commit whole = log.fromWhole().findFirst().filter(Commit::isWhole).orElse(null);
        CommittedState state = whole == null ? null : whole.state();
        if (whole == null || state == null) {
            return 0;
        }
        Instant from = state.forgottenBefore();
        for (KeySpan span : state.keys()) {
            KeyFile.read(
                    stream,
                    lake,
                    folder,
                    span.file(),
                    some -> store.remember(stream, KeySet.COUNTING, since(from, some)));
        }
        CommittedState.Pending pending = state.pending();
        if (pending != null) {
            for (KeySpan span : pending.keys()) {
                KeyFile.read(stream, lake, folder, span.file(), some -> store.remember(stream, KeySet.PENDING, some));
            }
        }
        store.restore(stream, whole);
        rebuilt = true;
        return whole.sequence();
    }

    private static List<SeenKey> since(@Nullable Instant from, List<SeenKey> keys) {
        return from == null
                ? keys
                : keys.stream().filter(key -> isNeeded(key.cursor(), from)).toList();
    }

    private static boolean isNeeded(@Nullable Instant cursor, Instant from) {
        return cursor == null || !cursor.isBefore(from);
    }

    private long apply(long known, Missing missing) throws IOException {
        long applied = 0;
        for (Iterator<Commit> commits = log.after(known).iterator(); commits.hasNext(); ) {
            Commit commit = commits.next();
            missing.add(publisher.publish(commit));
            missing.forget(commit);
            CommittedKeys keys = commit.keys();
            store.apply(stream, commit, keys == null ? List.of() : KeyFile.read(stream, lake, folder, keys));
            applied++;
        }
        return applied;
    }

    /** Files that are nowhere, without those that a later commit took away. */
    private static final class Missing {
        private final Set<String> paths = new LinkedHashSet<>();
        private final Set<String> gone = new HashSet<>();

        void add(List<String> more) {
            paths.addAll(more);
        }

        void forget(Commit commit) {
            gone.addAll(commit.removed());
            commit.files().forEach(file -> gone.add(file.staged()));
        }

        List<String> paths() {
            return paths.stream().filter(path -> !gone.contains(path)).toList();
        }
    }

    /** A generation that was given up for another, or by a reset, leaves files that nobody will ever read. */
    private int deletePending() throws IOException {
        Path generations = folder.resolve(Staging.PENDING);
        List<Path> all = lake.list(generations);
        if (all.isEmpty()) {
            lake.deleteIfEmpty(generations);
            return 0;
        }
        CommittedState.Pending pending = Holdings.of(log).pending();
        String kept = pending == null ? "" : Long.toString(pending.generation());
        int deleted = 0;
        for (Path generation : all) {
            if (!generation.getFileName().toString().equals(kept) && isEarlier(generation)) {
                deleted += lake.deleteAll(generation);
            }
        }
        lake.deleteIfEmpty(generations);
        return deleted;
    }

    private int deleteOrphans(Missing missing) throws IOException {
        Path staging = folder.resolve(Staging.FOLDER);
        List<Path> epochs = lake.list(staging);
        if (epochs.isEmpty()) {
            lake.deleteIfEmpty(staging);
            return 0;
        }
        publishAgain(epochs, missing);
        int deleted = 0;
        for (Path each : epochs) {
            if (isEarlier(each)) {
                deleted += lake.deleteAll(each);
            }
        }
        lake.deleteIfEmpty(staging);
        lake.settle(folder, folder);
        return deleted;
    }

    /** Whether a folder is not one of this epoch's, as staged files and generations have it, nor of a later one. */
    private boolean isEarlier(Path numbered) {
        String name = numbered.getFileName().toString();
        return !EPOCH.matcher(name).matches() || Long.parseLong(name) < epoch;
    }

    /** Before anything is deleted: whatever the database says, no commit of these epochs may still need it. */
    private void publishAgain(List<Path> epochs, Missing missing) throws IOException {
        long oldest = oldestEpoch(epochs);
        long first = log.numbers().getMin();
        for (long sequence = log.numbers().getMax(); sequence >= first; sequence--) {
            Commit commit = log.read(sequence);
            if (commit.epoch() < oldest) {
                return;
            }
            missing.add(publisher.publish(commit));
            missing.forget(commit);
            if (commit.isWhole()) {
                return;
            }
        }
    }

    private static long oldestEpoch(List<Path> epochs) {
        return epochs.stream()
                .map(each -> each.getFileName().toString())
                .filter(name -> EPOCH.matcher(name).matches())
                .mapToLong(Long::parseLong)
                .min()
                .orElse(Long.MAX_VALUE);
    }
}
