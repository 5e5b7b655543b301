package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/**
 * Google Ads' search: queries for an account that is reached through the manager that a header names, pages of a fixed size whose
 * token is good for the very query only, no {@code results} where there are none.
 */
final class GoogleAdsApi implements Imitation {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CLIENTS = "customer_clients";
    private static final String PMAX = "pmax_campaign_daily";
    private static final String SEARCH = "googleAds:search";

    private final VendorFile file;
    private final boolean limits;
    private final Listed customers;
    private final Quota operations;
    private final Quota perSecond;

    GoogleAdsApi(VendorFile file, SandboxOptions options) {
        this.file = file;
        this.customers = new Listed(file.part("customers"), "id", "descriptiveName");
        this.limits = options.limits();
        JsonNode numbers = file.part("limits");
        this.operations = Quota.sinceFirstUse(numbers.path("day").asDouble(), Duration.ofDays(1), options.clock());
        this.perSecond = Quota.round(numbers.path("per-second").asDouble(), Duration.ofSeconds(1), options.clock());
    }

    @Override
    public VendorFile file() {
        return file;
    }

    @Override
    public void reset() {
        file.reset();
        customers.reset();
        operations.clear();
        perSecond.clear();
    }

    /** An account; the first below the manager where none is named. */
    @Override
    public Scope scope(String name) {
        for (JsonNode customer : file.part("customers")) {
            String id = customer.path("id").asText();
            if (id.equals(name) || (name.isEmpty() && !customer.path("manager").asBoolean())) {
                return new Scope(
                        id,
                        1,
                        -1,
                        Map.of(
                                "customer", id,
                                "currency", customer.path("currencyCode").asText(),
                                "zone", customer.path("timeZone").asText()));
            }
        }
        throw new IllegalArgumentException("No such account: " + name);
    }

    @Override
    public String stream(String path) {
        return "";
    }

    private String table(String resource) {
        return file.part("resources").path(resource).asText();
    }

    /** Campaigns of Performance Max are those of one channel among all campaigns. */
    private static String table(String stream, String pmax) {
        return stream.equals(PMAX) ? pmax : stream;
    }

    @Override
    public List<String> scopes(String stream) {
        return file.scopes(table(stream, "campaign_daily"));
    }

    @Override
    public List<Kept> kept(String stream) {
        if (stream.equals(CLIENTS)) {
            return customers.kept(GoogleAdsApi::client);
        }
        List<Kept> rows = Imitation.super.kept(table(stream, "campaign_daily"));
        return stream.equals(PMAX)
                ? rows.stream()
                        .filter(row -> row.record().toString().contains("PERFORMANCE_MAX"))
                        .toList()
                : rows;
    }

    @Override
    public void edit(String stream, String scope, String id) {
        if (stream.equals(CLIENTS)) {
            customers.edit(id);
        } else {
            Imitation.super.edit(table(stream, "campaign_daily"), scope, id);
        }
    }

    @Override
    public void append(String stream, String scope, int rows) {
        throw new IllegalArgumentException("Each day has its rows; none can be added");
    }

    /** What a query is about, by its resource. */
    @Override
    public String stream(Ask ask) {
        try {
            Gaql query = Gaql.parse(body(ask).path("query").asText());
            boolean pmax =
                    query.conditions().stream().anyMatch(each -> each.value().equals("PERFORMANCE_MAX"));
            String resource = query.resource();
            return resource.equals("customer_client") ? CLIENTS : pmax ? PMAX : table(resource);
        } catch (Refusal refusal) {
            return "";
        }
    }

    @Override
    public Answer accepted(Ask ask) {
        return found(ask).with("request-id", "sandbox");
    }

    private Answer found(Ask ask) {
        if (!ask.credential().orElse("").equals(file.credential())) {
            throw new Refusal("unauthenticated");
        }
        List<String> segments = ask.segments();
        boolean known = StreamSupport.stream(file.part("versions").spliterator(), false)
                .anyMatch(version -> version.asText().equals(segments.isEmpty() ? "" : segments.get(0)));
        if (!known) {
            throw refused("UNSUPPORTED_VERSION", "The version is not supported.");
        }
        if (segments.size() == 2 && segments.get(1).equals("customers:listAccessibleCustomers")) {
            String root = file.part("root").asText();
            return Answer.json(200, JsonBuffer.of("{\"resourceNames\":[\"customers/" + root + "\"]}"));
        }
        if (segments.size() != 4
                || !segments.get(3).equals(SEARCH)
                || !ask.method().equals("POST")) {
            throw new Refusal("not_found");
        }
        JsonNode body = body(ask);
        if (limits && (!perSecond.take(1) || (!body.has("pageToken") && !operations.take(1)))) {
            throw new Refusal("exhausted");
        }
        return search(segments.get(2), ask, body);
    }

    private Answer search(String customer, Ask ask, JsonNode body) {
        if (!customer.matches("\\d{10}")) {
            throw refused("INVALID_CUSTOMER_ID", "Invalid customer ID '" + customer + "'.");
        }
        requireManager(customer, ask.header("login-customer-id").orElse(""));
        if (body.has("pageSize")) {
            throw refused("PAGE_SIZE_NOT_SUPPORTED", "Setting the page size is not supported.");
        }
        String text = body.path("query").asText();
        Gaql query = Gaql.parse(text);
        List<JsonNode> rows = rows(customer, query);
        int from = body.has("pageToken") ? position(body.path("pageToken").asText(), text) : 0;
        int to = Math.min(rows.size(), from + file.part("limits").path("page").asInt());
        ObjectNode answer = JSON.createObjectNode();
        if (from < to) {
            ArrayNode results = answer.putArray("results");
            rows.subList(from, to).forEach(row -> results.add(picked(row, query)));
        }
        if (to < rows.size()) {
            answer.put("nextPageToken", token(to, text));
        }
        answer.put("fieldMask", Gaql.camel(String.join(",", query.fields())));
        return Answer.json(200, JsonBuffer.of(answer.toString()));
    }

    /** An account below a manager is reached through it. */
    private void requireManager(String customer, String login) {
        String root = file.part("root").asText();
        boolean known = false;
        for (JsonNode each : file.part("customers")) {
            known |= each.path("id").asText().equals(customer);
        }
        if (!known || !(login.equals(root) || (login.isEmpty() && customer.equals(root)))) {
            throw new Refusal("permission");
        }
    }

    private List<JsonNode> rows(String customer, Gaql query) {
        List<JsonNode> rows = new ArrayList<>();
        if (query.resource().equals("customer_client")) {
            customers.rows().forEach(each -> rows.add(client(each)));
        } else if (file.part("resources").has(query.resource())) {
            String table = table(query.resource());
            Scope account = scope(customer);
            if (query.asksForMetrics() && manager(customer)) {
                throw Gaql.refused(
                        "REQUESTED_METRICS_FOR_MANAGER", "Metrics cannot be requested for a manager account.");
            }
            Rows all = file.list(table, account);
            for (Row row : all.pick(0, all.size(), false, row -> true, Long.MAX_VALUE)) {
                rows.add(file.tree(table, row));
            }
        } else {
            throw Gaql.refused("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", "The sandbox has no resource " + query.resource());
        }
        return rows.stream()
                .filter(row -> query.conditions().stream().allMatch(condition -> condition.holds(row)))
                .toList();
    }

    private static JsonNode client(JsonNode customer) {
        String id = customer.path("id").asText();
        ObjectNode client = ((ObjectNode) customer).deepCopy();
        client.put("clientCustomer", "customers/" + id).put("hidden", false).put("status", "ENABLED");
        client.put("testAccount", false);
        ObjectNode row = JSON.createObjectNode();
        row.set("customerClient", client);
        return row;
    }

    private boolean manager(String customer) {
        for (JsonNode each : file.part("customers")) {
            if (each.path("id").asText().equals(customer)) {
                return each.path("manager").asBoolean();
            }
        }
        return false;
    }

    private static JsonNode picked(JsonNode row, Gaql query) {
        try {
            return Selection.pick(row, query.selection());
        } catch (Selection.UnknownFieldException e) {
            throw Gaql.refused("UNRECOGNIZED_FIELD", "Unrecognized field in the query: '%s'.".formatted(e.field()));
        }
    }

    private static JsonNode body(Ask ask) {
        try {
            return JSON.readTree(ask.body().isEmpty() ? "{}" : ask.body());
        } catch (IOException e) {
            throw refused("UNKNOWN", "Invalid JSON payload received.");
        }
    }

    private static String token(int position, String query) {
        String text = position + ":" + Long.toHexString(Hash.of(query));
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static int position(String token, String query) {
        try {
            String text = new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            if (text.substring(colon + 1).equals(Long.toHexString(Hash.of(query)))) {
                return Integer.parseInt(text.substring(0, colon));
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            // Not one of ours, as below.
        }
        throw refused("INVALID_PAGE_TOKEN", "The page token is invalid.");
    }

    private static Refusal refused(String code, String message) {
        return new Refusal("failure", Map.of("code", code, "message", message));
    }
}
