package dev.caravan.sandbox;

import java.util.LinkedHashMap;
import java.util.Map;

/** A response before it is sent. {@code body} is not written to any more. */
record Answer(int status, Map<String, String> headers, JsonBuffer body) {
    static final String JSON = "application/json; charset=utf-8";

    static Answer json(int status, JsonBuffer body) {
        return new Answer(status, Map.of("Content-Type", JSON), body);
    }

    Answer with(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.putAll(more);
        return new Answer(status, all, body);
    }

    Answer with(String header, String value) {
        return with(Map.of(header, value));
    }
}
