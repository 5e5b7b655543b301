package dev.caravan.camel;

import dev.caravan.run.Chunk;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * Collects what passed the record steps into the slice's page, synchronously and in order. Filtered and duplicate chunks
 * arrive here too; their mark is missing. Bound as {@code caravanKept}. Stateless.
 */
final class KeptStrategy implements AggregationStrategy {
    @Override
    public @Nullable Exchange aggregate(@Nullable Exchange earlier, Exchange finished) {
        Chunk chunk = finished.getProperty(Names.CHUNK, Chunk.class);
        if (chunk != null && chunk.isKept() && finished.getException() == null) {
            StreamSteps.slice(finished).collect(chunk);
        }
        // The first sub-exchange lends its properties to the route: the chunk must not be taken for the next page's.
        finished.removeProperty(Names.CHUNK);
        return earlier == null ? finished : earlier;
    }
}
