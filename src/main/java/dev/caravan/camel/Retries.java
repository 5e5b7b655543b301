package dev.caravan.camel;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.run.Fetching;
import dev.caravan.run.Lane;
import dev.caravan.run.SlicePull;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Decides which failures are tried again, and hands the wait that the other side asked for to the redelivery. Bound as
 * {@code caravanRetries}. Stateless.
 */
final class Retries implements Processor {
    /** Predicate: whether a failure may heal by itself. */
    public boolean worthwhile(Exchange exchange) {
        return failure(exchange).filter(found -> found.remedy() == Remedy.RETRY).isPresent();
    }

    /** Predicate: whether one that may heal is tried once more. Camel asks it in place of a number of redeliveries. */
    public boolean another(Exchange exchange) {
        if (!worthwhile(exchange)) {
            return false;
        }
        return fetching(exchange)
                .filter(each -> each.mayRepeat(usual(exchange)))
                .isPresent();
    }

    private static int usual(Exchange exchange) {
        return Integer.parseInt(exchange.getContext().resolvePropertyPlaceholders("{{caravan.retries:3}}"));
    }

    /** Sets the delay of the next redelivery if the answer asked for one; Camel's backoff counts otherwise. */
    @Override
    public void process(Exchange exchange) {
        exchange.getMessage().removeHeader(Exchange.REDELIVERY_DELAY);
        failure(exchange)
                .flatMap(PullException::retryAfter)
                .map(Duration::toMillis)
                .ifPresent(delay -> exchange.getMessage().setHeader(Exchange.REDELIVERY_DELAY, delay));
    }

    private static java.util.Optional<PullException> failure(Exchange exchange) {
        Exception now = exchange.getException();
        return PullException.in(now != null ? now : exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
    }

    /** Before a repeated request: counts it, and takes a place in the connection's quota for it. Bound as {@code caravanAgain}. */
    public static Processor again() {
        return exchange -> fetching(exchange).ifPresent(Fetching::again);
    }

    /** Returns whose request failed; empty where none is on its way. */
    private static java.util.Optional<Fetching> fetching(Exchange exchange) {
        Fetching lane = exchange.getProperty(Names.LANE, Lane.class);
        return java.util.Optional.ofNullable(lane == null ? exchange.getProperty(Names.SLICE, SlicePull.class) : lane);
    }
}
