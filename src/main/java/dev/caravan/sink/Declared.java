package dev.caravan.sink;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The columns that a stream's JSON Schema declares at its top, or below its objects. A type that is wider in the data is wider in
 * the column, so that no value is lost to a schema that is not kept to.
 *
 * @param names the members of a record, in the order they are declared
 * @param flat types of the cells that {@link Cells} makes of it when it takes objects apart
 */
public record Declared(List<String> names, Map<String, CellType.Base> flat) {
    /** Objects that are declared deeper than this, perhaps by themselves, are found in the data. */
    private static final int DEEPEST = 20;

    public static final Declared NOTHING = new Declared(List.of(), Map.of());

    public static Declared of(@Nullable JsonNode schema) {
        if (schema == null) {
            return NOTHING;
        }
        Map<String, CellType.Base> flat = new LinkedHashMap<>();
        add("", schema, flat, 0);
        List<String> names = StreamSupport.stream(
                        ((Iterable<String>) () -> schema.path("properties").fieldNames()).spliterator(), false)
                .toList();
        return new Declared(names, flat);
    }

    private static void add(String prefix, JsonNode schema, Map<String, CellType.Base> flat, int depth) {
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            String name = prefix + property.getKey();
            if (property.getValue().path("properties").isObject() && depth < DEEPEST) {
                add(name + Cells.NESTED, property.getValue(), flat, depth + 1);
            } else {
                flat.put(name, base(property.getValue().path("type")));
            }
        }
    }

    private static CellType.Base base(JsonNode type) {
        CellType.Base base = CellType.Base.NONE;
        for (JsonNode each : type.isArray() ? type : List.of(type)) {
            CellType.Base other =
                    switch (each.asText()) {
                        case "integer" -> CellType.Base.INT64;
                        case "boolean" -> CellType.Base.BOOLEAN;
                        case "string", "array", "object" -> CellType.Base.TEXT;
                        default -> CellType.Base.NONE; // a number has the digits that it has
                    };
            if (other != CellType.Base.NONE && base != CellType.Base.NONE && other != base) {
                return CellType.Base.TEXT;
            }
            base = other == CellType.Base.NONE ? base : other;
        }
        return base;
    }
}
