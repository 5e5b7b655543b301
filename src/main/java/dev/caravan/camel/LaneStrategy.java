package dev.caravan.camel;

import dev.caravan.run.Lane;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * Takes a lane that has ended: a failure is remembered there and cleared here, so that the other lanes end as well; the next
 * step decides what it means. Bound as {@code caravanLanes}. Stateless.
 */
final class LaneStrategy implements AggregationStrategy {
    @Override
    public @Nullable Exchange aggregate(@Nullable Exchange earlier, Exchange finished) {
        Exception failure = finished.getException();
        Lane lane = finished.getProperty(Names.LANE, Lane.class);
        if (failure != null && lane != null) {
            lane.failed(failure);
            finished.setException(null);
            finished.setRollbackOnly(false);
            finished.getExchangeExtension().setRedeliveryExhausted(false);
            finished.getExchangeExtension().setErrorHandlerHandled(null);
        }
        finished.removeProperty(Names.LANE);
        return earlier == null ? finished : earlier;
    }
}
