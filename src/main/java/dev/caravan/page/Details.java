package dev.caravan.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.caravan.json.ExactMap;
import dev.caravan.json.JsonPath;
import dev.caravan.json.StrictJson;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The requests for the records of a page, and what their answers make of them. Immutable; safe for any number of threads. */
public final class Details {
    private final DetailSettings settings;
    private final RequestTemplate request;
    private final Map<String, JsonPath> paths = new HashMap<>();

    /** @throws IllegalArgumentException if an expression in it will have no value */
    public Details(DetailSettings settings, Known known) {
        this.settings = settings;
        this.request = new RequestTemplate(settings.request());
        check(known);
        for (String each : request.records()) {
            paths.put(each, JsonPath.parse(each));
        }
        if (paths.isEmpty()) {
            throw new IllegalArgumentException(
                    "detail: its request uses nothing of the record, write ${record.id} where it names one");
        }
    }

    /** @throws IllegalArgumentException naming an expression that will have no value */
    public void check(Known known) {
        request.check(known.with("record"));
    }

    public DetailSettings settings() {
        return settings;
    }

    public RequestTemplate request() {
        return request;
    }

    /** Returns the paths of the answer before whose values it asks with. */
    public Set<String> answers() {
        return request.answers();
    }

    /**
     * Returns what {@code ${record.…}} stands for.
     *
     * @throws IllegalArgumentException naming a path at which the record has nothing
     */
    public Map<String, String> values(byte[] stub) {
        Map<String, String> values = new HashMap<>();
        paths.forEach((name, path) -> values.put(
                "record." + name,
                path.textIn(stub)
                        .filter(each -> !each.isEmpty())
                        .orElseThrow(() -> new IllegalArgumentException(
                                "detail: a record of the page has nothing at '%s', which asks for it"
                                        .formatted(name)))));
        return values;
    }

    /** Returns what tells a record of a page from those whose answer is the same; empty if each makes something of its own of it. */
    public Optional<Object> identity(byte[] stub) {
        Map<String, Optional<String>> values = new HashMap<>();
        paths.forEach((name, path) -> values.put(name, path.textIn(stub)));
        return settings.merge() ? Optional.empty() : Optional.of(values);
    }

    /**
     * Returns the record that an answer makes of the one of the page; empty if there is none where it should be.
     *
     * @throws IOException if it cannot be read
     */
    public Optional<byte[]> record(byte[] stub, byte[] answer) throws IOException {
        Optional<JsonPath.Place> place = settings.record().find(answer);
        if (place.isEmpty()) {
            return Optional.empty();
        }
        byte[] record =
                Arrays.copyOfRange(answer, place.get().start(), place.get().end());
        return Optional.of(settings.merge() ? merged(stub, record) : record);
    }

    private static byte[] merged(byte[] stub, byte[] record) throws IOException {
        Map<String, Object> all = new LinkedHashMap<>(ExactMap.read(stub, 0, stub.length));
        all.putAll(ExactMap.read(record, 0, record.length));
        try {
            return StrictJson.mapper().writeValueAsBytes(all);
        } catch (JsonProcessingException e) {
            throw new IOException("a record cannot be written: " + e.getOriginalMessage(), e);
        }
    }
}
