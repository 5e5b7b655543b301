package dev.caravan.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.json.JsonPath;
import dev.caravan.sandbox.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;

/** Records without what the application adds to them, comparable in any order: those of the sandbox, or those that landed. */
public final class Records implements Iterable<JsonNode> {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private final List<JsonNode> rows;
    private final List<JsonNode> records;
    private final boolean choosing;

    private Records(List<JsonNode> rows, List<JsonNode> records, boolean choosing) {
        this.rows = List.copyOf(rows);
        this.records = List.copyOf(records);
        this.choosing = choosing;
    }

    /** Makes a control call of a sandbox, such as {@code POST edit?stream=%s}; the values are encoded. */
    public static JsonNode control(Sandbox sandbox, String host, String call, Object... values) {
        return control(sandbox.base(), host, call, values);
    }

    /** The same of a sandbox in another process. */
    public static JsonNode control(URI sandbox, String host, String call, Object... values) {
        String[] words = call.split(" ", 2);
        Object[] encoded = Arrays.stream(values)
                .map(value -> URLEncoder.encode(value.toString(), StandardCharsets.UTF_8))
                .toArray();
        URI uri = sandbox.resolve("/_control/" + words[1].formatted(encoded) + "&host=" + host);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(Duration.ofSeconds(20))
                .method(words[0], HttpRequest.BodyPublishers.noBody())
                .build();
        try {
            return JSON.readTree(
                    CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Reads the answer to {@code GET rows}. */
    public static Records of(JsonNode answer) {
        if (!answer.path("rows").isArray()) {
            throw new AssertionError("No rows: " + answer);
        }
        List<JsonNode> rows =
                StreamSupport.stream(answer.path("rows").spliterator(), false).toList();
        return new Records(rows, rows.stream().map(row -> row.path("record")).toList(), false);
    }

    /** Takes rows of a stream, without the fields that are not the vendor's. */
    public static Records landed(List<JsonNode> landed, Collection<String> added) {
        List<JsonNode> records = new ArrayList<>();
        for (JsonNode row : landed) {
            ObjectNode record = row.deepCopy();
            record.remove(added);
            record.remove(List.of("_caravan_run", "_caravan_extracted_at"));
            records.add(record);
        }
        return new Records(List.of(), records, false);
    }

    /** Returns the same, of a vendor whose records have the fields that are asked for. */
    public Records choosing() {
        return new Records(rows, records, true);
    }

    /** Returns the rows that were changed last, the newest first, with {@code scope}, {@code id} and {@code record}. */
    public List<JsonNode> newest(int most) {
        List<JsonNode> newest = new ArrayList<>(rows.subList(Math.max(0, rows.size() - most), rows.size()));
        Collections.reverse(newest);
        return newest;
    }

    /** Returns those of these that are not among others. */
    public Records without(Records others) {
        List<String> left =
                new ArrayList<>(others.records.stream().map(Records::line).toList());
        return new Records(
                List.of(),
                records.stream().filter(each -> !left.remove(line(each))).toList(),
                choosing);
    }

    /** Returns the same with the fields only that landed records have, where the vendor's records have those that are asked for. */
    public Records like(Records landed) {
        if (!choosing) {
            return this;
        }
        ObjectNode shape = JsonNodeFactory.instance.objectNode();
        landed.records.forEach(each -> widen(shape, each));
        return new Records(
                rows, records.stream().map(each -> chosen(each, shape)).toList(), true);
    }

    /** Returns the same with these fields only, which is what a request wanted of them. */
    public Records only(Set<String> fields) {
        List<JsonNode> chosen = new ArrayList<>();
        for (JsonNode record : records) {
            chosen.add(((ObjectNode) record.deepCopy()).retain(fields));
        }
        return new Records(List.of(), chosen, choosing);
    }

    private static void widen(ObjectNode shape, JsonNode record) {
        record.properties().forEach(field -> {
            if (field.getValue().isObject()) {
                widen(shape.withObjectProperty(field.getKey()), field.getValue());
            } else if (isListOfObjects(field.getValue())) {
                field.getValue().forEach(each -> widen(shape.withObjectProperty(field.getKey()), each));
            } else if (!shape.path(field.getKey()).isObject()) {
                shape.put(field.getKey(), true);
            }
        });
    }

    private static boolean isListOfObjects(JsonNode list) {
        return list.isArray() && !list.isEmpty() && list.get(0).isObject();
    }

    private static JsonNode chosen(JsonNode record, JsonNode shape) {
        if (isListOfObjects(record)) {
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            record.forEach(each -> list.add(chosen(each, shape)));
            return list;
        }
        if (!record.isObject() || !shape.isObject()) {
            return record;
        }
        ObjectNode chosen = JsonNodeFactory.instance.objectNode();
        record.properties().forEach(field -> {
            if (shape.has(field.getKey())) {
                chosen.set(field.getKey(), chosen(field.getValue(), shape.path(field.getKey())));
            }
        });
        return chosen;
    }

    /** Returns the texts at a place of the records, in no order. */
    public List<String> values(JsonPath place) {
        return records.stream()
                .flatMap(record -> place.textIn(line(record).getBytes(StandardCharsets.UTF_8)).stream())
                .sorted()
                .toList();
    }

    public int size() {
        return records.size();
    }

    /** These are those, each as often; of what differs, a little is shown. */
    public void assertSameAs(Records expected) {
        List<String> missing = expected.without(this).lines();
        List<String> surplus = without(expected).lines();
        assertThat(missing.isEmpty() && surplus.isEmpty())
                .as(
                        "%d records, not %d; %d missing: %s; %d that nobody has: %s",
                        size(), expected.size(), missing.size(), beginning(missing), surplus.size(), beginning(surplus))
                .isTrue();
    }

    /** Those are among these, each as often. */
    public void assertHasAllOf(Records expected) {
        List<String> missing = expected.without(this).lines();
        assertThat(missing.isEmpty())
                .as("%d records, %d missing: %s", size(), missing.size(), beginning(missing))
                .isTrue();
    }

    public void assertNoneTwice() {
        Set<String> known = new HashSet<>();
        List<String> again = lines().stream().filter(line -> !known.add(line)).toList();
        assertThat(again.isEmpty())
                .as("%d records, %d of them twice: %s", size(), again.size(), beginning(again))
                .isTrue();
    }

    private static List<String> beginning(List<String> lines) {
        return lines.stream()
                .limit(2)
                .map(line -> line.substring(0, Math.min(line.length(), 1_000)))
                .toList();
    }

    private List<String> lines() {
        return records.stream().map(Records::line).sorted().toList();
    }

    private static String line(JsonNode record) {
        try {
            return JSON.writeValueAsString(JSON.treeToValue(record, Object.class));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Iterator<JsonNode> iterator() {
        return records.iterator();
    }
}
