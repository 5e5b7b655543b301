package dev.caravan.manage;

import dev.caravan.failure.Remedy;
import dev.caravan.run.Counters;
import dev.caravan.run.LiveStream;
import dev.caravan.run.Streams;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * The meters of every stream: {@code caravan.rows, pages, requests, waits, retries, duplicates, rejected, undated, bytes},
 * {@code caravan.failures} by what can be done about them, {@code caravan.lag} in seconds behind the clock,
 * {@code caravan.running}. Read when asked; nothing is counted twice for them.
 */
public final class StreamMeters implements Streams.Watcher {
    private static final Map<String, ToLongFunction<Counters>> COUNTS = Map.ofEntries(
            Map.entry("caravan.rows", Counters::rows),
            Map.entry("caravan.rejected", Counters::rejected),
            Map.entry("caravan.duplicates", Counters::duplicates),
            Map.entry("caravan.dropped", Counters::dropped),
            Map.entry("caravan.undated", Counters::undated),
            Map.entry("caravan.pages", Counters::pages),
            Map.entry("caravan.requests", Counters::requests),
            Map.entry("caravan.waits", Counters::waits),
            Map.entry("caravan.retries", Counters::retries),
            Map.entry("caravan.bytes", Counters::bytes),
            Map.entry("caravan.files", Counters::files));

    private final Streams streams;
    private final MeterRegistry registry;
    private final Clock clock;
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    /** The meters go on with a stream's definition that takes the place of another: they look for the stream of their name. */
    public StreamMeters(Streams streams, MeterRegistry registry, Clock clock) {
        this.streams = streams;
        this.registry = registry;
        this.clock = clock;
    }

    /** What heals by itself, what does not, and what the pull answers with another request. */
    private static String kind(Remedy remedy) {
        return remedy.isTransient() ? "transient" : remedy.isPermanent() ? "permanent" : "handled";
    }

    @Override
    public void added(LiveStream stream) {
        String id = stream.id();
        if (!known.add(id)) {
            return;
        }
        Tags tags = Tags.of(
                "stream", id,
                "connection", stream.connection().name(),
                "origin", stream.key().origin().toString());
        COUNTS.forEach((name, count) -> FunctionCounter.builder(
                        name, streams, all -> of(all, id, each -> count.applyAsLong(each.counters()), 0))
                .tags(tags)
                .register(registry));
        for (Remedy remedy : Remedy.values()) {
            FunctionCounter.builder(
                            "caravan.failures",
                            streams,
                            all -> of(all, id, each -> each.meters().failures(remedy), 0))
                    .tags(tags.and(
                            "remedy", remedy.name().toLowerCase(Locale.ROOT).replace('_', '-'), "kind", kind(remedy)))
                    .register(registry);
        }
        Gauge.builder("caravan.lag", streams, all -> of(all, id, each -> lag(each, clock), Double.NaN))
                .tags(tags)
                .baseUnit("seconds")
                .register(registry);
        Gauge.builder("caravan.running", streams, all -> of(all, id, each -> each.isRunning() ? 1 : 0, 0))
                .tags(tags)
                .register(registry);
    }

    @Override
    public void removed(String id) {
        known.remove(id);
        registry.getMeters().stream()
                .map(Meter::getId)
                .filter(meter -> meter.getName().startsWith("caravan.") && id.equals(meter.getTag("stream")))
                .toList()
                .forEach(registry::remove);
    }

    private static double of(Streams all, String id, ToDoubleFunction<LiveStream> value, double otherwise) {
        return all.find(id).map(value::applyAsDouble).orElse(otherwise);
    }

    private static double lag(LiveStream stream, Clock clock) {
        return stream.checkpoint()
                .map(reached -> Duration.between(reached, clock.instant()).toMillis() / 1000.0)
                .orElse(Double.NaN);
    }
}
