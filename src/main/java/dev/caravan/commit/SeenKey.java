package dev.caravan.commit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key that counts as seen once its commit does.
 *
 * @param cursor cursor of its record, for forgetting it in time; null if it has none, then it is never forgotten. Kept to
 *     the millisecond
 */
public record SeenKey(KeyHash hash, @Nullable Instant cursor) {
    private static final long NONE = Long.MIN_VALUE;

    static SeenKey of(KeyHash hash, long millis) {
        return new SeenKey(hash, millis == NONE ? null : Instant.ofEpochMilli(millis));
    }

    /** Returns the same key of two records, the later of which decides how long it is remembered. */
    SeenKey with(@Nullable Instant other) {
        if (cursor == null || other == null) {
            return new SeenKey(hash, null);
        }
        return cursor.isBefore(other) ? new SeenKey(hash, other) : this;
    }

    long millis() {
        return cursor == null ? NONE : cursor.toEpochMilli();
    }
}
