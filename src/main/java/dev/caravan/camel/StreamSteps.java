package dev.caravan.camel;

import dev.caravan.connection.Request;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.json.ExactMap;
import dev.caravan.json.StrictJson;
import dev.caravan.record.RecordLayout;
import dev.caravan.record.RecordPage;
import dev.caravan.record.RecordReader;
import dev.caravan.record.RecordsSettings;
import dev.caravan.record.Reject;
import dev.caravan.record.SourceRecord;
import dev.caravan.run.Chunk;
import dev.caravan.run.EarlyAnswer;
import dev.caravan.run.Fetching;
import dev.caravan.run.Lane;
import dev.caravan.run.LiveStream;
import dev.caravan.run.OwnSteps;
import dev.caravan.run.Pull;
import dev.caravan.run.Run;
import dev.caravan.run.SlicePull;
import dev.caravan.run.Streams;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.http.HttpConstants;
import org.apache.camel.component.http.HttpMethods;
import org.jspecify.annotations.Nullable;

/**
 * What the steps of the stream template do, each one call into the {@code run} room. Bound by {@link TemplateBeans}.
 *
 * <p>Holds no state; safe for any number of threads.
 */
final class StreamSteps {
    private static final RecordReader OBJECT = new RecordReader(RecordLayout.of(RecordsSettings.at("$")));

    /** In place of an answer of which more is to be read. */
    private static final byte[] MORE = {};

    private final Streams streams;

    StreamSteps(Streams streams) {
        this.streams = streams;
    }

    /** Opens a run, or a run of nothing if the stream is not due. */
    void open(Exchange exchange) {
        String stream = exchange.getFromRouteId();
        LiveStream live = streams.live(stream);
        // Not looked up by its id: Camel goes through all routes for that, and each asks every second.
        ConsumerGate gate = new ConsumerGate(exchange.getUnitOfWork().getRoute());
        Run run = live.open(gate, ownSteps(exchange, live));
        exchange.setProperty(Names.RUN, run);
        if (run.isIdle()) {
            exchange.setRouteStop(true); // a tick in which there is nothing to do needs none of the steps
            return;
        }
        if (!run.getSlices().isEmpty()) {
            pool(exchange, stream).ifPresent(pool -> pool.resize(run.parallel()));
        }
    }

    /** Returns what calls a stream's own steps from outside its route, null if it has none. */
    private static @Nullable OwnSteps ownSteps(Exchange exchange, LiveStream live) {
        String each = live.definition().stream().each();
        if (each == null) {
            return null;
        }
        return record -> {
            try (ProducerTemplate template = exchange.getContext().createProducerTemplate()) {
                Object made = template.requestBody(each, map(record));
                return made == null ? null : bytes(exchange, made);
            } catch (IOException | UncheckedIOException e) {
                throw new PullException(Remedy.STOP, "%s: own steps: %s".formatted(live.id(), e.getMessage()), e);
            }
        };
    }

    /** Returns the threads of a stream's slices; a route that somebody wrote by hand may have others. */
    private static Optional<SlicePool> pool(Exchange exchange, String stream) {
        return Optional.ofNullable(
                exchange.getContext().getRegistry().lookupByNameAndType(Names.slices(stream), SlicePool.class));
    }

    /** Returns the slices of the run. */
    static List<Pull> opened(Exchange exchange) {
        return run(exchange).getSlices();
    }

    /** Predicate: whether the slice has a batch to come. */
    static boolean unfinished(Exchange exchange) {
        return pull(exchange).isUnfinished();
    }

    /** Predicate: whether the batch in hand takes another page; waits at the gate before it says so. */
    static boolean more(Exchange exchange) {
        return pull(exchange).isMore();
    }

    /** Returns the lanes of the slice. */
    static List<Lane> spread(Exchange exchange) {
        return slice(exchange).getLanes();
    }

    /** Predicate: whether the lane has another request; waits at the gate before it says so. */
    static boolean laneMore(Exchange exchange) {
        return Objects.requireNonNull(
                        exchange.getProperty(Names.LANE, Lane.class), "No lane: the step 'lane' comes first")
                .isMore();
    }

    /** Predicate: whether the next page is to be asked for. */
    static boolean asks(Exchange exchange) {
        return !slice(exchange).hasMoreOfAnswer();
    }

    /** Makes the message the next request of the slice: nothing of an earlier answer stays in it. */
    static void request(Exchange exchange) {
        Fetching fetching = fetching(exchange);
        put(exchange, fetching.request());
        EarlyAnswer arriving = fetching instanceof SlicePull slice ? slice.arriving() : null;
        if (arriving != null) {
            EarlyAnswers.take(exchange.getMessage(), arriving);
        }
    }

    static void put(Exchange exchange, Request request) {
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        request.headers().forEach(message::setHeader);
        message.setHeader(HttpConstants.HTTP_METHOD, method(request));
        message.setHeader(HttpConstants.HTTP_URI, withoutQuery(request));
        if (request.uri().getRawQuery() != null) {
            message.setHeader(HttpConstants.HTTP_QUERY, request.uri().getRawQuery());
        }
        message.setBody(request.body());
        // Inflating is the slice's: within bounds, and to the very end. For this step only, others may rely on Camel.
        exchange.setProperty(Exchange.SKIP_GZIP_ENCODING, true);
    }

    /** Predicate: whether the next page is to be asked for while the records of the one in hand are taken in. */
    static boolean asksAhead(Exchange exchange) {
        return slice(exchange).early() != null;
    }

    /** Takes what several lanes brought: the body becomes the page that the slice stands at, or null if there is none. */
    static void gathered(Exchange exchange) {
        exchange.getMessage().setBody(slice(exchange).gathered());
    }

    /** Takes in a page; the body becomes its chunks. A null body means an answer that was no page. */
    static void read(Exchange exchange) {
        RecordPage page = exchange.getMessage().getBody(RecordPage.class);
        exchange.getMessage().setBody(page == null ? List.of() : slice(exchange).read(page));
    }

    /** Predicate: whether anything of the chunk in hand is left after records outside the slice are dropped. */
    static boolean inside(Exchange exchange) {
        Chunk chunk = exchange.getMessage().getBody(Chunk.class);
        exchange.setProperty(Names.CHUNK, chunk);
        return slice(exchange).inside(chunk);
    }

    /** Returns what the check for duplicates calls the chunk in hand. */
    static String name(Exchange exchange) {
        return exchange.getMessage().getBody(Chunk.class).getName();
    }

    /** Returns the records in hand for the stream's own steps, see {@link ExactMap}; each is made when it is its turn. */
    static Iterator<Map<String, Object>> records(Exchange exchange) {
        return chunk(exchange).give().stream().map(StreamSteps::map).iterator();
    }

    private static Map<String, Object> map(SourceRecord record) {
        try {
            return ExactMap.read(record.bytes(), record.offset(), record.length());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes what the stream's own steps made of the next record: a map, a tree, text or bytes; null or empty drops it. */
    static void made(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        try {
            slice(exchange).made(chunk(exchange), body == null ? null : bytes(exchange, body));
        } catch (IOException e) {
            throw returned(e.getMessage(), e);
        }
    }

    /** Marks the chunk in hand as having passed every step. */
    static void keep(Exchange exchange) {
        chunk(exchange).keep();
    }

    /** Ends a page: what was kept is in the batch, the slice stands before the next page. */
    static void turn(Exchange exchange) {
        slice(exchange).turn();
        // While the slice waits for its next page nobody may hold this one; a part that follows needs no message of its
        // own.
        exchange.getMessage().setBody(slice(exchange).hasMoreOfAnswer() ? MORE : null);
    }

    /** Writes and seals the batch. */
    static void write(Exchange exchange) {
        pull(exchange).write();
    }

    /** Commits the batch. */
    static void commit(Exchange exchange) {
        pull(exchange).commit();
    }

    /** Closes the run. The failure of a run that did not end well is reported there, once. */
    static void close(Exchange exchange) {
        run(exchange).close(null);
    }

    static Run run(Exchange exchange) {
        return Objects.requireNonNull(
                exchange.getProperty(Names.RUN, Run.class), "No run: the step 'open' comes first");
    }

    private static Pull pull(Exchange exchange) {
        return Objects.requireNonNull(
                exchange.getProperty(Names.SLICE, Pull.class), "No slice: the step 'slice' comes first");
    }

    static SlicePull slice(Exchange exchange) {
        return Objects.requireNonNull(
                exchange.getProperty(Names.SLICE, SlicePull.class), "No slice: the step 'slice' comes first");
    }

    /** Returns what the request in hand belongs to: a lane of the slice, or the slice itself if it has only one. */
    static Fetching fetching(Exchange exchange) {
        Lane lane = exchange.getProperty(Names.LANE, Lane.class);
        return lane == null ? slice(exchange) : lane;
    }

    private static Chunk chunk(Exchange exchange) {
        return Objects.requireNonNull(exchange.getProperty(Names.CHUNK, Chunk.class), "No records in hand");
    }

    private static byte @Nullable [] bytes(Exchange exchange, Object body) throws IOException {
        if (body instanceof Map<?, ?> map && map.isEmpty()) {
            return null;
        }
        byte[] bytes;
        if (body instanceof String text) {
            bytes = encoded(text);
        } else if (body instanceof byte[] || body instanceof InputStream) {
            bytes = exchange.getContext().getTypeConverter().convertTo(byte[].class, exchange, body);
        } else {
            bytes = StrictJson.mapper().writeValueAsBytes(body);
        }
        return bytes == null || new String(bytes, StandardCharsets.UTF_8).isBlank() ? null : object(bytes);
    }

    /** Java would write half a character as a question mark. */
    private static byte[] encoded(String text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw returned("it holds half a character", e);
        }
    }

    /** Steps are held to what a record is: one JSON object, its names unique, its text whole. */
    private static byte[] object(byte[] bytes) {
        RecordPage page = OBJECT.readOne(bytes, Map.of(), null);
        for (Reject reject : page.rejects()) {
            throw returned(reject.reason(), null);
        }
        SourceRecord record = page.records().get(0);
        return Arrays.copyOfRange(record.bytes(), record.offset(), record.offset() + record.length());
    }

    private static PullException returned(@Nullable String problem, @Nullable Throwable cause) {
        return new PullException(
                Remedy.STOP, "The stream's own steps returned something that is not a JSON object: " + problem, cause);
    }

    /** As text it would be looked for among all of Camel's type converters, for every request. */
    private static Object method(Request request) {
        for (HttpMethods each : HttpMethods.values()) {
            if (each.name().equals(request.method())) {
                return each;
            }
        }
        return request.method();
    }

    private static String withoutQuery(Request request) {
        String text = request.uri().toString();
        int query = text.indexOf('?');
        return query < 0 ? text : text.substring(0, query);
    }
}
