package dev.caravan.record;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.json.JsonPath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where the records of an answer are: {@code records: $.data}, {@code records: [$.created, $.changed]}, or
 * {@code records: {path: $.daily, as: columns, with: [timezone]}}.
 *
 * @param paths the containers, with or without {@code [*]} behind them; default is the root
 * @param as their form; default is an array
 * @param with for forms that are made into records: fields beside the container that every row gets, by the name they get.
 *     A path that begins with {@code $} is seen from the root, and a list there as long as the rows gives each row its own;
 *     any other is seen from the object that holds the container
 * @param optional whether an answer without the container has no records, instead of being an error
 * @param index name of a field that each record gets, with its place in the array, its name in the object, or for made
 *     records the place of the object that held them; null for none. A field the record has itself stays as it is
 * @param name of the field that a value of {@code as: values} becomes; null for other forms
 * @param columns names of the columns of {@code as: rows}, or where in the answer they are; null for the first row
 * @param lift field of a record, an object, whose members become members of the record; null for none
 * @param row of {@code as: rows}: name of a field that each record gets, with the place of its row in the list, from 1; a first
 *     row that has the names is counted, and so are empty ones; null for none
 */
public record RecordsSettings(
        List<JsonPath> paths,
        Shape as,
        Map<String, String> with,
        boolean optional,
        @Nullable String index,
        @Nullable String name,
        @Nullable Columns columns,
        @Nullable String lift,
        @Nullable String row) {
    /** The form of a container. */
    public enum Shape {
        /** Each element is a record. */
        ARRAY,
        /** Each value is a record, its name an id. */
        OBJECT,
        /** An object or a list of records, for vendors that write the one or the other, such as an empty list for an empty object. */
        EITHER,
        /** Lists of equal length by name, {@code {"time": [..], "rain": [..]}}: the n-th of each make a record. */
        COLUMNS,
        /** Lists of cells, {@code [["id", "name"], [1, "a"]]}: the first names the columns; one that is shorter lacks the last. */
        ROWS,
        /** Each element is the one field of a record. */
        VALUES,
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

        /** Whether its records are no parts of the answer but made of some. */
        boolean isMade() {
            return this == COLUMNS || this == ROWS || this == VALUES;
        }
    }

    /**
     * What the columns of rows are called.
     *
     * @param names in order, where the file says them
     * @param path of a list of names in the answer, where it does not
     */
    public record Columns(List<String> names, @Nullable JsonPath path) {
        public Columns {
            names = List.copyOf(names);
            if (path == null && (names.isEmpty() || Set.copyOf(names).size() < names.size())) {
                throw new IllegalArgumentException("columns: %s is empty or has a name twice".formatted(names));
            }
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        static Columns of(JsonNode node) {
            if (node.isTextual()) {
                return new Columns(List.of(), JsonPath.parse(node.asText()));
            }
            List<String> names = new ArrayList<>();
            node.forEach(each -> names.add(each.asText()));
            return new Columns(names, null);
        }
    }

    public RecordsSettings {
        paths = List.copyOf(paths);
        with = Collections.unmodifiableMap(new LinkedHashMap<>(with));
        if (paths.isEmpty() || Set.copyOf(paths).size() < paths.size()) {
            throw new IllegalArgumentException("records: %s is empty or has a path twice".formatted(paths));
        }
        if (paths.size() > 1 && (as != Shape.ARRAY || paths.stream().anyMatch(JsonPath::isRoot))) {
            throw new IllegalArgumentException(
                    "records: several paths are for lists within the answer, not for 'as: %s'"
                            .formatted(as.yamlName()));
        }
        for (JsonPath path : paths) {
            if (path.isSearch()) {
                throw new IllegalArgumentException(
                        "records: '%s' looks for a name anywhere, say where the records are, such as $.data.items"
                                .formatted(path));
            }
        }
        if (!with.isEmpty() && !as.isMade()) {
            throw new IllegalArgumentException(
                    "'with' is for 'as: columns', rows and values only, records of other forms carry their own");
        }
        with.forEach((field, path) -> {
            if (field.isBlank()
                    || JsonPath.parse(path).isRoot()
                    || JsonPath.parse(path).isSearch()) {
                throw new IllegalArgumentException(
                        "with: '%s' is not a field, name one such as timezone, or {date: $.data.dates}"
                                .formatted(path));
            }
        });
        if (index != null && index.isBlank()) {
            throw new IllegalArgumentException("index: '' is not a field name, write one such as position");
        }
        if (index != null && as == Shape.SINGLE) {
            throw new IllegalArgumentException("index: '%s' has no meaning for 'as: single'".formatted(index));
        }
        if ((as == Shape.VALUES) != (name != null && !name.isBlank())) {
            throw new IllegalArgumentException(
                    "'as: values' and 'name' belong together, write {path: $.members, as: values, name: member_id}");
        }
        if (columns != null && as != Shape.ROWS) {
            throw new IllegalArgumentException("'columns' names those of 'as: rows', this is " + as.yamlName());
        }
        if (row != null && (as != Shape.ROWS || row.isBlank())) {
            throw new IllegalArgumentException(
                    "row: '%s' names the field for the place of a row of 'as: rows', this is %s"
                            .formatted(row, as.yamlName()));
        }
        if (lift != null && (as.isMade() || lift.isBlank())) {
            throw new IllegalArgumentException(
                    "lift: '%s' is for records that are objects of the answer, not for 'as: %s'"
                            .formatted(lift, as.yamlName()));
        }
    }

    /** Returns the same for records in another place; null for this one. */
    public RecordsSettings in(@Nullable JsonPath place) {
        return place == null
                ? this
                : new RecordsSettings(List.of(place), as, with, optional, index, name, columns, lift, row);
    }

    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    @SuppressWarnings("TooManyParameters") // one for each setting
    static RecordsSettings of(
            @JsonProperty("path") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    List<JsonPath> paths,
            @JsonProperty("as") @Nullable Shape as,
            @JsonProperty("with") @Nullable JsonNode with,
            @JsonProperty("optional") boolean optional,
            @JsonProperty("index") @Nullable String index,
            @JsonProperty("name") @Nullable String name,
            @JsonProperty("columns") @Nullable Columns columns,
            @JsonProperty("lift") @Nullable String lift,
            @JsonProperty("row") @Nullable String row) {
        return new RecordsSettings(
                paths == null ? List.of(JsonPath.ROOT) : paths,
                as == null ? Shape.ARRAY : as,
                with == null || with.isNull() ? Map.of() : beside(with),
                optional,
                index,
                name,
                columns,
                lift,
                row);
    }

    /** Fields by name, or a list of fields that keep theirs. */
    private static Map<String, String> beside(JsonNode with) {
        Map<String, String> fields = new LinkedHashMap<>();
        if (with.isObject()) {
            with.properties()
                    .forEach(
                            field -> fields.put(field.getKey(), field.getValue().asText()));
        } else if (with.isArray()) {
            with.forEach(path -> fields.put(lastField(path.asText()), path.asText()));
        } else {
            fields.put(lastField(with.asText()), with.asText());
        }
        return fields;
    }

    private static String lastField(String path) {
        return JsonPath.parse(path)
                .field()
                .orElseThrow(() -> new IllegalArgumentException(
                        "with: '%s' is not a field, name one such as timezone".formatted(path)));
    }

    /** Reads the short form, the path of an array. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static RecordsSettings at(String path) {
        return at(List.of(JsonPath.parse(path)), Shape.ARRAY, false, null);
    }

    /** Reads the short form of several arrays. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static RecordsSettings at(List<JsonPath> paths) {
        return at(paths, Shape.ARRAY, false, null);
    }

    static RecordsSettings at(List<JsonPath> paths, Shape as, boolean optional, @Nullable String index) {
        return new RecordsSettings(paths, as, Map.of(), optional, index, null, null, null, null);
    }

    /** Returns the only path, or the first of several. */
    public JsonPath path() {
        return paths.get(0);
    }

    RecordsSettings withOptional() {
        return new RecordsSettings(paths, as, with, true, index, name, columns, lift, row);
    }

    /** Returns this for a list that is the whole document. */
    RecordsSettings atRoot() {
        return new RecordsSettings(List.of(JsonPath.ROOT), as, with, optional, index, name, columns, lift, row);
    }

    /** Returns this, its records as the answer has them. */
    RecordsSettings unlifted() {
        return new RecordsSettings(paths, as, with, optional, index, name, columns, null, row);
    }

    /** Its text is part of what tells whether a definition changed, so what is not said is not in it. */
    @Override
    public String toString() {
        boolean plain = with.entrySet().stream()
                .allMatch(each -> lastField(each.getValue()).equals(each.getKey()));
        StringBuilder text = new StringBuilder("RecordsSettings[path=")
                .append(paths.size() == 1 ? paths.get(0) : paths)
                .append(", as=")
                .append(as)
                .append(", with=")
                .append(plain ? List.copyOf(with.values()) : with)
                .append(", optional=")
                .append(optional)
                .append(", index=")
                .append(index);
        append(text, "name", name);
        append(text, "columns", columns);
        append(text, "lift", lift);
        append(text, "row", row);
        return text.append(']').toString();
    }

    private static void append(StringBuilder text, String setting, @Nullable Object value) {
        if (value != null) {
            text.append(", ").append(setting).append('=').append(value);
        }
    }
}
