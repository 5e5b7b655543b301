package dev.caravan.commit;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.caravan.batch.Portion;
import dev.caravan.batch.SealedFile;
import dev.caravan.slice.Progress;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a stream's commit log: what became true at once.
 *
 * @param sequence its number, one more than that of the commit before it; the first is 1
 * @param epoch epoch of the lease it was made under, never less than that of the commit before it
 * @param run id of the run that made it
 * @param kind what it does
 * @param slice id of the slice it moves, null if it belongs to none
 * @param files the rows it adds
 * @param rejects the rejected records it adds, relative to {@code data/}
 * @param pages pages it covers
 * @param definition hash of what the stream asked for, null if not known
 * @param keys the keys of its records, null if none are remembered
 * @param removed files and rejects of earlier commits that count no more and go, as those commits name them
 * @param portion what of the stream its rows take the place of; null where they come beside what is there
 * @param generation number of the generation that its rows belong to, null for the one that counts
 * @param progress what changes in how far the stream has come; all of it in a commit with a {@code state}
 * @param state set in a checkpoint that says everything the commits before it say, which may go then: its files and rejects
 *     are all that count, and this is the rest
 * @param at when it was made
 */
@JsonPropertyOrder({
    "sequence",
    "epoch",
    "run",
    "kind",
    "slice",
    "files",
    "rejects",
    "pages",
    "definition",
    "keys",
    "removed",
    "portion",
    "generation",
    "progress",
    "state",
    "at"
})
public record Commit(
        long sequence,
        long epoch,
        String run,
        Kind kind,
        @Nullable String slice,
        List<SealedFile> files,
        List<SealedFile> rejects,
        int pages,
        @Nullable String definition,
        @Nullable CommittedKeys keys,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> removed,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Portion portion,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long generation,
        Progress progress,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable CommittedState state,
        Instant at) {
    public Commit {
        if (sequence < 1 || epoch < 1 || run == null || kind == null || progress == null || at == null) {
            throw new IllegalArgumentException(
                    "Not a commit: sequence=%d epoch=%d run=%s kind=%s".formatted(sequence, epoch, run, kind));
        }
        files = files == null ? List.of() : List.copyOf(files);
        rejects = rejects == null ? List.of() : List.copyOf(rejects);
        removed = removed == null ? List.of() : List.copyOf(removed);
        if ((generation != null) != (kind == Kind.PENDING || kind == Kind.REPLACE)) {
            throw new IllegalArgumentException("Commit %d: a generation belongs to 'pending' and 'replace', not to '%s'"
                    .formatted(sequence, kind));
        }
    }

    /** Whether it says everything that the commits before it say. */
    @JsonIgnore
    boolean isWhole() {
        return state != null;
    }
}
