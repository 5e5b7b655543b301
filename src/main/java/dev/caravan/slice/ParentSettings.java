package dev.caravan.slice;

import com.fasterxml.jackson.annotation.JsonCreator;
import dev.caravan.json.JsonPath;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Partitions that are the records of another stream.
 *
 * @param stream id of that stream, as its vendor file has it
 * @param take fields of a partition, and where in the parent's record each is
 * @param where which records become partitions; null for all
 * @param distinct fields that name a partition: of several with the same ones only the first counts, in the order of the others;
 *     empty if each counts
 * @param from where the parent's records are read
 * @param rows which of them are read in a run
 */
public record ParentSettings(
        String stream, Map<String, JsonPath> take, @Nullable Where where, List<String> distinct, From from, Rows rows) {
    public ParentSettings {
        distinct = List.copyOf(distinct);
        take = Collections.unmodifiableMap(new LinkedHashMap<>(take));
        if (take.isEmpty()) {
            throw new IllegalArgumentException(
                    "partitions of stream '%s' need 'take', the fields to take of its records: take: {channel_id: id}"
                            .formatted(stream));
        }
        for (Map.Entry<String, JsonPath> each : take.entrySet()) {
            PartitionSettings.checkName(each.getKey());
            if (each.getValue().isRoot()) {
                throw new IllegalArgumentException(
                        "partitions: take.%s is a whole record, name a field of it".formatted(each.getKey()));
            }
        }
        if (!take.keySet().containsAll(distinct)) {
            throw new IllegalArgumentException(
                    "partitions: distinct %s names a field that is not among those of 'take', %s"
                            .formatted(distinct, take.keySet()));
        }
        if (!distinct.isEmpty() && rows == Rows.CHANGED) {
            throw new IllegalArgumentException(
                    "partitions: 'distinct' is told of all records, so it does not go with 'rows: changed'");
        }
        if (from == From.API && rows == Rows.CHANGED) {
            throw new IllegalArgumentException(
                    "partitions: 'rows: changed' is known of what is committed, so it does not go with 'from: api'");
        }
    }

    /** Where a parent's records are read. */
    public enum From {
        /** What is committed of it; it is pulled first if it never was. */
        COMMITTED,
        /** The API, in every run, whatever is committed. */
        API;

        @JsonCreator
        static From named(String name) {
            return choice("from", name, values());
        }
    }

    /** Which of a parent's records are partitions of a run. */
    public enum Rows {
        /** All of them, each with a checkpoint of its own. */
        ALL,
        /** Those that are new or changed since the last run, each pulled once. */
        CHANGED;

        @JsonCreator
        static Rows named(String name) {
            return choice("rows", name, values());
        }
    }

    private static <E extends Enum<E>> E choice(String setting, String name, E[] values) {
        return Arrays.stream(values)
                .filter(value -> value.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("partitions: %s '%s' is not one of %s"
                        .formatted(
                                setting,
                                name,
                                Arrays.stream(values)
                                        .map(value -> value.name().toLowerCase(Locale.ROOT))
                                        .collect(Collectors.joining(", ")))));
    }

    /** Returns those of {@code partitions} that count, in their order. */
    public List<Partition> distinct(List<Partition> partitions) {
        if (distinct.isEmpty()) {
            return partitions;
        }
        Map<List<String>, Partition> first = new HashMap<>();
        for (Partition each : partitions) {
            first.merge(name(each), each, (one, other) -> one.id().compareTo(other.id()) <= 0 ? one : other);
        }
        return partitions.stream()
                .filter(each -> each.equals(first.get(name(each))))
                .toList();
    }

    private List<String> name(Partition partition) {
        return distinct.stream()
                .map(field -> partition.fields().getOrDefault(field, ""))
                .toList();
    }

    List<String> fields() {
        return List.copyOf(take.keySet());
    }
}
