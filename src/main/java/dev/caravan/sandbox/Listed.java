package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.StreamSupport;

/** A few rows that a vendor's file writes out, such as accounts. An edit shows in one of their fields. Safe for any number of threads. */
final class Listed {
    private final List<JsonNode> rows;
    private final String id;
    private final String title;
    private final Map<String, Integer> versions = new ConcurrentHashMap<>();

    /**
     * @param id field that names a row
     * @param title field that an edit changes
     */
    Listed(JsonNode rows, String id, String title) {
        this.rows = StreamSupport.stream(rows.spliterator(), false).toList();
        this.id = id;
        this.title = title;
    }

    List<JsonNode> rows() {
        return rows.stream().map(this::now).toList();
    }

    /** The rows that are kept, each as the vendor's list shows it. */
    List<Kept> kept(UnaryOperator<JsonNode> shown) {
        return rows().stream()
                .map(row -> new Kept(
                        "",
                        row.path(id).asText(),
                        JsonBuffer.of(shown.apply(row).toString())))
                .toList();
    }

    private JsonNode now(JsonNode row) {
        Integer version = versions.get(row.path(id).asText());
        return version == null
                ? row
                : ((ObjectNode) row.deepCopy())
                        .put(title, "%s (revision %d)".formatted(row.path(title).asText(), version));
    }

    void edit(String name) {
        if (rows.stream().noneMatch(row -> row.path(id).asText().equals(name))) {
            throw new IllegalArgumentException("No such row: " + name);
        }
        versions.merge(name, 1, Integer::sum);
    }

    void reset() {
        versions.clear();
    }
}
