package dev.caravan.slice;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A list that is changed in one place at the cost of a small part of it, the rest of which both versions share. A place is null
 * where a partition was, so that the others keep theirs.
 */
final class Slots {
    private static final int BITS = 8;
    private static final int SIZE = 1 << BITS;

    private final @Nullable PartitionProgress[][] chunks;
    private final int length;

    private Slots(@Nullable PartitionProgress[][] chunks, int length) {
        this.chunks = chunks;
        this.length = length;
    }

    static Slots of(List<PartitionProgress> partitions) {
        int length = partitions.size();
        PartitionProgress[][] chunks = new PartitionProgress[(length + SIZE - 1) >> BITS][];
        for (int i = 0; i < chunks.length; i++) {
            int from = i << BITS;
            chunks[i] = partitions.subList(from, Math.min(length, from + SIZE)).toArray(PartitionProgress[]::new);
        }
        return new Slots(chunks, length);
    }

    int length() {
        return length;
    }

    @Nullable
    PartitionProgress get(int place) {
        return chunks[place >> BITS][place & (SIZE - 1)];
    }

    /**
     * Returns this with another value at a place.
     *
     * @param shared what others see: what this does not share with it is this one's own, and is written in place
     */
    Slots with(int place, @Nullable PartitionProgress value, Slots shared) {
        int chunk = place >> BITS;
        Slots own = this == shared ? new Slots(chunks.clone(), length) : this;
        if (own.chunks[chunk] == shared.chunks[chunk]) {
            own.chunks[chunk] = own.chunks[chunk].clone();
        }
        own.chunks[chunk][place & (SIZE - 1)] = value;
        return own;
    }

    /** Returns the first place from {@code from} on where this may be other than a version of the same length; its length if none is. */
    int nextUnlike(Slots other, int from) {
        int place = from;
        while (place < length && chunks[place >> BITS] == other.chunks[place >> BITS]) {
            place = ((place >> BITS) + 1) << BITS;
        }
        return Math.min(place, length);
    }

    List<PartitionProgress> present() {
        List<PartitionProgress> all = new ArrayList<>(length);
        for (@Nullable PartitionProgress[] chunk : chunks) {
            for (PartitionProgress each : chunk) {
                if (each != null) {
                    all.add(each);
                }
            }
        }
        return all;
    }
}
