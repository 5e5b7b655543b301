package dev.caravan.record;

import dev.caravan.json.JsonPath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to take from an answer.
 *
 * @param records where the records are
 * @param key fields of the record, or of the values given beside it, that name it; empty for records without a key
 * @param cursor where a record's cursor is, null for a stream without one
 * @param captured paths from the answer's root whose values the next page or the run needs
 * @param last paths from a record whose values are wanted of the page's last one
 */
public record RecordLayout(
        RecordsSettings records,
        List<JsonPath> key,
        @Nullable CursorField cursor,
        List<String> captured,
        List<String> last) {
    public RecordLayout {
        key = List.copyOf(key);
        captured = List.copyOf(captured);
        last = List.copyOf(last);
        if (Set.copyOf(key).size() < key.size()) {
            throw new IllegalArgumentException("key: %s names a field twice".formatted(key));
        }
        if (key.stream().anyMatch(JsonPath::isRoot)) {
            throw new IllegalArgumentException("key: a record is no key, name its fields, such as id");
        }
        captured.forEach(JsonPath::parse);
        last.forEach(JsonPath::parse);
    }

    /** Returns a layout with a key of these fields, and nothing else but the records. */
    public static RecordLayout of(RecordsSettings records, String... key) {
        List<JsonPath> paths = new ArrayList<>();
        for (String each : key) {
            paths.add(JsonPath.parse(each));
        }
        return new RecordLayout(records, paths, null, List.of(), List.of());
    }

    public RecordLayout withCursor(CursorField field) {
        return new RecordLayout(records, key, field, captured, last);
    }

    /** Whether the records are the elements of one list. */
    public boolean isPlainList() {
        return records.as() == RecordsSettings.Shape.ARRAY
                && records.paths().size() == 1
                && records.index() == null
                && records.path().container().upToEach().isEmpty();
    }

    /** Returns this for a list of the records alone. */
    public RecordLayout ofElements() {
        return new RecordLayout(records.atRoot(), key, cursor, List.of(), last);
    }

    /** Returns this for answers that may lack the container. */
    public RecordLayout withOptional() {
        return new RecordLayout(records.withOptional(), key, cursor, captured, last);
    }

    /** Returns this with more to take, each path once. */
    public RecordLayout taking(Collection<String> moreCaptured, Collection<String> moreLast) {
        return new RecordLayout(records, key, cursor, union(captured, moreCaptured), union(last, moreLast));
    }

    private static List<String> union(Collection<String> some, Collection<String> more) {
        Set<String> all = new LinkedHashSet<>(some);
        all.addAll(more);
        return List.copyOf(all);
    }
}
