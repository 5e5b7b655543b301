package dev.caravan.commit;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import java.time.Instant;

/** Another run pulls this stream at the moment. */
public final class LeaseHeldException extends PullException {
    private LeaseHeldException(String message) {
        super(Remedy.STOP, message);
    }

    /** A holder that this machine's operating system vouches for. */
    static LeaseHeldException by(StreamKey stream, Holder holder) {
        return new LeaseHeldException(
                "%s: its lease is held by %s. Wait until that run ends, or stop it; a dead process holds nothing."
                        .formatted(stream.id(), holder));
    }

    /** A holder that may be on another machine, whose lease is renewed before {@code until} while it lives. */
    static LeaseHeldException by(StreamKey stream, Holder holder, Instant until) {
        return new LeaseHeldException(
                "%s: its lease is held by %s, until %s at least. Wait until that run ends, or stop it; if its machine died, the lease ends then."
                        .formatted(stream.id(), holder, until));
    }
}
