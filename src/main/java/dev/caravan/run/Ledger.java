package dev.caravan.run;

import dev.caravan.batch.Batch;
import dev.caravan.batch.SealedFile;
import dev.caravan.record.SourceRecord;
import dev.caravan.sink.Reject;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Slice;
import dev.caravan.slice.SliceProgress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What a run remembers and where its records go: the commits and state of a stream, or, for a trial, nothing.
 *
 * <p>Safe for the threads of several slices.
 */
interface Ledger extends AutoCloseable {
    /** Returns how far the stream has come, with the slices planned for this run and what its siblings committed. */
    Progress progress();

    /** Returns how far one slice has come. */
    default SliceProgress before(Slice slice) {
        return progress().of(slice).orElseGet(() -> new SliceProgress(slice.window(), false, null, null));
    }

    /** Returns the page of one slice. */
    SliceLedger slice(Slice slice);

    /** Makes progress durable that no batch carried: slices without rows, validators of answers. */
    void advance(UnaryOperator<Progress> change);

    /** The same when every slice of the run is done; a piece of work beside the ordinary runs ends with it. */
    void complete(UnaryOperator<Progress> change);

    /** Gives the stream free. Idempotent. */
    @Override
    void close();

    /** The part of a ledger that one slice writes, from one thread at a time. */
    interface SliceLedger {
        /** Makes sure that the keys of {@code records} would be known, however old they are. */
        default void recall(List<SourceRecord> records) {}

        /** Stages the keys of {@code records} and returns those that were never seen. */
        List<SourceRecord> firstSeen(List<SourceRecord> records);

        /** Takes back the keys that {@link #firstSeen} staged for {@code records}. */
        void forget(List<SourceRecord> records);

        /** Returns why records cannot be written where they would land, by their place in the list; empty if all can. */
        default Map<Integer, String> refused(List<SourceRecord> records) {
            return Map.of();
        }

        /** Writes and seals a batch where no reader looks yet; replaces what an earlier attempt wrote. */
        void write(Batch batch, List<Reject> rejects);

        /** Returns this where what the slice pulls takes the place of what was there of it. */
        default Optional<Replacing> replacing() {
            return Optional.empty();
        }

        /**
         * Makes what was written count, the keys staged since the last commit with it, and the progress that follows.
         *
         * @return the files that count now
         */
        List<SealedFile> commit(UnaryOperator<Progress> change, int pages);

        /**
         * Takes a batch out of the slice's hands, and the keys staged since the last one: what the slice stages from here on is of its
         * next batch. The slice writes no other before this one is committed.
         *
         * @return empty where a batch cannot be written beside its slice
         */
        default Optional<Outgoing> send(Batch batch, List<Reject> rejects, UnaryOperator<Progress> change, int pages) {
            return Optional.empty();
        }

        /** The slice is done: what its sinks gathered of commits may be delivered. */
        default void ended() {}
    }

    /** A batch on its way out. From one thread at a time, which may be another than the slice's. */
    interface Outgoing {
        /** Writes and seals it where no reader looks yet; replaces what an earlier attempt wrote. */
        void write();

        /**
         * Makes it count, with its keys and its progress.
         *
         * @return the files that count now
         */
        List<SealedFile> commit();
    }

    /**
     * A slice whose rows take the place of those that are there of it. Nothing of it counts before {@link SliceLedger#commit}, which
     * makes all that was kept count at once.
     */
    interface Replacing {
        /** Keeps what was written last. */
        void keep(int pages);

        /** Forgets the part of the slice under way, which is pulled again; returns how many records it had refused. */
        int giveUpPart();

        /** The part under way is whole, another follows. */
        void endPart();

        /** Forgets all that does not count yet; returns how many rows that were. */
        long giveUp();

        /** Whether a commit would add anything or take anything away. */
        boolean changesAnything();
    }
}
