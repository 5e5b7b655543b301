package dev.caravan.slice;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One part of a stream that is pulled and checkpointed on its own, such as an account or a repository; or several of them
 * that share their requests, each of which still has its own checkpoint.
 *
 * @param fields what tells this partition from the others, for use in requests and records; empty for a stream that has
 *     no partitions, and for a group
 * @param members of a group, at least one; empty for everything else
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Partition(
        @JsonInclude(JsonInclude.Include.ALWAYS) Map<String, String> fields, List<Partition> members) {
    /** The only partition of a stream without partitions. */
    public static final Partition WHOLE = new Partition(Map.of());

    public Partition {
        fields = Map.copyOf(fields);
        members = members == null ? List.of() : List.copyOf(members);
        if (!members.isEmpty() && (!fields.isEmpty() || members.stream().anyMatch(Partition::isGroup))) {
            throw new IllegalArgumentException("A group consists of partitions, and has no fields of its own");
        }
    }

    public Partition(Map<String, String> fields) {
        this(fields, List.of());
    }

    static Partition group(List<Partition> members) {
        return new Partition(Map.of(), members);
    }

    /** Whether it stands for several. */
    @JsonIgnore
    public boolean isGroup() {
        return !members.isEmpty();
    }

    /** Returns a name that no other partition of the stream has: fields in order, encoded as a query string; "" for the whole. */
    public String id() {
        if (isGroup()) {
            String first = members.get(0).id();
            return members.size() == 1 ? first : "%s and %d more".formatted(first, members.size() - 1);
        }
        return new TreeMap<>(fields)
                .entrySet().stream()
                        .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
                        .collect(Collectors.joining("&"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
