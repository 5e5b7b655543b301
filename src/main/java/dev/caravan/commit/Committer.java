package dev.caravan.commit;

import dev.caravan.batch.SealedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;

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

    public Committer(Lease lease) {
        this.lease = lease;
        this.publisher = new Publisher(lease.stream(), lease.data());
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
        Set<KeyHash> contested = keys.committedBySiblings();
        if (!contested.isEmpty()) {
            discard(draft);
            throw new ContestedKeysException(lease.stream(), String.valueOf(draft.slice()), contested);
        }
        Commit commit = commit(draft, keys.entries());
        keys.committed();
        return commit;
    }

    private Commit commit(Draft draft, List<SeenKey> keys) {
        try {
            lease.requireHeld();
            Commit commit = lease.log().append(lease, draft, keys.isEmpty() ? null : stage(keys));
            List<String> missing = publisher.publish(commit);
            if (!missing.isEmpty()) {
                throw new IOException("Files of commit %d vanished: %s".formatted(commit.sequence(), missing));
            }
            lease.store().apply(lease.stream(), commit, keys);
            return commit;
        } catch (IOException e) {
            throw CommitWriteException.of(lease.stream(), lease.folder(), "committing a batch", e);
        }
    }

    private StagedKeys stage(List<SeenKey> keys) throws IOException {
        keyFiles++;
        return KeyFile.stage(lease.folder(), lease.epoch(), "%s-%06d.keys".formatted(lease.run(), keyFiles), keys);
    }

    private void discard(Draft draft) {
        try {
            for (SealedFile file : draft.files()) {
                Files.deleteIfExists(lease.folder().resolve(file.staged()));
            }
            for (SealedFile file : draft.rejects()) {
                Files.deleteIfExists(lease.data().resolve(file.staged()));
            }
        } catch (IOException e) {
            throw CommitWriteException.of(lease.stream(), lease.folder(), "deleting a contested batch", e);
        }
    }
}
