package dev.caravan.run;

import dev.caravan.commit.KeyHash;

/**
 * Which records of a parent were seen, and in which version: 32 bytes for each, so that a parent of millions of rows is read
 * without holding one. For one thread.
 */
final class ParentIndex {
    private static final int FIRST = 1 << 10;

    private long[] high = new long[FIRST];
    private long[] low = new long[FIRST];
    private long[] versions = new long[FIRST];
    /** One more than the place of the partition that the record became, 0 for a free slot. */
    private int[] places = new int[FIRST];

    private int size;

    /** In the place of a partition: the record is none. */
    static final int NONE = -1;

    /**
     * Takes in a version of a record.
     *
     * @param place of the partition it becomes, {@link #NONE} for none
     * @return the place that the record had before; {@link #NONE} if it had none
     */
    int put(KeyHash record, long version, int place) {
        int slot = slot(record);
        if (places[slot] == 0) {
            high[slot] = record.high();
            low[slot] = record.low();
            versions[slot] = version;
            places[slot] = stored(place);
            if (++size * 5L > places.length * 3L) {
                grow();
            }
            return NONE;
        }
        int before = places[slot];
        versions[slot] = version;
        places[slot] = stored(place);
        return before == Integer.MAX_VALUE ? NONE : before - 1;
    }

    /** Whether a later version of the record was taken in. */
    boolean hasLater(KeyHash record, long version) {
        int slot = slot(record);
        return places[slot] != 0 && versions[slot] > version;
    }

    /** Returns the place of a record that was taken in; {@link #NONE} if it has none, or was not taken in. */
    int place(KeyHash record) {
        int stored = places[slot(record)];
        return stored == 0 || stored == Integer.MAX_VALUE ? NONE : stored - 1;
    }

    private static int stored(int place) {
        return place == NONE ? Integer.MAX_VALUE : place + 1;
    }

    private int slot(KeyHash record) {
        int mask = places.length - 1;
        int slot = (int) (record.low() ^ (record.low() >>> 32)) & mask;
        while (places[slot] != 0 && (high[slot] != record.high() || low[slot] != record.low())) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldHigh = high;
        long[] oldLow = low;
        long[] oldVersions = versions;
        int[] oldPlaces = places;
        int length = Math.multiplyExact(oldPlaces.length, 2);
        high = new long[length];
        low = new long[length];
        versions = new long[length];
        places = new int[length];
        for (int i = 0; i < oldPlaces.length; i++) {
            if (oldPlaces[i] != 0) {
                int slot = slot(new KeyHash(oldHigh[i], oldLow[i]));
                high[slot] = oldHigh[i];
                low[slot] = oldLow[i];
                versions[slot] = oldVersions[i];
                places[slot] = oldPlaces[i];
            }
        }
    }

    int size() {
        return size;
    }
}
