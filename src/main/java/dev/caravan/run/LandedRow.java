package dev.caravan.run;

import dev.caravan.Stream.Shape;
import dev.caravan.json.JsonPath;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A row as it landed, asked for the fields of its record and for those that the stream added.
 *
 * @param row a line of the stream's files
 * @param shape how the stream writes its records
 */
record LandedRow(byte[] row, Shape shape) {
    private static final JsonPath RAW = JsonPath.named("raw_data");
    private static final String PREFIX = "_caravan_";

    /** Returns the text of a place in the record, or of a field that was added to it; empty if there is none, or it is null. */
    Optional<String> text(JsonPath path) {
        Optional<String> found = shape == Shape.RAW
                ? RAW.textIn(row).flatMap(record -> path.textIn(record.getBytes(StandardCharsets.UTF_8)))
                : path.textIn(row);
        // An added field is written with a prefix where the record has one of its name, and always behind a raw record.
        return found.isPresent()
                ? found
                : path.field()
                        .filter(field -> path.equals(JsonPath.named(field)))
                        .flatMap(field -> JsonPath.named(PREFIX + field).textIn(row));
    }
}
