package dev.caravan.commit;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;

/** This run may not commit any more: its lease was released, or another run took over. Nothing was written. */
public final class LeaseLostException extends PullException {
    private LeaseLostException(String message) {
        super(Remedy.STOP, message);
    }

    static LeaseLostException to(Commit other, StreamKey stream, String run, long epoch) {
        return new LeaseLostException(
                "%s: run %s (epoch %d) lost its lease to run %s (epoch %d) at %s; nothing was written. The other run carries on from the last commit."
                        .formatted(stream.id(), run, epoch, other.run(), other.epoch(), other.at()));
    }

    static LeaseLostException released(StreamKey stream, String run, long epoch) {
        return new LeaseLostException("%s: run %s (epoch %d) has released its lease; nothing was written."
                .formatted(stream.id(), run, epoch));
    }
}
