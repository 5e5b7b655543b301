package dev.caravan.run;

/**
 * What compacting a stream did.
 *
 * @param before files that were put together
 * @param after files that they became
 * @param bytesBefore bytes of those that were
 * @param bytesAfter bytes of what they became
 */
public record Compacted(long before, long after, long bytesBefore, long bytesAfter) {
    static final Compacted NOTHING = new Compacted(0, 0, 0, 0);

    Compacted plus(Compacted other) {
        return new Compacted(
                before + other.before,
                after + other.after,
                bytesBefore + other.bytesBefore,
                bytesAfter + other.bytesAfter);
    }
}
