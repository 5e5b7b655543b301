package dev.caravan.commit;

import dev.caravan.batch.Portion;
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
 * @param removed files and rejects of earlier commits that are to go, as those commits name them
 * @param portion what of the stream its rows take the place of; null where they come beside what is there
 * @param generation number of the generation its rows belong to, null for the one that counts
 * @param progress makes the progress after this commit from the one before it. Called under the log's lock, perhaps more
 *     than once: sibling slices commit in between, and what they reached must not be lost
 * @param state what a checkpoint says beside its files, null for every other commit
 */
public record Draft(
        Kind kind,
        @Nullable String slice,
        List<SealedFile> files,
        List<SealedFile> rejects,
        int pages,
        @Nullable String definition,
        List<String> removed,
        @Nullable Portion portion,
        @Nullable Long generation,
        UnaryOperator<Progress> progress,
        @Nullable CommittedState state) {
    public Draft {
        files = List.copyOf(files);
        rejects = List.copyOf(rejects);
        removed = List.copyOf(removed);
    }

    /** Returns the draft of a commit that adds the rows of one batch. */
    public static Draft data(
            String slice,
            List<SealedFile> files,
            List<SealedFile> rejects,
            int pages,
            @Nullable String definition,
            UnaryOperator<Progress> progress) {
        return new Draft(Kind.DATA, slice, files, rejects, pages, definition, List.of(), null, null, progress, null);
    }

    /** Returns the draft of a commit that moves the progress only. */
    public static Draft checkpoint(@Nullable String definition, UnaryOperator<Progress> progress) {
        return new Draft(
                Kind.CHECKPOINT, null, List.of(), List.of(), 0, definition, List.of(), null, null, progress, null);
    }

    /** Returns the draft of a commit after which files or rejects of earlier commits are gone. */
    public static Draft removal(List<String> removed) {
        return checkpoint(null, UnaryOperator.identity()).removing(removed);
    }

    /** Returns this with files or rejects of earlier commits that go with it. */
    public Draft removing(List<String> paths) {
        return new Draft(kind, slice, files, rejects, pages, definition, paths, portion, generation, progress, state);
    }

    /** Returns this as what takes the place of a portion, and of the files that hold it. */
    Draft inPlaceOf(Portion part, List<String> paths) {
        return new Draft(kind, slice, files, rejects, pages, definition, paths, part, generation, progress, state);
    }

    /** Returns this as rows of a generation that does not count yet. */
    public Draft pending(long number) {
        return new Draft(
                Kind.PENDING, slice, files, rejects, pages, definition, removed, portion, number, progress, state);
    }

    static Draft fence() {
        return new Draft(
                Kind.FENCE, null, List.of(), List.of(), 0, null, List.of(), null, null, UnaryOperator.identity(), null);
    }

    Commit at(long sequence, long epoch, String run, Progress before, @Nullable StagedKeys keys, Instant now) {
        Progress after = progress.apply(before);
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
                removed,
                portion,
                generation,
                state == null ? after.since(before) : after,
                state,
                now);
    }
}
