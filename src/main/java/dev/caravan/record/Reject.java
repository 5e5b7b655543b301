package dev.caravan.record;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A record that cannot be used.
 *
 * @param position its place among the records of its page, from 0
 * @param index its place or name in the container, null if the layout asks for none
 * @param reason what is wrong with it, for people; one of few texts, without the record's own values
 * @param bytes the buffer that holds it as received; shared, not copied
 * @param offset where it begins in {@code bytes}
 * @param length how many bytes it has
 */
public record Reject(int position, @Nullable Object index, String reason, byte[] bytes, int offset, int length) {
    /** Returns what was received, byte for byte. */
    public byte[] raw() {
        return Arrays.copyOfRange(bytes, offset, offset + length);
    }
}
