package dev.caravan.commit;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** This run may not commit any more: its lease was released, or another run took over. Nothing was written. */
public final class LeaseLostException extends PullException {
    private LeaseLostException(String message, @Nullable Throwable cause) {
        super(Remedy.STOP, message, cause);
    }

    static LeaseLostException to(Commit other, StreamKey stream, String run, long epoch) {
        return new LeaseLostException(
                "%s: run %s (epoch %d) lost its lease to run %s (epoch %d) at %s; nothing was written. The other run carries on from the last commit."
                        .formatted(stream.id(), run, epoch, other.run(), other.epoch(), other.at()),
                null);
    }

    static LeaseLostException released(StreamKey stream, String run, long epoch) {
        return new LeaseLostException(
                "%s: run %s (epoch %d) has released its lease; nothing was written.".formatted(stream.id(), run, epoch),
                null);
    }

    /** The row of the lease is another's, or gone. */
    static LeaseLostException taken(StreamKey stream, String run, long epoch, Duration age, @Nullable Holder other) {
        return new LeaseLostException(
                "%s: run %s (epoch %d) lost its lease: it was last renewed %d s ago, and %s; nothing was written. The next run goes on from the last commit."
                        .formatted(
                                stream.id(),
                                run,
                                epoch,
                                age.toSeconds(),
                                other == null ? "nobody has it now" : "since then it was taken by " + other),
                null);
    }

    /** The lease has run out, and the database does not say whether it is still ours. */
    static LeaseLostException unanswered(
            StreamKey stream, String run, long epoch, Duration age, StateStoreException cause) {
        return new LeaseLostException(
                "%s: run %s (epoch %d) may have lost its lease: it was last renewed %d s ago, and it cannot be renewed: %s; nothing was written. The next run goes on from the last commit."
                        .formatted(stream.id(), run, epoch, age.toSeconds(), cause.getMessage()),
                cause);
    }
}
