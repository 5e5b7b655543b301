package dev.caravan.commit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Keys in memory, 32 bytes each, that are asked for by their hash and taken out in the order the database stores them. Safe for
 * any number of threads.
 */
final class KeyBuffer {
    private static final int FIRST = 1 << 10;
    /** Keys of a part, more or less. */
    private static final int PART = 1 << 15;

    private static final int MOST_PARTS = 256;

    private long[] high = new long[FIRST];
    private long[] low = new long[FIRST];
    private long[] millis = new long[FIRST];
    /** Places of keys plus one, found by their hash; twice as many as there may be keys. */
    private int[] table = new int[2 * FIRST];

    private int size;

    synchronized int size() {
        return size;
    }

    /** Adds keys; one that is there twice is remembered as long as {@link SeenKey#with} says. */
    synchronized void add(List<SeenKey> keys) {
        for (SeenKey key : keys) {
            int slot = slot(key.hash());
            if (table[slot] != 0) {
                int at = table[slot] - 1;
                millis[at] = SeenKey.later(millis[at], key.millis());
                continue;
            }
            if (size == high.length) {
                grow();
                slot = slot(key.hash());
            }
            high[size] = key.hash().high();
            low[size] = key.hash().low();
            millis[size] = key.millis();
            table[slot] = ++size;
        }
    }

    synchronized void addTo(KeyFilter filter) {
        for (int i = 0; i < size; i++) {
            filter.add(new KeyHash(high[i], low[i]));
        }
    }

    synchronized boolean contains(KeyHash hash) {
        return table[slot(hash)] != 0;
    }

    /** Returns the slot of a hash: where it is, or where it would go. */
    private int slot(KeyHash hash) {
        int mask = table.length - 1;
        int slot = (int) hash.low() & mask;
        while (table[slot] != 0 && (high[table[slot] - 1] != hash.high() || low[table[slot] - 1] != hash.low())) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        int room = 2 * high.length;
        high = Arrays.copyOf(high, room);
        low = Arrays.copyOf(low, room);
        millis = Arrays.copyOf(millis, room);
        table = new int[2 * room];
        for (int i = 0; i < size; i++) {
            table[slot(new KeyHash(high[i], low[i]))] = i + 1;
        }
    }

    private SeenKey key(int at) {
        return SeenKey.of(new KeyHash(high[at], low[at]), millis[at]);
    }

    /** Returns all keys in the order of their hashes, in parts that follow one another. */
    synchronized List<Part> sorted() {
        int parts = Math.min(MOST_PARTS, Integer.highestOneBit(Math.max(1, size / PART)));
        int[] ends = new int[parts + 1];
        for (int i = 0; i < size; i++) {
            ends[part(i, parts) + 1]++;
        }
        Arrays.parallelPrefix(ends, Integer::sum);
        int[] places = new int[size];
        int[] next = ends.clone();
        for (int i = 0; i < size; i++) {
            places[next[part(i, parts)]++] = i;
        }
        List<Part> all = new ArrayList<>(parts);
        for (int part = 0; part < parts; part++) {
            all.add(new Part(Arrays.copyOfRange(places, ends[part], ends[part + 1])));
        }
        return all;
    }

    /** Hashes are compared without their sign. */
    private int part(int at, int parts) {
        return (int) (high[at] >>> (Long.SIZE - Byte.SIZE)) / (MOST_PARTS / parts);
    }

    /**
     * Returns places in the order of their hashes: sorted as numbers, of which the last bits are the place among the given ones.
     * What the bits before them do not tell apart stands together, and is put right one by one.
     */
    private int[] inOrder(int... places) {
        long mask = Long.highestOneBit(Math.max(1, places.length)) * 2 - 1;
        long[] numbers = new long[places.length];
        for (int i = 0; i < places.length; i++) {
            numbers[i] = ((high[places[i]] ^ Long.MIN_VALUE) & ~mask) | i;
        }
        Arrays.sort(numbers);
        int[] sorted = new int[places.length];
        for (int i = 0; i < places.length; i++) {
            int at = places[(int) (numbers[i] & mask)];
            int to = i;
            while (to > 0 && compare(sorted[to - 1], at) > 0) {
                sorted[to] = sorted[to - 1];
                to--;
            }
            sorted[to] = at;
        }
        return sorted;
    }

    private int compare(int one, int other) {
        return KeyHash.compare(high[one], low[one], high[other], low[other]);
    }

    /** Some of the keys, made when they are needed: as objects all of them would be too large. */
    final class Part {
        private final int[] places;

        private Part(int... places) {
            this.places = places;
        }

        List<SeenKey> keys() {
            List<SeenKey> keys = new ArrayList<>(places.length);
            synchronized (KeyBuffer.this) {
                for (int at : inOrder(places)) {
                    keys.add(key(at));
                }
            }
            return keys;
        }
    }
}
