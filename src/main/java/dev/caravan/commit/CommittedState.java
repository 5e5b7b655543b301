package dev.caravan.commit;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.caravan.batch.SealedFile;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a checkpoint says beside its files, rejects and progress, so that the commits before it may go.
 *
 * @param keys every file of keys that counts
 * @param forgottenBefore keys with a cursor before it were not needed any more in the database, null if none were forgotten
 * @param added of each of the checkpoint's files the number of the commit that added it, in their order; empty if they were
 *     not written down, as in version 0.1
 * @param changed number of the last commit that added rows or took some away; 0 if that was not written down
 * @param pending a generation that does not count yet, null without one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record CommittedState(
        List<KeySpan> keys,
        @Nullable Instant forgottenBefore,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Long> added,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) long changed,
        @Nullable Pending pending) {
    CommittedState {
        keys = List.copyOf(keys);
        added = added == null ? List.of() : List.copyOf(added);
    }

    /**
     * A generation that does not count yet: its rows are pulled and safe, and nobody reads them.
     *
     * @param generation its number, the epoch it began under
     * @param files its rows, relative to the stream's folder
     * @param rejects its rejected records, relative to {@code data/}
     * @param keys the keys of its rows
     */
    record Pending(long generation, List<SealedFile> files, List<SealedFile> rejects, List<KeySpan> keys) {
        Pending {
            files = List.copyOf(files);
            rejects = List.copyOf(rejects);
            keys = List.copyOf(keys);
        }
    }
}
