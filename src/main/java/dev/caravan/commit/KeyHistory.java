package dev.caravan.commit;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
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
        AtomicLong loaded = new AtomicLong();
        for (KeySpan span : Holdings.of(lease.log()).keys()) {
            if (span.touches(from, to)) {
                KeyFile.read(lease.stream(), lease.lake(), lease.folder(), span.file(), some -> {
                    List<SeenKey> keys = some.stream()
                            .filter(key -> isWithin(key.cursor(), from, to))
                            .toList();
                    lease.store().remember(lease.stream(), KeySet.COUNTING, keys);
                    loaded.addAndGet(keys.size());
                });
            }
        }
        return loaded.get();
    }

    private static boolean isWithin(@Nullable Instant cursor, Instant from, Instant to) {
        // Keys keep the millisecond only, so the one that "from" lies in belongs to it.
        return cursor != null && cursor.toEpochMilli() >= from.toEpochMilli() && cursor.isBefore(to);
    }
}
