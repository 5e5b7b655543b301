package dev.caravan.commit;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The keys of one sealed batch. One thread at a time, beside the slice's own that only asks whether a key is one of them. */
public final class KeyBatch {
    private final SeenKeys slice;
    private final Map<KeyHash, SeenKey> keys;

    KeyBatch(SeenKeys slice, Map<KeyHash, SeenKey> keys) {
        this.slice = slice;
        this.keys = keys;
    }

    synchronized boolean contains(KeyHash hash) {
        return keys.containsKey(hash);
    }

    /** The keys, in the order they were staged. */
    public synchronized List<SeenKey> entries() {
        return List.copyOf(keys.values());
    }

    /** Takes out keys whose records are left out of the batch, such as contested ones. */
    public synchronized void leaveOut(Collection<KeyHash> hashes) {
        for (KeyHash hash : hashes) {
            if (keys.remove(hash) != null) {
                slice.run().release(hash);
            }
        }
    }

    /** Forgets the keys: the batch was not committed. The second time does nothing. */
    public synchronized void giveUp() {
        slice.unseal(this);
        keys.keySet().forEach(slice.run()::release);
        keys.clear();
    }

    /** They are where every slice finds them now, so nobody needs to hold them. */
    void committed() {
        giveUp();
    }

    /** Returns the keys that a sibling slice held too and has committed. Exact only where no sibling can commit meanwhile. */
    synchronized Set<KeyHash> committedBySiblings() {
        RunKeys run = slice.run();
        if (!run.anyContested()) {
            return Set.of();
        }
        List<KeyHash> contested =
                keys.keySet().stream().filter(run::isContested).toList();
        Set<KeyHash> committed = new HashSet<>();
        run.committed(contested).stream().forEach(i -> committed.add(contested.get(i)));
        return committed;
    }
}
