package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shopify's bulk operations. One is created, runs, and is complete when it is asked for the third time; its file has an object a
 * line, those of inner connections with the id of the one they belong to. Which orders it has stands in its id, so that one of
 * an earlier sandbox is still known.
 */
final class ShopifyBulk {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PREFIX = "gid://shopify/BulkOperation/";
    private static final int MOST_REMEMBERED = 1_000;
    /** Seconds are written with ten digits; what is later than they can say is the end of time. */
    private static final long LATEST = 9_999_999_999L;

    private final VendorFile file;
    private final ShopifyLists lists;
    private final Map<String, Integer> asked = new LinkedHashMap<>();
    private final Map<String, List<Selection>> wanted = new HashMap<>();

    ShopifyBulk(VendorFile file, ShopifyLists lists) {
        this.file = file;
        this.lists = lists;
    }

    synchronized void reset() {
        asked.clear();
        wanted.clear();
    }

    /** The connection that the inner query of a submission asks for. */
    Selection root(Selection mutation) {
        String text =
                mutation.arguments().getOrDefault("query", JSON.nullNode()).asText();
        try {
            return GraphQl.parse(text, JSON.createObjectNode()).fields().get(0);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return new Selection("", Map.of(), List.of());
        }
    }

    synchronized JsonNode submit(Selection mutation, long[] span) {
        Selection root = root(mutation);
        ObjectNode answer = JSON.createObjectNode();
        long running = asked.values().stream().filter(times -> times < 2).count();
        if (!root.name().equals("orders")) {
            answer.putNull("bulkOperation");
            refuse(answer, "INVALID", "Invalid bulk query: the sandbox imitates orders only");
        } else if (running >= file.part("limits").path("bulk").asInt()) {
            answer.putNull("bulkOperation");
            refuse(
                    answer,
                    "OPERATION_IN_PROGRESS",
                    "A bulk query operation for this app and shop is already in progress: "
                            + asked.keySet().iterator().next() + ".");
        } else {
            String id = "%s%010d%010d".formatted(PREFIX, Math.min(LATEST, span[0]), Math.min(LATEST, span[1]));
            if (asked.size() >= MOST_REMEMBERED) {
                asked.keySet().stream().findFirst().ifPresent(asked::remove);
            }
            asked.put(id, 0);
            wanted.put(id, root.below());
            answer.putObject("bulkOperation").put("id", id).put("status", "CREATED");
            answer.putArray("userErrors");
        }
        return Selection.pick(answer, mutation.below());
    }

    private static void refuse(ObjectNode answer, String code, String message) {
        answer.putArray("userErrors")
                .addObject()
                .putNull("field")
                .put("code", code)
                .put("message", message);
    }

    synchronized JsonNode state(Selection node, String origin) {
        String id = node.arguments().getOrDefault("id", JSON.nullNode()).asText();
        if (!id.matches(PREFIX + "\\d{20}")) {
            return JSON.nullNode();
        }
        int times = asked.merge(id, 1, Integer::sum);
        boolean complete = times > 2 || !wanted.containsKey(id);
        String number = id.substring(PREFIX.length());
        ObjectNode state = JSON.createObjectNode();
        state.put("id", id).put("status", complete ? "COMPLETED" : times == 1 ? "CREATED" : "RUNNING");
        state.putNull("errorCode");
        state.put("createdAt", "2026-04-01T00:10:00Z");
        state.put("completedAt", complete ? "2026-04-01T00:11:10Z" : null);
        long rows = complete ? rows(number, Scope.WHOLE).size() : 0;
        state.put("objectCount", Long.toString(rows * 2)).put("rootObjectCount", Long.toString(rows));
        state.put("fileSize", complete ? "1024" : null);
        state.put("url", complete && rows > 0 ? origin + "/bulk-files/" + number + "?signature=x" : null);
        state.putNull("partialDataUrl");
        return Selection.pick(state, node.below());
    }

    synchronized Answer file(String number, Scope shop) {
        if (!number.matches("\\d{20}")) {
            throw new Refusal("not_found");
        }
        List<Selection> fields = fields(wanted.getOrDefault(PREFIX + number, List.of()));
        JsonBuffer out = new JsonBuffer(1 << 16);
        for (Row row : rows(number, shop)) {
            ObjectNode order = (ObjectNode) Selection.pick(lists.record("orders", row), fields);
            JsonNode lines = order.remove("lineItems");
            out.raw(order.toString()).raw('\n');
            for (JsonNode edge : lines == null ? List.<JsonNode>of() : lines.path("edges")) {
                ObjectNode line = ((ObjectNode) edge.path("node")).deepCopy();
                line.put("__parentId", order.path("id").asText());
                out.raw(line.toString()).raw('\n');
            }
        }
        return new Answer(200, Map.of("Content-Type", "application/jsonl"), out);
    }

    /** What a file of all orders has, with every field. */
    List<Kept> kept(Scope shop) {
        List<Kept> kept = new ArrayList<>();
        Rows rows = lists.rows("orders", shop);
        for (Row row : rows.pick(0, rows.size(), false, any -> true, Long.MAX_VALUE)) {
            ObjectNode order = (ObjectNode) lists.record("orders", row);
            String id = order.path("id").asText();
            JsonNode lines = order.remove("lineItems");
            kept.add(new Kept(shop.name(), id, JsonBuffer.of(order.toString())));
            for (JsonNode edge : lines.path("edges")) {
                ObjectNode line = ((ObjectNode) edge.path("node")).put("__parentId", id);
                kept.add(new Kept(shop.name(), id, JsonBuffer.of(line.toString())));
            }
        }
        return kept;
    }

    private List<Row> rows(String number, Scope shop) {
        Rows rows = lists.rows("orders", shop);
        long from = rows.firstAtOrAfter(Long.parseLong(number.substring(0, 10)));
        long to = rows.firstAtOrAfter(Long.parseLong(number.substring(10)));
        return rows.pick(from, to, false, row -> true, Long.MAX_VALUE);
    }

    /** What is picked of a node; all of it for an operation of an earlier sandbox. */
    private static List<Selection> fields(List<Selection> connection) {
        return connection.stream()
                .flatMap(edges -> edges.below().stream())
                .filter(node -> node.name().equals("node"))
                .flatMap(node -> node.below().stream())
                .toList();
    }
}
