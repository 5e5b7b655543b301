package dev.caravan.connection;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Headers of an answer, by name without regard to case. Immutable. */
public final class Headers {
    public static final Headers NONE = new Headers(Map.of());

    private final Map<String, List<String>> values;

    private Headers(Map<String, List<String>> values) {
        this.values = values;
    }

    /** Names that differ only in case become one, its values in the order of the map. */
    public static Headers of(Map<String, ? extends Collection<String>> values) {
        TreeMap<String, List<String>> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        values.forEach((name, some) ->
                all.computeIfAbsent(name, each -> new ArrayList<>()).addAll(some));
        all.replaceAll((name, some) -> List.copyOf(some));
        return new Headers(all);
    }

    public Optional<String> first(String name) {
        return all(name).stream().findFirst();
    }

    public List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    public Set<String> names() {
        return values.keySet();
    }

    /** Returns the names only: values may be secrets. */
    @Override
    public String toString() {
        return values.keySet().toString();
    }
}
