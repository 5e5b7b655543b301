package dev.caravan.run;

import dev.caravan.Stream;
import dev.caravan.commit.Lease;
import dev.caravan.commit.Origin;
import dev.caravan.commit.StreamKey;
import dev.caravan.commit.Verify;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.sink.Sink;
import dev.caravan.sink.SinkContext;
import dev.caravan.sink.SinkSettings;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A sink of a stream, ready to take records. Immutable.
 *
 * @param key under which its commits, keys and lease are kept
 * @param shape how records are written for it
 */
record OpenSink(StreamKey key, Sink sink, Stream.Shape shape) {
    /**
     * Opens the sinks of a stream, at least one.
     *
     * @throws IllegalArgumentException if their settings do not go with the stream, naming the setting and what would be right
     */
    static List<OpenSink> all(StreamDefinition definition, Origin origin, Engine engine) {
        Stream stream = definition.stream();
        List<SinkSettings> said = stream.sink().isEmpty() ? engine.sinks() : stream.sink();
        if (said.size() > 1 && stream.key().isEmpty()) {
            throw new IllegalArgumentException(
                    "caravan.sink: several sinks need streams with a 'key'; say for this one which it is, sink: files");
        }
        Set<String> names = new HashSet<>();
        for (SinkSettings each : said) {
            if (!names.add(each.name())) {
                throw new IllegalArgumentException(
                        "sink: two are called '%s', give one of them another 'name'".formatted(each.name()));
            }
        }
        return said.stream().map(each -> of(each, definition, origin, engine)).toList();
    }

    private static OpenSink of(SinkSettings settings, StreamDefinition definition, Origin origin, Engine engine) {
        Stream stream = definition.stream();
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

    /** Takes its lease; what was committed and not delivered is delivered. */
    Lease lease(Engine engine, String run) {
        return Lease.take(key, engine.data(), engine.store(), sink.delivery(), run, engine.clock());
    }

    /** Returns what compares its commits and what is there. */
    Verify verify(Engine engine) {
        return new Verify(key, engine.data(), sink.delivery(), engine.clock());
    }
}
