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
    /** In the place of the milliseconds of a cursor: there is none. */
    static final long NONE = Long.MIN_VALUE;

    /** Of a key as files and blocks have it: its hash, and its cursor in milliseconds since 1970. */
    static final int BYTES = KeyHash.BYTES + Long.BYTES;

    static SeenKey of(KeyHash hash, long millis) {
        return new SeenKey(hash, millis == NONE ? null : Instant.ofEpochMilli(millis));
    }

    /** Returns the same key of two records, the later of which decides how long it is remembered. */
    SeenKey with(SeenKey other) {
        return of(hash, later(millis(), other.millis()));
    }

    /** Returns of two cursors in milliseconds the later one; {@link #NONE} is later than any. */
    static long later(long one, long other) {
        return one == NONE || other == NONE ? NONE : Math.max(one, other);
    }

    long millis() {
        return cursor == null ? NONE : cursor.toEpochMilli();
    }
}
