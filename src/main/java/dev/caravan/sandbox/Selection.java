package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A field that a client picks of a record, with what it picks below.
 *
 * @param arguments what GraphQL has in parentheses
 * @param below nothing for a field that is taken whole
 */
record Selection(String name, Map<String, JsonNode> arguments, List<Selection> below) {
    Selection {
        arguments = Map.copyOf(arguments);
        below = List.copyOf(below);
    }

    /** Reads paths such as {@code campaign.id}, or names, in order. */
    static List<Selection> ofPaths(List<String> paths) {
        List<Selection> roots = new ArrayList<>();
        paths.forEach(path -> add(roots, path));
        return roots;
    }

    private static void add(List<Selection> into, String path) {
        int dot = path.indexOf('.');
        String head = dot < 0 ? path : path.substring(0, dot);
        List<Selection> below = new ArrayList<>();
        for (int i = 0; i < into.size(); i++) {
            if (into.get(i).name().equals(head)) {
                below.addAll(into.remove(i).below());
            }
        }
        if (dot > 0) {
            add(below, path.substring(dot + 1));
        }
        into.add(new Selection(head, Map.of(), below));
    }

    /**
     * Returns of {@code record} what is picked, a field of a list from each of its elements.
     *
     * @throws UnknownFieldException for a field that no record has
     */
    static JsonNode pick(JsonNode record, List<Selection> wanted) {
        if (wanted.isEmpty() || record.isNull()) {
            return record;
        }
        if (record.isArray()) {
            ArrayNode each = JsonNodeFactory.instance.arrayNode();
            record.forEach(element -> each.add(pick(element, wanted)));
            return each;
        }
        ObjectNode picked = JsonNodeFactory.instance.objectNode();
        for (Selection selection : wanted) {
            JsonNode value = record.get(selection.name());
            if (value == null) {
                throw new UnknownFieldException(selection.name());
            }
            picked.set(selection.name(), pick(value, selection.below()));
        }
        return picked;
    }

    /** A field that no record has. */
    static final class UnknownFieldException extends RuntimeException {
        private final String field;

        UnknownFieldException(String field) {
            super(field, null, false, false);
            this.field = field;
        }

        String field() {
            return field;
        }
    }
}
