package dev.caravan.commit;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import java.util.Set;

/**
 * A sibling slice has committed records of this batch in the meantime. Nothing was written and the staged files are gone:
 * leave out the records of {@link #keys} and write the batch again, or begin again from the last commit of the slice.
 */
public final class ContestedKeysException extends PullException {
    private final Set<KeyHash> keys;

    ContestedKeysException(StreamKey stream, String slice, Set<KeyHash> keys) {
        super(
                Remedy.RESTART_SLICE,
                "%s: slice %s: another slice of the run committed %d of the batch's records first"
                        .formatted(stream.id(), slice, keys.size()));
        this.keys = Set.copyOf(keys);
    }

    public Set<KeyHash> keys() {
        return keys;
    }
}
