package dev.caravan.commit;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The keys that the slices of one run hold in batches not yet committed. Safe for any number of threads; grows with those
 * batches only.
 *
 * <p>Slices normally never meet: their bounds are half-open and records outside are dropped. Where they do (a record edited
 * between two requests, one entity in two partitions), both keep the record, for either may still fail; whoever commits
 * second is told by {@link ContestedKeysException} to leave it out. So none is lost and none is written twice, and no slice
 * waits for another.
 */
public final class RunKeys {
    private final StateStore store;
    private final StreamKey stream;
    private final KeySet set;
    private final Remembered remembered;
    private final Map<KeyHash, Integer> holders = new ConcurrentHashMap<>();
    private final Set<KeyHash> contested = ConcurrentHashMap.newKeySet();

    /** @param set the keys that records are compared with */
    public RunKeys(StateStore store, StreamKey stream, KeySet set, Remembered remembered) {
        this.store = store;
        this.stream = stream;
        this.set = set;
        this.remembered = remembered;
    }

    /** Returns the view of one slice. */
    public SeenKeys slice() {
        return new SeenKeys(this);
    }

    /** Returns which of {@code hashes} are committed, by their position. */
    BitSet committed(List<KeyHash> hashes) {
        return store.seen(stream, set, hashes);
    }

    Remembered remembered() {
        return remembered;
    }

    void hold(KeyHash hash) {
        holders.compute(hash, (key, count) -> {
            if (count == null) {
                return 1;
            }
            contested.add(key);
            return count + 1;
        });
    }

    void release(KeyHash hash) {
        holders.computeIfPresent(hash, (key, count) -> {
            if (count > 1) {
                return count - 1;
            }
            contested.remove(key);
            return null;
        });
    }

    boolean isContested(KeyHash hash) {
        return contested.contains(hash);
    }

    boolean anyContested() {
        return !contested.isEmpty();
    }
}
