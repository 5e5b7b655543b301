package dev.caravan.app;

import dev.caravan.camel.StreamMaker;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.run.Engine;
import dev.caravan.run.LiveConnection;
import dev.caravan.run.LiveStream;
import org.jspecify.annotations.Nullable;

/** Makes the streams of this process. */
final class LiveStreams implements StreamMaker {
    private final Connections connections;
    private final Engine engine;

    LiveStreams(Connections connections, Engine engine) {
        this.connections = connections;
        this.engine = engine;
    }

    @Override
    public LiveStream make(StreamDefinition definition, @Nullable LiveStream before) {
        LiveConnection connection = connections.live(definition);
        return before == null
                ? new LiveStream(definition, connection, engine)
                : before.redefined(definition, connection);
    }

    @Override
    @SuppressWarnings("CheckReturnValue") // what it throws is all that is wanted
    public void check(StreamDefinition definition) {
        new LiveStream(definition, connections.trial(definition), engine);
    }
}
