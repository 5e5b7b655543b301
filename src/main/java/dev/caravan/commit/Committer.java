package dev.caravan.commit;

import dev.caravan.batch.Portion;
import dev.caravan.batch.SealedFile;
import dev.caravan.slice.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes batches count, one at a time: commit, publish, database. One for each lease, shared by its slices; safe for any
 * number of threads.
 *
 * <p>Whatever it throws, staged files are left alone by the caller: a commit in doubt may name them. Recovery deletes what
 * none names.
 */
public final class Committer {
    private final Lease lease;
    private final Publisher publisher;
    private long keyFiles;
    private final Map<KeySet, PortionIndex> portions = new EnumMap<>(KeySet.class);
    private boolean databaseIsBehind;

    public Committer(Lease lease) {
        this.lease = lease;
        this.publisher = new Publisher(lease.stream(), lease.lake(), lease.delivery());
    }

    /**
     * Commits {@code draft}, whose records have no keys to remember.
     *
     * @throws LeaseLostException as for {@link #commit(Draft, KeyBatch)}
     */
    public synchronized Commit commit(Draft draft) {
        return commit(draft, List.of());
    }

    /**
     * Commits {@code draft} and the keys of its records.
     *
     * @throws ContestedKeysException if a sibling slice committed one of the keys first
     * @throws LeaseLostException if another run has taken over; nothing is written then
     * @throws CommitWriteException if the disk failed; the commit may count, and the next lease knows
     * @throws StateStoreException if only the database failed; the commit counts
     */
    public synchronized Commit commit(Draft draft, KeyBatch keys) {
        catchUp();
        Set<KeyHash> contested = keys.committedBySiblings();
        if (!contested.isEmpty()) {
            discard(draft);
            throw new ContestedKeysException(lease.stream(), String.valueOf(draft.slice()), contested);
        }
        Commit commit = commit(draft, keys.entries());
        keys.committed();
        return commit;
    }

    /**
     * Commits {@code draft}, whose rows take the place of those of {@code portion}. Readers of the commits see the ones or the
     * others, readers of folders the old ones go before the new ones come.
     *
     * @throws LeaseLostException as for {@link #commit(Draft, KeyBatch)}
     */
    public synchronized Commit commitInPlaceOf(Portion portion, Draft draft) {
        PortionIndex index = index(draft.kind() == Kind.PENDING);
        try {
            Commit commit = commit(draft.inPlaceOf(portion, index.within(portion)), List.of());
            index.take(commit);
            return commit;
        } catch (RuntimeException e) {
            portions.clear(); // whether it counts is not known
            throw e;
        }
    }

    /** Whether any rows or rejects of {@code portion} are committed; of the generation that does not count yet, if asked. */
    public synchronized boolean holds(Portion portion, boolean pending) {
        return !index(pending).within(portion).isEmpty();
    }

    private PortionIndex index(boolean pending) {
        return portions.computeIfAbsent(
                pending ? KeySet.PENDING : KeySet.COUNTING, set -> PortionIndex.of(Holdings.of(lease.log()), pending));
    }

    /**
     * Makes a generation count, in place of all that was committed before: the rows that are there go, and its own take their
     * place. Readers of the commits see both at once, readers of folders one after the other and never two of a row.
     *
     * @param progress makes the stream's progress after it from the one before
     */
    public synchronized Commit replace(long generation, @Nullable String definition, UnaryOperator<Progress> progress) {
        portions.clear();
        Holdings holdings = Holdings.of(lease.log());
        List<String> removed = new ArrayList<>();
        holdings.files().forEach(file -> removed.add(file.path()));
        holdings.rejects().forEach(file -> removed.add(file.path()));
        List<SealedFile> files = new ArrayList<>();
        List<SealedFile> rejects = new ArrayList<>();
        CommittedState.Pending pending = holdings.pending();
        if (pending != null && pending.generation() == generation) {
            String place = place(generation);
            pending.files()
                    .forEach(file ->
                            files.add(file.stagedAt(file.path()).at(file.path().substring(place.length()))));
            rejects.addAll(pending.rejects());
        }
        Draft draft =
                new Draft(Kind.REPLACE, null, files, rejects, 0, definition, removed, null, generation, progress, null);
        return commit(draft, List.of());
    }

    /** A slice has ended: what was gathered of it and others may be delivered. */
    public synchronized void sliceEnded() {
        lease.delivery().sliceEnded();
    }

    /** Delivers what was gathered, where commits are not delivered one by one. */
    public synchronized void settle() {
        lease.delivery().settle();
    }

    /** Returns where the rows of a generation wait until it counts, relative to the stream's folder, with '/' at the end. */
    public static String place(long generation) {
        return "%s/%d/".formatted(Staging.PENDING, generation);
    }

    /** What the database does not know of, siblings would commit again. */
    private void catchUp() {
        if (databaseIsBehind) {
            new Recovery(lease.stream(), lease.lake(), lease.log(), lease.store(), lease.delivery(), lease.epoch())
                    .catchUp();
            databaseIsBehind = false;
        }
    }

    private Commit commit(Draft draft, List<SeenKey> keys) {
        catchUp();
        try {
            lease.requireHeld();
            StagedKeys staged = keys.isEmpty() ? null : stage(keys);
            databaseIsBehind = true; // also after an answer that was lost, for then it may count
            Commit commit = lease.log().append(lease, draft, staged);
            List<String> missing = publisher.publish(commit);
            if (!missing.isEmpty()) {
                throw new IOException("Files of commit %d vanished: %s".formatted(commit.sequence(), missing));
            }
            lease.store().apply(lease.stream(), commit, keys);
            databaseIsBehind = false;
            if (commit.kind() == Kind.REPLACE) {
                lease.checkpoint().write();
            } else {
                lease.checkpoint().writeIfDue();
            }
            return commit;
        } catch (IOException e) {
            lease.requireLatest();
            throw CommitWriteException.of(lease.stream(), lease.folder(), "committing a batch", e);
        }
    }

    private StagedKeys stage(List<SeenKey> keys) throws IOException {
        keyFiles++;
        return KeyFile.stage(
                lease.lake(), lease.folder(), lease.epoch(), "%s-%06d.keys".formatted(lease.run(), keyFiles), keys);
    }

    private void discard(Draft draft) {
        try {
            for (SealedFile file : draft.files()) {
                lease.lake().delete(lease.folder().resolve(file.staged()));
            }
            for (SealedFile file : draft.rejects()) {
                lease.lake().delete(lease.lake().data().resolve(file.staged()));
            }
        } catch (IOException e) {
            throw CommitWriteException.of(lease.stream(), lease.folder(), "deleting a contested batch", e);
        }
    }
}
