package dev.caravan.run;

import dev.caravan.Stream;
import dev.caravan.batch.Batch;
import dev.caravan.commit.Lease;
import dev.caravan.commit.Origin;
import dev.caravan.commit.StreamKey;
import dev.caravan.commit.Verify;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.sink.BatchSettings;
import dev.caravan.sink.Patience;
import dev.caravan.sink.Sink;
import dev.caravan.sink.SinkContext;
import dev.caravan.sink.SinkSettings;
import dev.caravan.slice.Where;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A sink of a stream, ready to take records. Immutable.
 *
 * @param key under which its commits, keys and lease are kept
 * @param shape how records are written for it
 * @param batch when a batch for it is full
 */
record OpenSink(StreamKey key, Sink sink, Stream.Shape shape, BatchSettings batch) {
    /**
     * Opens the sinks of a stream, at least one.
     *
     * @throws IllegalArgumentException if their settings do not go with the stream, naming the setting and what would be right
     */
    static List<OpenSink> all(StreamDefinition definition, Origin origin, Engine engine, Patience patience) {
        Stream stream = definition.stream();
        List<SinkSettings> said = stream.sink().isEmpty() ? engine.sinks() : stream.sink();
        if (said.size() > 1 && stream.key().isEmpty() && !stream.disposition().replaces()) {
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
        return said.stream()
                .map(each -> of(each, definition, origin, engine, patience))
                .toList();
    }

    private static OpenSink of(
            SinkSettings settings, StreamDefinition definition, Origin origin, Engine engine, Patience patience) {
        Stream stream = definition.stream();
        Where deleted = stream.deleted();
        StreamKey key = new StreamKey(definition.connection(), definition.name(), origin, settings.name());
        Sink sink = settings.open(new SinkContext(
                definition.connection(),
                definition.name(),
                origin == Origin.STUB,
                engine.data(),
                key.folder(engine.data()),
                engine.outlet(),
                stream.schema(),
                keeps(stream.disposition()),
                deleted == null ? null : record -> deleted.holds(path -> path.textIn(record)),
                patience));
        Stream.Shape shape = stream.shape();
        return new OpenSink(
                key,
                sink,
                shape == null ? (sink.isRaw() ? Stream.Shape.RAW : Stream.Shape.FLAT) : shape,
                settings.batch());
    }

    private static SinkContext.Keeps keeps(Stream.Disposition disposition) {
        return switch (disposition) {
            case APPEND -> SinkContext.Keeps.ALL;
            case MERGE -> SinkContext.Keeps.LATEST;
            case REPLACE, DELETE_INSERT -> SinkContext.Keeps.PULLED;
        };
    }

    /** Returns a batch for several sinks: full when it is for one of them. */
    static Batch newBatch(List<OpenSink> sinks, Engine engine) {
        int rows = engine.batchRows();
        long bytes = engine.batchBytes();
        Duration age = null;
        boolean first = true;
        for (OpenSink each : sinks) {
            Integer said = each.batch.rows();
            int own = said == null ? Math.min(engine.batchRows(), each.sink.usualRows()) : said;
            Long size = each.batch.size();
            long ownBytes = size == null ? engine.batchBytes() : size;
            Duration ownAge = each.batch.age();
            rows = first ? own : Math.min(rows, own);
            bytes = first ? ownBytes : Math.min(bytes, ownBytes);
            age = age == null || (ownAge != null && ownAge.compareTo(age) < 0) ? ownAge : age;
            first = false;
        }
        return new Batch(rows, bytes, age, engine.clock());
    }

    /** Takes its lease; what was committed and not delivered is delivered. */
    Lease lease(Engine engine, String run) {
        return Lease.take(key, engine.lake(), engine.store(), sink.delivery(), run, engine.clock());
    }

    /** Returns what compares its commits and what is there. */
    Verify verify(Engine engine) {
        return new Verify(key, engine.lake(), sink.delivery(), engine.clock());
    }
}
