package dev.caravan.record;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.json.JsonPath;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which fields of a record land, and how. A field is named by the names that lead to it, {@code customer.email}; through lists it means
 * that of each element. What is not named lands as it came.
 *
 * @param keep fields that land, with all that is below them; none for all
 * @param drop fields that do not
 * @param mask fields in whose place {@code ***} lands, whatever they hold but null
 * @param hash fields in whose place the SHA-256 of their text lands, in hexadecimal
 * @param rename other names, each in the place of the last name that leads to a field
 */
public record FieldSettings(
        Set<String> keep, Set<String> drop, Set<String> mask, Set<String> hash, Map<String, String> rename) {
    public FieldSettings {
        keep = Collections.unmodifiableSet(new TreeSet<>(keep));
        drop = Collections.unmodifiableSet(new TreeSet<>(drop));
        mask = Collections.unmodifiableSet(new TreeSet<>(mask));
        hash = Collections.unmodifiableSet(new TreeSet<>(hash));
        rename = Collections.unmodifiableMap(new LinkedHashMap<>(rename));
        Map<String, String> actions = new LinkedHashMap<>();
        Map.of("drop", drop, "mask", mask, "hash", hash)
                .forEach((action, paths) -> paths.forEach(path -> {
                    check(path);
                    String other = actions.put(path, action);
                    if (other != null) {
                        throw new IllegalArgumentException("fields: '%s' is named by %s and by %s, choose one"
                                .formatted(
                                        path,
                                        action.compareTo(other) < 0 ? action : other,
                                        action.compareTo(other) < 0 ? other : action));
                    }
                }));
        keep.forEach(FieldSettings::check);
        rename.forEach((path, name) -> {
            check(path);
            if (name.isEmpty() || name.startsWith(FlatForm.PREFIX)) {
                throw new IllegalArgumentException(
                        "fields: rename '%s: %s': a name is not empty and does not begin with %s"
                                .formatted(path, name, FlatForm.PREFIX));
            }
        });
    }

    @JsonCreator
    static FieldSettings of(
            @JsonProperty("keep") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    Set<String> keep,
            @JsonProperty("drop") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    Set<String> drop,
            @JsonProperty("mask") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    Set<String> mask,
            @JsonProperty("hash") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    Set<String> hash,
            @JsonProperty("rename") @Nullable Map<String, String> rename) {
        return new FieldSettings(
                Objects.requireNonNullElse(keep, Set.of()),
                Objects.requireNonNullElse(drop, Set.of()),
                Objects.requireNonNullElse(mask, Set.of()),
                Objects.requireNonNullElse(hash, Set.of()),
                Objects.requireNonNullElse(rename, Map.of()));
    }

    private static void check(String path) {
        if (path.isBlank()
                || path.startsWith("$")
                || path.contains("..")
                || path.startsWith(".")
                || path.endsWith(".")) {
            throw new IllegalArgumentException(
                    "fields: '%s' is no field, write email or customer.email".formatted(path));
        }
    }

    /**
     * Checks that fields which tell records and versions apart land as they came: children of the stream and snapshots read them.
     *
     * @param what which setting names them, for the message
     */
    public void requireWhole(String what, List<JsonPath> fields) {
        for (JsonPath each : fields) {
            String path = each.toString().startsWith("$.") ? each.toString().substring(2) : each.toString();
            for (String begun = path; !begun.isEmpty(); begun = parent(begun)) {
                if (drop.contains(begun) || mask.contains(begun) || hash.contains(begun) || rename.containsKey(begun)) {
                    throw new IllegalArgumentException(
                            "fields: '%s' is needed as it comes, it is the stream's %s".formatted(begun, what));
                }
            }
            if (!keep.isEmpty() && keep.stream().noneMatch(kept -> path.equals(kept) || path.startsWith(kept + "."))) {
                throw new IllegalArgumentException(
                        "fields: keep lacks '%s', which is the stream's %s".formatted(path, what));
            }
        }
    }

    private static String parent(String path) {
        int dot = path.lastIndexOf('.');
        return dot < 0 ? "" : path.substring(0, dot);
    }
}
