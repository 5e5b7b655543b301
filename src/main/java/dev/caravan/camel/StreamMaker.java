package dev.caravan.camel;

import dev.caravan.definition.StreamDefinition;
import dev.caravan.run.LiveStream;
import org.jspecify.annotations.Nullable;

/** Makes streams of definitions. */
public interface StreamMaker {
    /**
     * Makes a stream that pulls from its connection.
     *
     * @param before the stream whose place it takes, null if it is new
     * @throws IllegalArgumentException if the definition is wrong
     * @throws dev.caravan.failure.PullException if the definition is wrong
     */
    LiveStream make(StreamDefinition definition, @Nullable LiveStream before);

    /**
     * Tries whether a stream can be made, and leaves everything as it is.
     *
     * @throws IllegalArgumentException if the definition is wrong
     * @throws dev.caravan.failure.PullException if the definition is wrong
     */
    void check(StreamDefinition definition);
}
