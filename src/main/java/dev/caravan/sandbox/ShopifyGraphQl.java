package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Shopify's GraphQL: connections with cursors, a price for each query, and failures that are answered with 200. */
final class ShopifyGraphQl {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern TERM = Pattern.compile("(\\w+):(>=|<=|>|<)?'?([^'\\s]+)'?");
    private static final Pattern ROOT = Pattern.compile("\\{\\s*(\\w+)");

    private final VendorFile file;
    private final ShopifyLists lists;
    private final ShopifyBulk bulk;
    private final Bucket points;
    private final boolean limits;
    private final double most;

    ShopifyGraphQl(VendorFile file, ShopifyLists lists, ShopifyBulk bulk, SandboxOptions options) {
        this.file = file;
        this.lists = lists;
        this.bulk = bulk;
        JsonNode numbers = file.part("limits");
        this.limits = options.limits();
        this.most = numbers.path("most-points").asDouble();
        this.points = new Bucket(
                numbers.path("points").asDouble(), numbers.path("restore").asDouble(), options.clock());
    }

    void reset() {
        points.clear();
    }

    /** The stream that a body asks for, or empty text. */
    static String stream(String body) {
        Matcher root = ROOT.matcher(body.replace("{\"query\"", "").replace("\\n", " "));
        String name = root.find() ? root.group(1) : "";
        return name.equals("bulkOperationRunQuery") || name.equals("node") ? ShopifyApi.ORDERS_BULK : name;
    }

    Answer answer(JsonNode body, Scope shop, String origin) {
        if (!body.path("query").isTextual()) {
            throw new Refusal("not_json");
        }
        GraphQl.Operation operation = operation(body);
        Selection root = operation.fields().get(0);
        double asked = cost(root);
        if (asked > most) {
            throw refused(
                    "MAX_COST_EXCEEDED",
                    "Query cost is %.0f, which exceeds the single query max cost limit (%.0f).".formatted(asked, most));
        }
        ObjectNode answer = JSON.createObjectNode();
        if (limits && !points.take(asked)) {
            answer.putArray("errors")
                    .addObject()
                    .put("message", "Throttled")
                    .putObject("extensions")
                    .put("code", "THROTTLED")
                    .put("documentation", "https://shopify.dev/api/usage/rate-limits");
            return written(priced(answer, asked, null));
        }
        ObjectNode data = answer.putObject("data");
        double actual = answer(operation, root, data, shop, origin);
        if (limits) {
            points.giveBack(Math.max(0, asked - actual));
        }
        return written(priced(answer, asked, actual));
    }

    private double answer(GraphQl.Operation operation, Selection root, ObjectNode data, Scope shop, String origin) {
        if (operation.type().equals("mutation") && root.name().equals("bulkOperationRunQuery")) {
            data.set(root.name(), bulk.submit(root, span(filter(bulk.root(root)))));
            return 10;
        }
        if (root.name().equals("node")) {
            data.set("node", bulk.state(root, origin));
            return 1;
        }
        ObjectNode connection = connection(root, shop);
        data.set(root.name(), connection);
        double first = root.arguments().getOrDefault("first", JSON.nullNode()).asDouble();
        return cost(root) * connection.path("edges").size() / first;
    }

    private GraphQl.Operation operation(JsonNode body) {
        try {
            GraphQl.Operation operation = GraphQl.parse(body.path("query").asText(), body.path("variables"));
            if (operation.fields().size() != 1) {
                throw new IllegalArgumentException("the sandbox imitates operations of one field");
            }
            return operation;
        } catch (IllegalArgumentException e) {
            throw refused("parseError", String.valueOf(e.getMessage()));
        }
    }

    private ObjectNode connection(Selection root, Scope shop) {
        if (!file.part("roots").has(root.name())) {
            throw refused("undefinedField", "Field '%s' doesn't exist on type 'QueryRoot'".formatted(root.name()));
        }
        long first = root.arguments().getOrDefault("first", JSON.nullNode()).asLong();
        if (first < 1 || first > 250) {
            throw refused("BAD_REQUEST", "you must provide one of first or last, from 1 to 250");
        }
        if (!root.arguments().getOrDefault("sortKey", JSON.nullNode()).asText().equals("UPDATED_AT")) {
            throw refused("BAD_REQUEST", "the sandbox imitates sortKey: UPDATED_AT only");
        }
        Rows rows = lists.rows(root.name(), shop);
        long[] span = span(filter(root));
        long from = rows.firstAtOrAfter(span[0]);
        long to = Math.max(from, rows.firstAtOrAfter(span[1]));
        JsonNode after = root.arguments().getOrDefault("after", JSON.nullNode());
        if (!after.isNull()) {
            from = Math.max(from, position(rows, after.asText()));
        }
        List<Row> page = rows.pick(from, to, false, row -> true, first);
        ObjectNode connection = JSON.createObjectNode();
        ArrayNode edges = connection.putArray("edges");
        ArrayNode nodes = connection.putArray("nodes");
        for (Row row : page) {
            JsonNode record = lists.record(root.name(), row);
            edges.addObject().put("cursor", cursor(row)).set("node", record);
            nodes.add(record);
        }
        ObjectNode info = connection.putObject("pageInfo");
        info.put("hasNextPage", from + page.size() < to).put("hasPreviousPage", !after.isNull());
        info.put("startCursor", page.isEmpty() ? null : cursor(page.get(0)));
        info.put("endCursor", page.isEmpty() ? null : cursor(page.get(page.size() - 1)));
        try {
            return (ObjectNode) Selection.pick(connection, root.below());
        } catch (Selection.UnknownFieldException e) {
            throw refused(
                    "undefinedField",
                    "Field '%s' doesn't exist on type '%s'"
                            .formatted(
                                    e.field(),
                                    file.part("roots").path(root.name()).asText()));
        }
    }

    private static String filter(Selection root) {
        return root.arguments().getOrDefault("query", JSON.nullNode()).asText("");
    }

    /** First second and the one behind the last; what is no {@code updated_at} is ignored, as Shopify does. */
    private static long[] span(String filter) {
        long[] span = {0, Long.MAX_VALUE};
        Matcher term = TERM.matcher(filter.equals("null") ? "" : filter);
        while (term.find()) {
            if (term.group(1).equals("updated_at")) {
                long second = second(term.group(3));
                switch (String.valueOf(term.group(2))) {
                    case ">=" -> span[0] = Math.max(span[0], second);
                    case ">" -> span[0] = Math.max(span[0], second + 1);
                    case "<" -> span[1] = Math.min(span[1], second);
                    case "<=" -> span[1] = Math.min(span[1], second + 1);
                    default -> span = new long[] {second, second + 1};
                }
            }
        }
        return span;
    }

    private static long second(String time) {
        try {
            return Instant.parse(time).getEpochSecond();
        } catch (DateTimeException e) {
            throw refused("BAD_REQUEST", "Invalid value for updated_at: " + time);
        }
    }

    private static String cursor(Row row) {
        String json = "{\"last_id\":%d,\"last_value\":%d}".formatted(row.index(), row.time());
        return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private static long position(Rows rows, String cursor) {
        try {
            JsonNode last = JSON.readTree(Base64.getDecoder().decode(cursor));
            return ShopifyLists.behind(
                    rows, last.path("last_value").asLong(), last.path("last_id").asLong());
        } catch (IOException | IllegalArgumentException e) {
            throw refused("INVALID_CURSOR", "Invalid cursor for current pagination sort.");
        }
    }

    /** Two points, and one for ten objects of each connection that is asked for. */
    private static double cost(Selection field) {
        double below = field.below().stream().mapToDouble(ShopifyGraphQl::cost).sum();
        double first = field.arguments().getOrDefault("first", JSON.nullNode()).asDouble();
        return first > 0 ? 2 + first / 10 * (1 + below) : below;
    }

    private ObjectNode priced(ObjectNode answer, double asked, @org.jspecify.annotations.Nullable Double actual) {
        ObjectNode cost = answer.putObject("extensions").putObject("cost");
        cost.put("requestedQueryCost", Math.round(asked));
        cost.put("actualQueryCost", actual == null ? null : Math.round(actual));
        cost.putObject("throttleStatus")
                .put("maximumAvailable", points.brim())
                .put("currentlyAvailable", limits ? Math.floor(points.left()) : points.brim())
                .put("restoreRate", points.perSecond());
        return answer;
    }

    private static Answer written(ObjectNode answer) {
        return Answer.json(200, JsonBuffer.of(answer.toString()));
    }

    static Refusal refused(String code, String message) {
        return new Refusal("graphql", Map.of("code", code, "message", message));
    }
}
