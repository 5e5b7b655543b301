package dev.caravan.connection.outcome;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.json.JsonPath;
import dev.caravan.json.PathSearch;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What must be found at places of a body, all of it: {@code {$.status: [DONE, EMPTY], $.percent: 100}}. Immutable; safe for any
 * number of threads.
 */
public final class BodyConditions {
    private final Map<JsonPath, ValueMatch> places;
    private final PathSearch search;

    private BodyConditions(Map<JsonPath, ValueMatch> places) {
        this.places = Collections.unmodifiableMap(new LinkedHashMap<>(places));
        this.search = new PathSearch(places.keySet());
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static BodyConditions of(Map<String, JsonNode> conditions) {
        if (conditions.isEmpty()) {
            throw new IllegalArgumentException("{} is no condition, write {$.status: DONE}");
        }
        Map<JsonPath, ValueMatch> places = new LinkedHashMap<>();
        conditions.forEach((path, match) -> {
            try {
                places.put(JsonPath.parse(path), ValueMatch.of(match));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("%s: %s".formatted(path, e.getMessage()), e);
            }
        });
        return new BodyConditions(places);
    }

    /** Whether every condition holds in {@code body}. */
    public boolean fit(byte[] body) {
        Map<JsonPath, List<String>> found = search.in(body);
        return places.entrySet().stream()
                .allMatch(each -> each.getValue().fits(found.getOrDefault(each.getKey(), List.of())));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BodyConditions conditions && places.equals(conditions.places);
    }

    @Override
    public int hashCode() {
        return places.hashCode();
    }

    @Override
    public String toString() {
        return places.toString();
    }
}
