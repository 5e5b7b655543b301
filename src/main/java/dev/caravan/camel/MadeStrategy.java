package dev.caravan.camel;

import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * Puts what the stream's own steps made of each record in its place, synchronously and in order. What they left in headers and
 * properties ends with the record. Bound as {@code caravanMade}. Stateless.
 */
final class MadeStrategy implements AggregationStrategy {
    @Override
    public Exchange aggregate(@Nullable Exchange earlier, Exchange finished, Exchange page) {
        if (finished.getException() == null) {
            StreamSteps.made(finished);
        }
        return page;
    }

    @Override
    public Exchange aggregate(@Nullable Exchange earlier, Exchange finished) {
        throw new UnsupportedOperationException("Records are of a page");
    }
}
