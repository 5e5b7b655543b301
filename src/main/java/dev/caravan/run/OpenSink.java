package dev.caravan.run;

import dev.caravan.Stream;
import dev.caravan.commit.Origin;
import dev.caravan.commit.StreamKey;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.sink.Sink;
import dev.caravan.sink.SinkContext;
import dev.caravan.sink.SinkSettings;
import java.util.List;

/**
 * A sink of a stream, ready to take records. Immutable.
 *
 * @param key under which its commits, keys and lease are kept
 * @param shape how records are written for it
 */
record OpenSink(StreamKey key, Sink sink, Stream.Shape shape) {
    /**
     * Opens the sink of a stream.
     *
     * @throws IllegalArgumentException if its settings do not go with the stream, naming the setting and what would be right
     */
    static OpenSink of(StreamDefinition definition, Origin origin, Engine engine) {
        Stream stream = definition.stream();
        List<SinkSettings> said = stream.sink().isEmpty() ? engine.sinks() : stream.sink();
        SinkSettings settings = said.get(0);
        Sink sink = settings.open(new SinkContext(
                definition.connection(),
                definition.name(),
                origin == Origin.STUB,
                engine.data(),
                stream.schema(),
                stream.disposition() == Stream.Disposition.MERGE ? SinkContext.Keeps.LATEST : SinkContext.Keeps.ALL));
        Stream.Shape shape = stream.shape();
        return new OpenSink(
                new StreamKey(definition.connection(), definition.name(), origin, settings.name()),
                sink,
                shape == null ? (sink.isRaw() ? Stream.Shape.RAW : Stream.Shape.FLAT) : shape);
    }
}
