package dev.caravan.commit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Tells of most keys that are new that they are, so that the database is not asked for them: a Bloom filter whose bits of one key
 * lie in one line of the processor's cache. What the database knew before is learned from it bit by bit; until all of that is here, every
 * key counts as known.
 *
 * <p>Whoever adds a key does so before anybody may find it in the database. Keys are never taken out. Less than three bytes a
 * key, by which one of some thousand new keys is asked for nevertheless; with too little room, more of them are.
 *
 * <p>Safe for any number of threads.
 *
 * @see <a href="https://doi.org/10.1007/978-3-540-72845-0_9">Cache-, hash- and space-efficient Bloom filters</a>, of which this
 *     is the blocked one
 */
final class KeyFilter implements AutoCloseable {
    private static final int WORDS = 8;
    private static final int KEYS_PER_BLOCK = 24;
    private static final int BYTES_PER_BLOCK = WORDS * Long.BYTES;
    private static final int FIRST_BLOCKS = 1 << 8;
    private static final int GROWTH = 16;
    /** Blocks of one array: more would be an object that the collector must find a room of its own for. */
    private static final int CHUNK = 1 << 12;

    private final AtomicLong room;
    private final AtomicBoolean learning = new AtomicBoolean();
    private volatile List<Level> levels = List.of();
    private @Nullable Level current;
    private boolean cramped;
    private KeySegments.@Nullable Place learnedTo;
    private volatile boolean complete;

    /** @param room bytes that filters may still take, of which this one takes its own and gives them back when it is closed */
    KeyFilter(AtomicLong room) {
        this.room = room;
    }

    /** Returns false if a key is certainly new. */
    boolean mayContain(KeyHash hash) {
        if (!complete) {
            return true;
        }
        for (Level level : levels) {
            if (level.contains(hash)) {
                return true;
            }
        }
        return false;
    }

    synchronized void add(KeyHash hash) {
        Level into = current;
        if (into == null || (into.isFull() && !cramped)) {
            into = grown(into);
            current = into;
        }
        into.add(hash);
    }

    /** Returns the level that takes the next keys: a new one, or without room for one the largest there is. */
    private Level grown(@Nullable Level last) {
        int blocks = last == null ? FIRST_BLOCKS : GROWTH * last.blocks;
        while (blocks > FIRST_BLOCKS && !take((long) blocks * BYTES_PER_BLOCK)) {
            blocks /= 2;
        }
        if (blocks == FIRST_BLOCKS && last != null) {
            cramped = true;
            return Collections.max(levels, Comparator.comparingInt(level -> level.blocks));
        }
        if (last == null) {
            room.addAndGet(-(long) blocks * BYTES_PER_BLOCK); // the first is not worth a refusal
        }
        Level level = new Level(blocks);
        List<Level> more = new ArrayList<>(levels);
        more.add(0, level); // the newest come first: they are the largest, as a rule
        levels = List.copyOf(more);
        return level;
    }

    private boolean take(long bytes) {
        if (room.addAndGet(-bytes) >= 0) {
            return true;
        }
        room.addAndGet(bytes);
        return false;
    }

    /** Returns whether the caller is to learn some of the keys of the database now, and call {@link #learned} then. */
    boolean learns() {
        return !complete && learning.compareAndSet(false, true);
    }

    /** Returns where the keys begin that are yet to be learned; null for the first. For whoever learns. */
    KeySegments.@Nullable Place learnedTo() {
        return learnedTo;
    }

    /** Takes some keys of the database, read from {@link #learnedTo} on; null if that was not possible. */
    void learned(KeySegments.@Nullable Some some) {
        if (some != null) {
            some.keys().forEach(this::add);
            learnedTo = some.next();
            complete = learnedTo == null;
        }
        learning.set(false);
    }

    /** Gives its room back; it is not used any more. */
    @Override
    public synchronized void close() {
        levels.forEach(level -> room.addAndGet((long) level.blocks * BYTES_PER_BLOCK));
    }

    /** One filter of a fixed size. */
    private static final class Level {
        private final int blocks;
        private final AtomicLongArray[] chunks;
        private int keys;

        /** @param blocks a power of two */
        private Level(int blocks) {
            this.blocks = blocks;
            this.chunks = new AtomicLongArray[Math.max(1, blocks / CHUNK)];
            for (int i = 0; i < chunks.length; i++) {
                chunks[i] = new AtomicLongArray(WORDS * Math.min(blocks, CHUNK));
            }
        }

        private boolean isFull() {
            return keys >= blocks * KEYS_PER_BLOCK;
        }

        private void add(KeyHash hash) {
            AtomicLongArray chunk = chunk(hash);
            int first = place(hash);
            long bits = hash.low();
            for (int word = first; word < first + WORDS; word++, bits >>>= 6) {
                chunk.set(word, chunk.get(word) | 1L << bits);
            }
            keys++;
        }

        private boolean contains(KeyHash hash) {
            AtomicLongArray chunk = chunk(hash);
            int first = place(hash);
            long bits = hash.low();
            for (int word = first; word < first + WORDS; word++, bits >>>= 6) {
                if ((chunk.get(word) & 1L << bits) == 0) {
                    return false;
                }
            }
            return true;
        }

        private AtomicLongArray chunk(KeyHash hash) {
            return chunks[((int) hash.high() & (blocks - 1)) / CHUNK];
        }

        private int place(KeyHash hash) {
            return WORDS * ((int) hash.high() & (blocks - 1) & (CHUNK - 1));
        }
    }
}
