package dev.caravan.slice;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One part of a stream that is pulled and checkpointed on its own, such as an account or a repository.
 *
 * @param fields what tells this partition from the others, for use in requests and records; empty for a stream that has
 *     no partitions
 */
public record Partition(Map<String, String> fields) {
    /** The only partition of a stream without partitions. */
    public static final Partition WHOLE = new Partition(Map.of());

    public Partition {
        fields = Map.copyOf(fields);
    }

    /** Returns a name that no other partition of the stream has: fields in order, encoded as a query string; "" for the whole. */
    public String id() {
        return new TreeMap<>(fields)
                .entrySet().stream()
                        .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
                        .collect(Collectors.joining("&"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
