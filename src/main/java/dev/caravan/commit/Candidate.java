package dev.caravan.commit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A record that asks whether it is new.
 *
 * @param key its key, null if it has none
 * @param bytes a buffer that holds its content as received, without added and ignored fields; shared, not copied
 * @param offset where the content begins
 * @param length how many bytes it has
 * @param cursor its cursor, null if it has none
 */
public record Candidate(
        @Nullable String key,
        byte[] bytes,
        int offset,
        int length,
        @Nullable Instant cursor) {}
