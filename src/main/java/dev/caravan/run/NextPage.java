package dev.caravan.run;

import dev.caravan.connection.Request;
import dev.caravan.connection.limit.Ask;
import dev.caravan.connection.limit.Limiter;
import dev.caravan.page.Position;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The page behind the one in hand, where it is asked for while the records of that one are taken in. Never waits: without
 * quota at hand the slice asks when it stands there. For the slice's thread.
 */
final class NextPage {
    private final Limiter limiter;
    private final Function<Request, Ask> asks;
    private @Nullable EarlyAnswer early;

    /** @param asks what a request asks of the quotas */
    NextPage(Limiter limiter, Function<Request, Ask> asks) {
        this.limiter = limiter;
        this.asks = asks;
    }

    /** Has a request sent, and returns whether that could be now. */
    boolean ask(Position position, Request request) {
        drop();
        Optional<Limiter.Pass> pass = limiter.tryEnter(asks.apply(request));
        early = pass.map(each -> new EarlyAnswer(position, request, each)).orElse(null);
        return early != null;
    }

    /** Whether the page at {@code position} has been asked for. */
    boolean has(Position position) {
        EarlyAnswer known = early;
        return known != null && known.position().equals(position);
    }

    /** Returns the answer that was asked for early, null if there is none. */
    @Nullable
    EarlyAnswer early() {
        return early;
    }

    /** Returns what was asked for at {@code position}, which is the caller's then; null if that was not. */
    @Nullable
    EarlyAnswer take(Position position) {
        EarlyAnswer known = early;
        if (known == null || !has(position)) {
            drop();
            return null;
        }
        early = null;
        return known;
    }

    /** Gives it up. */
    void drop() {
        EarlyAnswer known = early;
        early = null;
        if (known != null) {
            known.giveUp();
        }
    }
}
