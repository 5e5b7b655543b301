package dev.caravan.commit;

import dev.caravan.batch.SealedFile;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Brings back keys that the database has forgotten, for a run that goes further back than the lookback does. */
public final class KeyHistory {
    private final Lease lease;

    public KeyHistory(Lease lease) {
        this.lease = lease;
    }

    /**
     * Makes the database remember every committed key with a cursor from {@code from} on and before {@code to}. Does
     * nothing if it still does; what is loaded stays until the next prune.
     *
     * @return how many keys were read for it
     * @throws CommitReadException if the log or a file of keys is damaged
     */
    public long load(Instant from, Instant to) {
        Optional<Instant> forgotten = lease.store().prunedBefore(lease.stream());
        if (forgotten.isEmpty() || !from.isBefore(forgotten.get())) {
            return 0;
        }
        long loaded = 0;
        for (Iterator<Commit> commits = lease.log().after(0).iterator(); commits.hasNext(); ) {
            Commit commit = commits.next();
            CommittedKeys file = commit.keys();
            if (file != null && touches(commit, from, to)) {
                List<SeenKey> keys = KeyFile.read(lease.stream(), lease.folder(), file).stream()
                        .filter(key -> isWithin(key.cursor(), from, to))
                        .toList();
                lease.store().remember(lease.stream(), keys);
                loaded += keys.size();
            }
        }
        return loaded;
    }

    private static boolean touches(Commit commit, Instant from, Instant to) {
        return commit.files().stream().anyMatch(file -> touches(file, from, to));
    }

    private static boolean touches(SealedFile file, Instant from, Instant to) {
        Instant min = file.minCursor();
        Instant max = file.maxCursor();
        return min != null && max != null && min.isBefore(to) && !max.isBefore(from);
    }

    private static boolean isWithin(@Nullable Instant cursor, Instant from, Instant to) {
        // Keys keep the millisecond only, so the one that "from" lies in belongs to it.
        return cursor != null && cursor.toEpochMilli() >= from.toEpochMilli() && cursor.isBefore(to);
    }
}
