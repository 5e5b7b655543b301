package dev.caravan.sandbox;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a list is narrowed to by its address (a repository, say), and what templates may read of it.
 *
 * @param name empty for a vendor's only list
 * @param share how many rows it has, relative to the table's
 * @param fixed how many rows it has whatever was asked for, or -1
 * @param values texts and numbers that templates read as {@code ${scope.name}}
 */
record Scope(String name, double share, long fixed, Map<String, Object> values) {
    static final Scope WHOLE = with(Map.of());

    Scope {
        values = Map.copyOf(values);
    }

    static Scope with(Map<String, Object> values) {
        return new Scope("", 1, -1, values);
    }

    long salt() {
        return name.isEmpty() ? 0 : Hash.of(name);
    }

    @Nullable
    Object value(String key) {
        return values.get(key);
    }
}
