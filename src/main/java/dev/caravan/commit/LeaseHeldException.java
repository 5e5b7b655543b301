package dev.caravan.commit;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;

/** Another run pulls this stream at the moment. */
public final class LeaseHeldException extends PullException {
    LeaseHeldException(StreamKey stream, String holder) {
        super(
                Remedy.STOP,
                "%s: its lease is held by %s. Wait until that run ends, or stop it; a dead process holds nothing."
                        .formatted(stream.id(), holder));
    }
}
