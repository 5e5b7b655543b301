package dev.caravan.camel;

import dev.caravan.run.Pull;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * Takes a finished slice: a failure is remembered in the run and cleared here, so that the other slices commit; the run's
 * last step then fails the run. Bound as {@code caravanSlices}. Stateless.
 */
final class SliceStrategy implements AggregationStrategy {
    @Override
    public @Nullable Exchange aggregate(@Nullable Exchange earlier, Exchange finished) {
        Exception failure = finished.getException();
        if (failure != null) {
            Pull slice = finished.getProperty(Names.SLICE, Pull.class);
            if (slice != null) {
                slice.failed(failure);
            } else {
                StreamSteps.run(finished).failed(failure);
            }
            finished.setException(null);
            finished.setRollbackOnly(false);
            finished.getExchangeExtension().setRedeliveryExhausted(false);
            finished.getExchangeExtension().setErrorHandlerHandled(null);
        }
        finished.removeProperty(Names.SLICE);
        finished.removeProperty(Names.CHUNK);
        return earlier == null ? finished : earlier;
    }
}
