package dev.caravan.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.caravan.testkit.MutableClock;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShopifyApiTest {
    private static final String API = "/admin/api/2026-10";
    private static final String ORDERS =
            "query Q($cursor: String, $filter: String) { orders(first: 100, after: $cursor, query: $filter, sortKey: UPDATED_AT)"
                    + " { edges { cursor node { %s } } pageInfo { hasNextPage endCursor } } }";

    private final MutableClock clock = new MutableClock("2026-05-01T00:00:00Z");
    private final Sandbox sandbox =
            Sandbox.start(SandboxOptions.defaults().withRows(300).withLimits(clock));
    private final Caller shop = shop("sandbox-shop");

    private Caller shop(String name) {
        return Caller.of(sandbox, name + ".myshopify.com", "X-Shopify-Access-Token", "shpat_sandbox");
    }

    @AfterEach
    void stop() {
        sandbox.close();
    }

    @Test
    void aNextAddressOfRestToleratesNoFilterBesideItsPageInfo() {
        HttpResponse<String> first = shop.get(API + "/orders.json?status=any&limit=250");
        String link = first.headers().firstValue("Link").orElse("");
        assertThat(link).contains("rel=\"next\"").doesNotContain("previous");
        URI next = URI.create(link.substring(1, link.indexOf('>')));
        assertThat(next.getQuery()).contains("page_info=").doesNotContain("status");

        HttpResponse<String> last = shop.send(next, "GET");
        assertThat(Caller.parsed(last).path("orders")).hasSize(50);
        assertThat(last.headers().firstValue("Link").orElse(""))
                .contains("rel=\"previous\"")
                .doesNotContain("next");
        HttpResponse<String> mixed = shop.send(URI.create(next + "&status=any"), "GET");
        assertThat(mixed.statusCode()).isEqualTo(400);
        assertThat(mixed.body()).contains("status cannot be passed when page_info is present");
        assertThat(shop.json(API + "/orders.json?limit=250").path("orders").size())
                .as("open orders only")
                .isBetween(100, 250);
    }

    @Test
    void aShortOfCallsAnswers429WithADecimalWait() {
        for (int i = 0; i < 40; i++) {
            assertThat(shop.get(API + "/products.json?limit=1").statusCode()).isEqualTo(200);
        }
        HttpResponse<String> refused = shop.get(API + "/products.json?limit=1");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("Retry-After")).hasValue("2.0");
        clock.move(java.time.Duration.ofSeconds(1));
        assertThat(shop.get(API + "/products.json?limit=1").headers().firstValue("X-Shopify-Shop-Api-Call-Limit"))
                .hasValue("39/40");
    }

    @Test
    void graphQlListsEveryOrderOnceWithWhatIsPicked() {
        List<String> ids = new ArrayList<>();
        JsonNode cursor = NullNode.getInstance();
        JsonNode connection;
        do {
            connection = graphQl(
                            ORDERS.formatted(
                                    "id updatedAt customer { id } lineItems(first: 2) { edges { node { sku } } }"),
                            cursor,
                            null)
                    .at("/data/orders");
            connection.path("edges").forEach(edge -> ids.add(edge.at("/node/id").asText()));
            assertThat(connection.at("/edges/0/node").size()).isEqualTo(4);
            cursor = connection.at("/pageInfo/endCursor");
        } while (connection.at("/pageInfo/hasNextPage").asBoolean());
        assertThat(ids).hasSize(300).doesNotHaveDuplicates();
    }

    @Test
    void graphQlFiltersByTheLastChange() {
        String filter = "updated_at:>='2026-01-01T00:00:00Z' AND updated_at:<'2026-01-31T00:00:00Z'";
        JsonNode edges = graphQl(ORDERS.formatted("updatedAt"), null, filter).at("/data/orders/edges");
        assertThat(edges).hasSize(100);
        assertThat(edges)
                .allSatisfy(
                        edge -> assertThat(edge.at("/node/updatedAt").asText()).startsWith("2026-01"));
    }

    @ParameterizedTest
    @CsvSource({
        "id foo, Field 'foo' doesn't exist on type 'Order'",
        "id { , 'syntax error'",
    })
    void aWrongQueryIsAnsweredWith200AndErrors(String fields, String message) {
        HttpResponse<String> answer = post(shop, ORDERS.formatted(fields), Map.of());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(Caller.parsed(answer).at("/errors/0/message").asText()).contains(message);
        assertThat(Caller.parsed(answer).has("data")).isFalse();
    }

    @Test
    void aQueryThatThePointsDoNotCoverIsThrottledWith200() {
        JsonNode answer = graphQl(ORDERS.formatted("id"), null, null);
        assertThat(answer.at("/extensions/cost/requestedQueryCost").asInt()).isEqualTo(12);
        for (int i = 0; i < 3 && !answer.has("errors"); i++) {
            answer = graphQl(
                    ORDERS.replace("first: 100", "first: 250")
                            .formatted("lineItems(first: 250) { edges { node { sku } } }"),
                    null,
                    null);
        }
        assertThat(answer.at("/errors/0/extensions/code").asText()).isEqualTo("THROTTLED");
        assertThat(answer.at("/extensions/cost/throttleStatus/currentlyAvailable")
                        .asDouble())
                .isLessThan(answer.at("/extensions/cost/requestedQueryCost").asDouble());
    }

    @Test
    void aBulkOperationHasItsOrdersAndTheirLinesInAFile() {
        String run =
                "mutation Run($q: String!) { bulkOperationRunQuery(query: $q) { bulkOperation { id status } userErrors { code message } } }";
        String inner = "{ orders(query: \"updated_at:<'2026-02-01T00:00:00Z'\") { edges { node { id updatedAt"
                + " lineItems { edges { node { id sku } } } } } } }";
        String id = Caller.parsed(post(shop, run, Map.of("q", inner)))
                .at("/data/bulkOperationRunQuery/bulkOperation/id")
                .asText();
        String poll = "query P($id: ID!) { node(id: $id) { ... on BulkOperation { status url } } }";
        JsonNode state = NullNode.getInstance();
        List<String> states = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            state = Caller.parsed(post(shop, poll, Map.of("id", id))).at("/data/node");
            states.add(state.path("status").asText());
        }
        assertThat(states).containsExactly("CREATED", "RUNNING", "COMPLETED");
        List<String> lines = shop.send(URI.create(state.path("url").asText()), "GET")
                .body()
                .lines()
                .toList();
        assertThat(lines).hasSizeGreaterThan(100);
        assertThat(lines.get(0)).contains("\"updatedAt\"").doesNotContain("lineItems");
        assertThat(lines.get(1)).contains("\"__parentId\":\"gid://shopify/Order/");

        JsonNode refused = Caller.parsed(post(shop, run, Map.of("q", "{ shop { id } }")));
        assertThat(refused.at("/data/bulkOperationRunQuery/userErrors/0/code").asText())
                .isEqualTo("INVALID");
    }

    @Test
    void shopsTokensAndVersionsAreToldApart() {
        JsonNode ours = shop.json(API + "/customers.json?limit=1");
        assertThat(shop("other-shop").json(API + "/customers.json?limit=1")).isNotEqualTo(ours);
        HttpResponse<String> nobody = shop("nobodys-shop").get(API + "/customers.json?limit=1");
        assertThat(nobody.statusCode()).isEqualTo(404);
        assertThat(nobody.body()).isEqualTo("{\"errors\":\"Not Found\"}");
        assertThat(sandbox.imitates("Other-Shop.myshopify.com")).isTrue();
        assertThat(sandbox.imitates("nobodys-shop.myshopify.com")).isFalse();
        HttpResponse<String> old = shop.get("/admin/api/2024-01/customers.json?limit=1");
        assertThat(old.headers().firstValue("X-Shopify-API-Version")).hasValue("2026-01");
        assertThat(shop.with("X-Shopify-Access-Token", "shpat_wrong")
                        .get(API + "/customers.json")
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void faultsAreAimedAtOneOfTheStreamsOfAPath() {
        shop.control("POST fault?host=sandbox-shop.myshopify.com&stream=products&kind=refusal&name=throttled");
        assertThat(graphQl(ORDERS.formatted("id"), null, null).has("errors")).isFalse();
        assertThat(graphQl(ORDERS.replace("orders(", "products(").formatted("id"), null, null)
                        .at("/errors/0/message")
                        .asText())
                .isEqualTo("Throttled");
    }

    private JsonNode graphQl(String query, @Nullable JsonNode cursor, @Nullable String filter) {
        Map<String, Object> variables = new java.util.HashMap<>();
        variables.put("cursor", cursor == null ? NullNode.getInstance() : cursor);
        variables.put("filter", filter == null ? NullNode.getInstance() : filter);
        return Caller.parsed(post(shop, query, variables));
    }

    private static HttpResponse<String> post(Caller caller, String query, Map<String, ?> variables) {
        return caller.post(API + "/graphql.json", Map.of("query", query, "variables", variables));
    }
}
