package dev.caravan.sandbox;

import java.util.Map;

/** A request the vendor would refuse, by the name its file gives that error and what the error's template reads. */
final class Refusal extends RuntimeException {
    private final String error;
    private final transient Map<String, Object> values;

    Refusal(String error, Map<String, Object> values) {
        super(error, null, false, false);
        this.error = error;
        this.values = values;
    }

    Refusal(String error) {
        this(error, Map.of());
    }

    String error() {
        return error;
    }

    Map<String, Object> values() {
        return values;
    }
}
