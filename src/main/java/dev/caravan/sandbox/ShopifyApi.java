package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.StreamSupport;

/**
 * Shopify's Admin API: GraphQL with its points, bulk operations and their files, and the REST lists. The shops there are have a host
 * each in the file, and rows of their own; what is asked of another is not found. A version that has ended is answered by the oldest
 * one there is, as Shopify does.
 */
final class ShopifyApi implements Imitation {
    static final String ORDERS_BULK = "orders_bulk";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final VendorFile file;
    private final ShopifyLists lists;
    private final ShopifyGraphQl graphQl;
    private final ShopifyBulk bulk;
    private final Bucket calls;
    private final boolean limits;

    ShopifyApi(VendorFile file, SandboxOptions options) {
        this.file = file;
        JsonNode numbers = file.part("limits");
        this.limits = options.limits();
        this.calls = new Bucket(
                numbers.path("bucket").asDouble(), numbers.path("leak").asDouble(), options.clock());
        this.lists = new ShopifyLists(file);
        this.bulk = new ShopifyBulk(file, lists);
        this.graphQl = new ShopifyGraphQl(file, lists, bulk, options);
    }

    @Override
    public VendorFile file() {
        return file;
    }

    @Override
    public void reset() {
        file.reset();
        calls.clear();
        graphQl.reset();
        bulk.reset();
    }

    @Override
    public Scope scope(String name) {
        return name.isEmpty() || name.equals(file.part("shop").asText())
                ? Scope.WHOLE
                : new Scope(name, 1, -1, Map.of());
    }

    /** A bulk export has the orders, and behind each its lines. */
    @Override
    public List<Kept> kept(String stream) {
        return stream.equals(ORDERS_BULK)
                ? scopes("orders").stream()
                        .flatMap(shop -> bulk.kept(scope(shop)).stream())
                        .toList()
                : Imitation.super.kept(stream);
    }

    @Override
    public void edit(String stream, String scope, String id) {
        Imitation.super.edit(stream.equals(ORDERS_BULK) ? "orders" : stream, scope, id);
    }

    @Override
    public void append(String stream, String scope, int rows) {
        Imitation.super.append(stream.equals(ORDERS_BULK) ? "orders" : stream, scope, rows);
    }

    @Override
    public String stream(String path) {
        String last = path.substring(path.lastIndexOf('/') + 1);
        String table = last.replace(".json", "_rest");
        return last.endsWith(".json") && file.hasTable(table) ? table : "";
    }

    @Override
    public String stream(Ask ask) {
        return ask.path().endsWith("/graphql.json") ? ShopifyGraphQl.stream(ask.body()) : stream(ask.path());
    }

    @Override
    public boolean imitates(String host) {
        return file.hosts().contains(host);
    }

    @Override
    public Answer answer(Ask ask) {
        if (!imitates(ask.host().toLowerCase(Locale.ROOT))) {
            return file.refuse(new Refusal("no_shop"));
        }
        List<String> segments = ask.segments();
        return Imitation.super
                .answer(ask)
                .with("X-Shopify-API-Version", isVersioned(segments) ? served(segments.get(2)) : "");
    }

    private static boolean isVersioned(List<String> segments) {
        return segments.size() > 3
                && segments.get(0).equals("admin")
                && segments.get(1).equals("api");
    }

    @Override
    public Answer accepted(Ask ask) {
        List<String> segments = ask.segments();
        List<String> resource = isVersioned(segments) ? segments.subList(3, segments.size()) : segments;
        Scope shop = scope(ask.host().substring(0, Math.max(0, ask.host().indexOf('.'))));
        if (resource.size() == 2
                && resource.get(0).equals("bulk-files")
                && ask.method().equals("GET")) {
            return bulk.file(resource.get(1), shop); // a signed address, which needs no token
        }
        if (!ask.header("X-Shopify-Access-Token").orElse("").equals(file.credential())) {
            throw new Refusal("wrong_key");
        }
        if (resource.size() != 1) {
            throw new Refusal("not_found");
        }
        if (resource.get(0).equals("graphql.json")) {
            if (!ask.method().equals("POST")) {
                throw new Refusal("not_found");
            }
            return graphQl.answer(body(ask), shop, ask.origin());
        }
        String table = stream(ask.path());
        if (table.isEmpty() || !ask.method().equals("GET")) {
            throw new Refusal("not_found");
        }
        if (limits && !calls.take(1)) {
            throw new Refusal("rate_limit");
        }
        long used = limits ? (long) Math.ceil(calls.brim() - calls.left()) : 1;
        return lists.rest(ask, table, shop).with("X-Shopify-Shop-Api-Call-Limit", used + "/" + (long) calls.brim());
    }

    private static JsonNode body(Ask ask) {
        String type = ask.header("Content-Type").orElse("");
        if (!type.startsWith("application/json")) {
            throw new Refusal("not_json");
        }
        try {
            return JSON.readTree(ask.body());
        } catch (IOException e) {
            throw new Refusal("not_json");
        }
    }

    private String served(String version) {
        List<String> living = StreamSupport.stream(file.part("versions").spliterator(), false)
                .map(JsonNode::asText)
                .toList();
        return living.contains(version) ? version : living.get(0);
    }
}
