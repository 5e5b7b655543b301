package dev.caravan.commit;

import dev.caravan.batch.SealedFile;
import dev.caravan.slice.Progress;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a commit is to say, before it has a number.
 *
 * @param kind what it does
 * @param slice id of the slice it moves, null if it belongs to none
 * @param files rows, staged and sealed
 * @param rejects rejected records, staged and sealed
 * @param pages pages it covers
 * @param definition hash of what the stream asks for, null to say nothing about it
 * @param progress makes the progress after this commit from the one before it. Called under the log's lock, perhaps more
 *     than once: sibling slices commit in between, and what they reached must not be lost
 */
public record Draft(
        Kind kind,
        @Nullable String slice,
        List<SealedFile> files,
        List<SealedFile> rejects,
        int pages,
        @Nullable String definition,
        UnaryOperator<Progress> progress) {
    public Draft {
        files = List.copyOf(files);
        rejects = List.copyOf(rejects);
    }

    /** Returns the draft of a commit that moves the progress only. */
    public static Draft checkpoint(@Nullable String definition, UnaryOperator<Progress> progress) {
        return new Draft(Kind.CHECKPOINT, null, List.of(), List.of(), 0, definition, progress);
    }

    static Draft fence() {
        return new Draft(Kind.FENCE, null, List.of(), List.of(), 0, null, UnaryOperator.identity());
    }

    Commit at(long sequence, long epoch, String run, Progress before, @Nullable StagedKeys keys, Instant now) {
        return new Commit(
                sequence,
                epoch,
                run,
                kind,
                slice,
                files,
                rejects,
                pages,
                definition,
                keys == null ? null : keys.at(sequence),
                progress.apply(before),
                now);
    }
}
