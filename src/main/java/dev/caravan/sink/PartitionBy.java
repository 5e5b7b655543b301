package dev.caravan.sink;

import com.fasterxml.jackson.annotation.JsonCreator;
import dev.caravan.json.JsonPath;
import org.jspecify.annotations.Nullable;

/**
 * What decides which folder a row is in: {@code cursor} and {@code ingest} are days, anything else is a field of the record.
 *
 * @param ingest whether it is the day on which the run began
 * @param field the field, null for a day
 */
record PartitionBy(boolean ingest, @Nullable JsonPath field) {
    /** The day of the record's cursor; of a stream without a cursor, the day of ingestion. */
    static final PartitionBy CURSOR = new PartitionBy(false, null);

    private static final PartitionBy INGEST = new PartitionBy(true, null);

    @JsonCreator
    static PartitionBy named(String name) {
        return switch (name) {
            case "cursor" -> CURSOR;
            case "ingest" -> INGEST;
            default -> field(name);
        };
    }

    private static PartitionBy field(String name) {
        JsonPath path = JsonPath.parse(name);
        if (path.isRoot() || path.isSearch() || path.field().isEmpty()) {
            throw new IllegalArgumentException(
                    "partition-by '%s' is not cursor, ingest, or a field such as country or $.address.country"
                            .formatted(name));
        }
        return new PartitionBy(false, path);
    }
}
