package dev.caravan.commit;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Tells one slice which records are new: neither committed nor in a batch of its own. Keys are staged with their batch and
 * become durable with its commit.
 *
 * <p>One thread at a time; a sealed batch may be committed by another thread meanwhile.
 */
public final class SeenKeys {
    private final RunKeys run;
    private final List<KeyBatch> sealed = new CopyOnWriteArrayList<>();
    private Map<KeyHash, SeenKey> staged = new LinkedHashMap<>();

    SeenKeys(RunKeys run) {
        this.run = run;
    }

    /**
     * Returns which of {@code candidates} are new, by their position, and stages those.
     *
     * <p>Ask for a page at once: a call costs a transaction, a candidate a look-up.
     */
    public BitSet firstSeen(List<Candidate> candidates) {
        BitSet fresh = new BitSet(candidates.size());
        List<KeyHash> asked = new ArrayList<>(candidates.size());
        List<Integer> positions = new ArrayList<>(candidates.size());
        for (int i = 0; i < candidates.size(); i++) {
            Candidate candidate = candidates.get(i);
            KeyHash hash = run.remembered().hash(candidate);
            if (hash == null) {
                fresh.set(i);
            } else if (!isSealed(hash) && staged.putIfAbsent(hash, new SeenKey(hash, candidate.cursor())) == null) {
                // Held before the database is asked: a sibling that commits it in between is noticed by one or the
                // other.
                run.hold(hash);
                asked.add(hash);
                positions.add(i);
            }
        }
        BitSet known = run.committed(asked);
        for (int i = 0; i < asked.size(); i++) {
            if (known.get(i)) {
                forget(asked.get(i));
            } else {
                fresh.set(positions.get(i));
            }
        }
        return fresh;
    }

    /** Forgets staged keys, so that their records count as new again. Keys that are sealed or committed stay. */
    public void unstage(List<Candidate> candidates) {
        for (Candidate candidate : candidates) {
            KeyHash hash = run.remembered().hash(candidate);
            if (hash != null) {
                forget(hash);
            }
        }
    }

    /** Forgets every staged key: the batch was given up. */
    public void unstageAll() {
        List.copyOf(staged.keySet()).forEach(this::forget);
    }

    /** Takes the staged keys for the commit of their batch. They count as seen until that commit is made or given up. */
    public KeyBatch seal() {
        KeyBatch batch = new KeyBatch(this, staged);
        sealed.add(batch);
        staged = new LinkedHashMap<>();
        return batch;
    }

    private boolean isSealed(KeyHash hash) {
        for (KeyBatch batch : sealed) {
            if (batch.contains(hash)) {
                return true;
            }
        }
        return false;
    }

    /** A batch is committed or given up. */
    void unseal(KeyBatch batch) {
        sealed.remove(batch);
    }

    RunKeys run() {
        return run;
    }

    private void forget(KeyHash hash) {
        if (staged.remove(hash) != null) {
            run.release(hash);
        }
    }
}
