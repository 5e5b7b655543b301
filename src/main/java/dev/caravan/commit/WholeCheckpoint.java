package dev.caravan.commit;

import dev.caravan.batch.Delivery;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the log of a stream short: every hundred commits one says everything that those before it say, and they go. Files of
 * keys are put together into one on the way.
 *
 * <p>The caller holds the lease, and lets nobody else commit under it meanwhile.
 */
final class WholeCheckpoint {
    static final int EVERY = 100;

    private final Lease lease;
    private final Publisher publisher;
    private volatile long written;

    WholeCheckpoint(Lease lease) {
        this.lease = lease;
        this.publisher = new Publisher(lease.stream(), lease.lake(), Delivery.NONE); // its rows are delivered
    }

    /**
     * Writes one if the log is long enough, and lets go what came before the last one.
     *
     * @throws LeaseLostException if another run has taken over
     * @throws CommitWriteException if the disk failed; the log is as long as before, or may be shortened by the next lease
     */
    void writeIfDue() {
        trimIfTold();
        if (lease.log().sinceWhole() >= EVERY) {
            write();
        }
    }

    /**
     * Lets commits go that the last one says again. They stay until the database knows it: otherwise a crash would cost reading
     * all keys of the stream in place of some.
     */
    void trimIfTold() {
        if (written == 0 || !lease.store().isTold(lease.stream(), written)) {
            return;
        }
        try {
            lease.log().trim();
            written = 0;
        } catch (IOException e) {
            throw CommitWriteException.of(lease.stream(), lease.folder(), "shortening the log", e);
        }
    }

    /** Writes one now. */
    void write() {
        try {
            Holdings holdings = Holdings.of(lease.log());
            List<KeySpan> recent = holdings.recentKeys();
            StagedKeys merged = recent.isEmpty() ? null : merge(recent, holdings.sequence() + 1);
            // Nobody else commits, so the number is known; were it not so, the lease would be lost.
            long sequence = holdings.sequence() + 1;
            Commit commit = lease.log().append(lease, draft(holdings, merged, sequence), null);
            List<String> missing = publisher.publish(commit);
            if (!missing.isEmpty()) {
                throw new IOException("Files of keys vanished: " + missing);
            }
            lease.store().apply(lease.stream(), commit, List.of());
            written = commit.sequence();
        } catch (IOException e) {
            throw CommitWriteException.of(lease.stream(), lease.folder(), "writing a checkpoint", e);
        }
    }

    private StagedKeys merge(List<KeySpan> spans, long sequence) throws IOException {
        return KeyFile.merge(
                lease.stream(),
                lease.lake(),
                lease.folder(),
                lease.epoch(),
                "%s-merged-%d.keys".formatted(lease.run(), sequence),
                spans.stream().map(KeySpan::file).toList());
    }

    private Draft draft(Holdings holdings, @Nullable StagedKeys merged, long sequence) {
        List<KeySpan> recent = holdings.recentKeys();
        List<KeySpan> keys = new ArrayList<>(holdings.keys());
        if (merged != null) {
            keys.removeAll(recent);
            keys.add(KeySpan.merged(merged.at(sequence), recent));
        }
        return new Draft(
                Kind.CHECKPOINT,
                null,
                List.copyOf(holdings.files()),
                List.copyOf(holdings.rejects()),
                0,
                holdings.definition(),
                List.of(),
                null,
                null,
                UnaryOperator.identity(),
                new CommittedState(
                        keys,
                        lease.store().prunedBefore(lease.stream()).orElse(null),
                        holdings.files().stream()
                                .map(file -> holdings.addedBy(file.path()))
                                .toList(),
                        holdings.changed(),
                        holdings.pending()));
    }

    /** Returns the files of keys that a whole checkpoint names. */
    static Set<String> kept(Commit whole) {
        CommittedState state = whole.state();
        if (state == null) {
            return Set.of();
        }
        Set<String> kept = state.keys().stream().map(span -> span.file().path()).collect(Collectors.toSet());
        CommittedState.Pending pending = state.pending();
        if (pending != null) {
            pending.keys().forEach(span -> kept.add(span.file().path()));
        }
        return kept;
    }
}
