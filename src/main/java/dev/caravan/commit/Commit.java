package dev.caravan.commit;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
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
 * @param progress how far the stream has come with it
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
    "progress",
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
        Progress progress,
        Instant at) {
    public Commit {
        if (sequence < 1 || epoch < 1 || run == null || kind == null || progress == null || at == null) {
            throw new IllegalArgumentException(
                    "Not a commit: sequence=%d epoch=%d run=%s kind=%s".formatted(sequence, epoch, run, kind));
        }
        files = files == null ? List.of() : List.copyOf(files);
        rejects = rejects == null ? List.of() : List.copyOf(rejects);
    }
}
