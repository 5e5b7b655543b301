package dev.caravan.record;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One record as the vendor sent it.
 *
 * <p>Immutable by convention: {@code bytes} is shared with the other records of its page and never written to.
 *
 * @param bytes the buffer that holds the record's JSON object; shared, not copied
 * @param offset where the object begins in {@code bytes}
 * @param length how many bytes it has
 * @param key the values of the key fields, encoded so that different keys never meet; null for a stream without a key
 * @param cursor the value of the cursor field, null if the record has none
 * @param names names that its own fields may have, those of all records of its page, when that has been read; null if they are not
 *     known, or the record stands on several lines
 */
public record SourceRecord(
        byte[] bytes,
        int offset,
        int length,
        @Nullable String key,
        @Nullable Instant cursor,
        @Nullable Set<String> names) {
    public SourceRecord(byte[] bytes, int offset, int length, @Nullable String key, @Nullable Instant cursor) {
        this(bytes, offset, length, key, cursor, null);
    }

    /** Returns the same record, its content replaced: key and cursor stay those of the record as received. */
    public SourceRecord withBytes(byte[] replacement) {
        return new SourceRecord(replacement, 0, replacement.length, key, cursor);
    }

    /** Returns the same record with another reading of its cursor. */
    public SourceRecord withCursor(Instant reading) {
        return new SourceRecord(bytes, offset, length, key, reading, names);
    }
}
