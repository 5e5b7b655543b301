package dev.caravan.commit;

import dev.caravan.batch.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * What is remembered of a record: the first 16 bytes of a SHA-256, of its key or of its key and content. Two different
 * records of 10⁹ meet with a chance of 10⁻²¹.
 *
 * <p>Ordered as the database orders its bytes, so that keys are written in the order they are stored.
 */
public record KeyHash(long high, long low) implements Comparable<KeyHash> {
    static final int BYTES = 16;

    /** Returns the hash of a key. */
    public static KeyHash of(String key) {
        return of(Sha256.digest().digest(key.getBytes(StandardCharsets.UTF_8)));
    }

    /** Returns the hash of a key together with a record's content. */
    public static KeyHash of(String key, byte[] content, int offset, int length) {
        MessageDigest digest = Sha256.digest();
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        // The length first, so that the end of a key cannot pass for the beginning of a content.
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
        digest.update(bytes);
        digest.update(content, offset, length);
        return of(digest.digest());
    }

    /** Reads a hash as {@link #toBytes} wrote it. */
    static KeyHash of(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new KeyHash(buffer.getLong(), buffer.getLong());
    }

    byte[] toBytes() {
        return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    }

    @Override
    public int compareTo(KeyHash other) {
        return compare(high, low, other.high, other.low);
    }

    static int compare(long high, long low, long otherHigh, long otherLow) {
        int order = Long.compareUnsigned(high, otherHigh);
        return order == 0 ? Long.compareUnsigned(low, otherLow) : order;
    }
}
