package dev.caravan.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import dev.caravan.testkit.MutableClock;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StripeApiTest {
    private static final String HOST = "api.stripe.com";
    private static final String KEY = "Bearer sk_test_sandbox";
    private static Sandbox sandbox;
    private static Caller stripe;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(SandboxOptions.defaults());
        stripe = Caller.of(sandbox, HOST, "Authorization", KEY);
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    @ParameterizedTest
    @CsvSource({"charges,2500", "balance_transactions,2500", "customers,500", "events,500"})
    void everyRowIsListedOnceNewestFirst(String list, int rows) {
        List<JsonNode> records = walk(stripe, "/v1/" + list + "?limit=100");

        VendorFile file = VendorFile.read("stripe", 2_500, Clock.systemUTC());
        List<String> expected = LongStream.range(0, rows)
                .mapToObj(index -> file.id(list, Scope.WHOLE, rows - 1 - index))
                .toList();
        assertThat(records).extracting(record -> record.path("id").asText()).isEqualTo(expected);
        assertThat(records)
                .extracting(record -> record.path("created").asLong())
                .isSortedAccordingTo(Collections.reverseOrder());
    }

    @Test
    void windowsPartitionTheRows() {
        long day = 86_400;
        List<String> ids = new ArrayList<>();
        for (long from = Sandbox.FIRST_DAY.getEpochSecond();
                from < Sandbox.LAST_DAY_END.getEpochSecond();
                from += 9 * day) {
            String window = "&created%5Bgte%5D=" + from + "&created[lt]=" + (from + 9 * day);
            walk(stripe, "/v1/charges?limit=100" + window)
                    .forEach(record -> ids.add(record.path("id").asText()));
        }

        assertThat(ids).hasSize(2_500).doesNotHaveDuplicates();
    }

    @Test
    void boundsIncludeAndExcludeAsTheyAreNamed() {
        JsonNode third = stripe.json("/v1/charges?limit=3").path("data").path(2);
        long created = third.path("created").asLong();

        assertThat(first("created[lte]=" + created)).isEqualTo(third.path("id").asText());
        assertThat(first("created[lt]=" + created))
                .isNotEqualTo(third.path("id").asText());
        assertThat(stripe.json("/v1/charges?created[gte]=" + created).path("data"))
                .hasSize(3);
        assertThat(stripe.json("/v1/charges?created[gt]=" + created).path("data"))
                .hasSize(2);
        assertThat(stripe.json("/v1/charges?created=" + created).path("data")).hasSize(1);
    }

    @Test
    void endingBeforeIsThePageOnTheOtherSide() {
        JsonNode six = stripe.json("/v1/charges?limit=6").path("data");
        String sixth = six.path(5).path("id").asText();
        JsonNode page = stripe.json("/v1/charges?limit=2&ending_before=" + sixth);

        assertThat(page.path("data").path(0)).isEqualTo(six.path(3));
        assertThat(page.path("data").path(1)).isEqualTo(six.path(4));
        assertThat(page.path("has_more").asBoolean()).isTrue();
    }

    @Test
    void theEnvelopeAndHeadersAreStripes() {
        HttpResponse<String> response =
                stripe.with("Stripe-Version", "2022-11-15").get("/v1/charges");

        JsonNode page = Caller.parsed(response);
        assertThat(page.path("object").asText()).isEqualTo("list");
        assertThat(page.path("url").asText()).isEqualTo("/v1/charges");
        assertThat(page.path("data")).hasSize(10);
        assertThat(response.headers().firstValue("Request-Id")).isPresent();
        assertThat(response.headers().firstValue("Stripe-Version")).hasValue("2022-11-15");
    }

    @Test
    void recordsBelongTogether() {
        JsonNode transactions = stripe.json("/v1/balance_transactions?limit=100&type=charge");
        for (JsonNode transaction : transactions.path("data")) {
            JsonNode charge =
                    stripe.json("/v1/charges/" + transaction.path("source").asText());
            assertThat(charge.path("balance_transaction")).isEqualTo(transaction.path("id"));
            assertThat(charge.path("amount")).isEqualTo(transaction.path("amount"));
            assertThat(charge.path("currency")).isEqualTo(transaction.path("currency"));
            assertThat(charge.path("created")).isEqualTo(transaction.path("created"));
            assertThat(transaction.path("net").asLong())
                    .isEqualTo(transaction.path("amount").asLong()
                            - transaction.path("fee").asLong());
        }
        assertThat(transactions.path("data")).hasSize(100);
    }

    @Test
    void recordsVary() {
        List<JsonNode> charges = walk(stripe, "/v1/charges?limit=100");

        assertThat(charges).extracting(record -> record.path("status").asText()).contains("succeeded", "failed");
        assertThat(charges)
                .extracting(record -> record.path("customer").getNodeType())
                .contains(JsonNodeType.NULL, JsonNodeType.STRING);
        assertThat(charges)
                .extracting(
                        record -> record.path("billing_details").path("name").asText())
                .anyMatch(name -> name.contains("明子"))
                .anyMatch(name -> name.contains("’"));
        assertThat(charges).anyMatch(record -> record.path("amount_refunded").asLong() > 0);
    }

    @Test
    void filtersNarrowAList() {
        String customer = walk(stripe, "/v1/charges?limit=100").stream()
                .map(record -> record.path("customer").asText("null"))
                .filter(id -> !id.equals("null"))
                .findFirst()
                .orElseThrow();

        assertThat(walk(stripe, "/v1/charges?limit=2&customer=" + customer))
                .isNotEmpty()
                .allMatch(record -> record.path("customer").asText().equals(customer));
        assertThat(walk(stripe, "/v1/events?limit=100&type=customer.*"))
                .isNotEmpty()
                .allMatch(record -> record.path("data")
                        .path("object")
                        .path("object")
                        .asText()
                        .equals("customer"));
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/charges?limit=101,400,param,limit",
        "/v1/charges?limit=0,400,param,limit",
        "/v1/charges?limit=many,400,code,parameter_invalid_integer",
        "/v1/charges?created[gte]=2026-01-01,400,code,parameter_invalid_integer",
        "/v1/charges?starting_after=ch_x,400,code,resource_missing",
        "/v1/charges?page=2,400,code,parameter_unknown",
        "/v1/charges/ch_x,404,code,resource_missing",
        "/v1/nothing,404,type,invalid_request_error"
    })
    void refusesAsStripeDoes(String path, int status, String field, String value) {
        HttpResponse<String> response = stripe.get(path);

        assertThat(response.statusCode()).isEqualTo(status);
        JsonNode error = Caller.parsed(response).path("error");
        assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
        assertThat(error.path("message").asText()).isNotEmpty();
        assertThat(error.path(field).asText()).isEqualTo(value);
    }

    @Test
    void asksForTheKey() {
        assertThat(Caller.of(sandbox, HOST).get("/v1/charges").statusCode()).isEqualTo(401);
        HttpResponse<String> wrong =
                stripe.with("Authorization", "Bearer sk_live_other").get("/v1/charges");
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(Caller.parsed(wrong).path("error").path("type").asText()).isEqualTo("invalid_request_error");
        assertThat(wrong.body()).doesNotContain("sk_live_other");
        assertThat(stripe.with("Authorization", "Basic c2tfdGVzdF9zYW5kYm94Og==")
                        .get("/v1/charges")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void limitsRequestsASecondWhenToldTo() {
        MutableClock clock = new MutableClock("2026-05-01T12:00:00Z");
        try (Sandbox limited = Sandbox.start(SandboxOptions.defaults().withLimits(clock))) {
            Caller caller = Caller.of(limited, HOST, "Authorization", KEY);
            for (int i = 0; i < 25; i++) {
                assertThat(caller.get("/v1/charges?limit=1").statusCode()).isEqualTo(200);
            }
            HttpResponse<String> refused = caller.get("/v1/charges?limit=1");
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(Caller.parsed(refused).path("error").path("code").asText())
                    .isEqualTo("rate_limit");
            assertThat(refused.headers().firstValue("Stripe-Rate-Limited-Reason"))
                    .isPresent();
            assertThat(refused.headers().firstValue("Retry-After")).isEmpty();
            clock.move(Duration.ofSeconds(1));
            assertThat(caller.get("/v1/charges?limit=1").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void eventsGoBackThirtyDays() {
        List<JsonNode> events = walk(stripe, "/v1/events?limit=100");

        long first = events.get(events.size() - 1).path("created").asLong();
        assertThat(first)
                .isGreaterThanOrEqualTo(
                        Sandbox.LAST_DAY_END.minus(Duration.ofDays(30)).getEpochSecond());
    }

    @Test
    void twoSandboxesAnswerAlike() {
        try (Sandbox other = Sandbox.start(SandboxOptions.defaults())) {
            Caller caller = Caller.of(other, HOST, "Authorization", KEY);
            for (String list : List.of("charges", "balance_transactions", "customers", "events")) {
                String path = "/v1/" + list + "?limit=100";
                assertThat(caller.get(path).body()).isEqualTo(stripe.get(path).body());
            }
        }
    }

    @Test
    void manyRowsTakeNoMemory() {
        try (Sandbox large = Sandbox.start(SandboxOptions.defaults().withRows(10_000_000_000L))) {
            JsonNode page = Caller.of(large, HOST, "Authorization", KEY).json("/v1/charges?limit=100");
            String last = page.path("data").path(99).path("id").asText();
            JsonNode next = Caller.of(large, HOST, "Authorization", KEY)
                    .json("/v1/charges?limit=100&created[lt]=1770000000&starting_after=" + last);
            assertThat(next.path("data")).hasSize(100);
        }
    }

    @Test
    void twoHundredThousandRowsAreWalked() {
        try (Sandbox large = Sandbox.start(SandboxOptions.defaults().withRows(200_000))) {
            Caller caller = Caller.of(large, HOST, "Authorization", KEY);
            Set<String> ids = new HashSet<>();
            String after = "";
            boolean more = true;
            while (more) {
                String body =
                        caller.get("/v1/balance_transactions?limit=100" + after).body();
                more = body.contains("\"has_more\":true");
                int at = body.indexOf("{\"id\":\"txn_");
                while (at > 0) {
                    String id = body.substring(at + 7, body.indexOf('"', at + 7));
                    ids.add(id);
                    after = "&starting_after=" + id;
                    at = body.indexOf("{\"id\":\"txn_", at + 1);
                }
            }
            assertThat(ids).hasSize(200_000);
        }
    }

    static List<JsonNode> walk(Caller caller, String path) {
        List<JsonNode> records = new ArrayList<>();
        JsonNode page = caller.json(path);
        page.path("data").forEach(records::add);
        while (page.path("has_more").asBoolean()) {
            String last = records.get(records.size() - 1).path("id").asText();
            page = caller.json(path + "&starting_after=" + last);
            page.path("data").forEach(records::add);
        }
        return records;
    }

    private static String first(String filter) {
        return stripe.json("/v1/charges?limit=1&" + filter)
                .path("data")
                .path(0)
                .path("id")
                .asText();
    }
}
