package dev.caravan.record;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.json.JsonPath;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where the records of an answer are: {@code records: $.data}, or
 * {@code records: {path: $.daily, as: columns, with: [timezone]}}.
 *
 * @param path the container, with or without {@code [*]} behind it; default is the root
 * @param as its form; default is an array
 * @param with for columns: fields beside the container that every row gets
 * @param optional whether an answer without the container has no records, instead of being an error
 * @param index name of a field that each record gets, with its place in the array, its name in the object, or for
 *     columns the place of the object that held them; null for none. A field the record has itself stays as it is
 */
public record RecordsSettings(
        JsonPath path,
        Shape as,
        List<JsonPath> with,
        boolean optional,
        @Nullable String index) {
    /** The form of a container. */
    public enum Shape {
        /** Each element is a record. */
        ARRAY,
        /** Each value is a record, its name an id. */
        OBJECT,
        /** Lists of equal length by name, {@code {"time": [..], "rain": [..]}}: the n-th of each make a record. */
        COLUMNS,
        /** It is itself the one record. */
        SINGLE;

        /** Returns the form of the name used in vendor files. */
        @JsonCreator
        public static Shape named(String name) {
            for (Shape shape : values()) {
                if (shape.yamlName().equals(name)) {
                    return shape;
                }
            }
            throw new IllegalArgumentException("Unknown form 'as: %s', use one of %s"
                    .formatted(
                            name, Arrays.stream(values()).map(Shape::yamlName).collect(Collectors.joining(", "))));
        }

        private String yamlName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public RecordsSettings {
        with = List.copyOf(with);
        if (path.isSearch()) {
            throw new IllegalArgumentException(
                    "records: '%s' looks for a name anywhere, say where the records are, such as $.data.items"
                            .formatted(path));
        }
        if (!with.isEmpty() && as != Shape.COLUMNS) {
            throw new IllegalArgumentException(
                    "'with' is for 'as: columns' only, records of other forms carry their own");
        }
        for (JsonPath each : with) {
            if (each.field().isEmpty()) {
                throw new IllegalArgumentException(
                        "with: '%s' is not a field, name one such as timezone".formatted(each));
            }
        }
        if (index != null && index.isBlank()) {
            throw new IllegalArgumentException("index: '' is not a field name, write one such as position");
        }
        if (index != null && as == Shape.SINGLE) {
            throw new IllegalArgumentException("index: '%s' has no meaning for 'as: single'".formatted(index));
        }
    }

    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    static RecordsSettings of(
            @JsonProperty("path") @Nullable JsonPath path,
            @JsonProperty("as") @Nullable Shape as,
            @JsonProperty("with") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    List<JsonPath> with,
            @JsonProperty("optional") boolean optional,
            @JsonProperty("index") @Nullable String index) {
        return new RecordsSettings(
                path == null ? JsonPath.ROOT : path,
                as == null ? Shape.ARRAY : as,
                with == null ? List.of() : with,
                optional,
                index);
    }

    /** Reads the short form, a path to an array. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static RecordsSettings at(String path) {
        return new RecordsSettings(JsonPath.parse(path), Shape.ARRAY, List.of(), false, null);
    }
}
