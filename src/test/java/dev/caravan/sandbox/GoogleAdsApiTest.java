package dev.caravan.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoogleAdsApiTest {
    private static final String SEARCH = "/v26/customers/1234567890/googleAds:search";
    private static final String MARCH = " WHERE segments.date BETWEEN '2026-03-01' AND '2026-03-31'";

    private final Sandbox sandbox = Sandbox.start(SandboxOptions.defaults());
    private final Caller ads = Caller.of(
            sandbox,
            "googleads.googleapis.com",
            "Authorization",
            "Bearer ya29.sandbox",
            "login-customer-id",
            "9998887776");

    @AfterEach
    void stop() {
        sandbox.close();
    }

    @Test
    void pagesRepeatTheQueryWithTheirToken() {
        String query = "SELECT campaign.id, segments.date, segments.device, metrics.cost_micros FROM campaign" + MARCH;
        List<String> rows = new ArrayList<>();
        Map<String, Object> body = new HashMap<>(Map.of("query", query));
        JsonNode page;
        do {
            page = Caller.parsed(ads.post(SEARCH, body));
            page.path("results").forEach(row -> rows.add(row.toString()));
            body.put("pageToken", page.path("nextPageToken").asText());
        } while (page.has("nextPageToken"));
        assertThat(rows).hasSize(4 * 31).doesNotHaveDuplicates();
        assertThat(rows.get(0)).contains("\"costMicros\":\"").doesNotContain("impressions");

        body.put("query", query.replace("2026-03-31", "2026-03-30"));
        body.put(
                "pageToken",
                Caller.parsed(ads.post(SEARCH, Map.of("query", query)))
                        .path("nextPageToken")
                        .asText());
        assertThat(ads.post(SEARCH, body).body()).contains("INVALID_PAGE_TOKEN");
    }

    @Test
    void thereAreNoResultsWhereThereAreNoRows() {
        String query = "SELECT video.id, segments.date FROM video WHERE segments.date = '2020-01-01'";
        assertThat(Caller.parsed(ads.post(SEARCH, Map.of("query", query))).fieldNames())
                .toIterable()
                .containsExactly("fieldMask");
    }

    @Test
    void rowsVanishAndAreRestated() {
        Map<String, String> query = Map.of(
                "query",
                "SELECT ad_group.id, segments.date, segments.device, metrics.conversions FROM ad_group WHERE segments.date = '2026-03-31'");
        JsonNode before = Caller.parsed(ads.post(SEARCH, query)).path("results");
        ads.control("POST edit?host=googleads.googleapis.com&stream=ad_group_daily&id=2026-03-31/0");
        ads.control("POST remove?host=googleads.googleapis.com&stream=ad_group_daily&id=2026-03-31/1");
        JsonNode after = Caller.parsed(ads.post(SEARCH, query)).path("results");
        assertThat(before).hasSize(2);
        assertThat(after).hasSize(1);
        assertThat(after.get(0).at("/metrics/conversions").asInt())
                .isGreaterThan(before.get(0).at("/metrics/conversions").asInt());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "SELECT campaign.nonsense FROM campaign; UNRECOGNIZED_FIELD",
                "SELECT campaign.id FROM nonsense; BAD_RESOURCE_TYPE_IN_FROM_CLAUSE",
                "campaign.id FROM campaign; UNEXPECTED_INPUT",
                "SELECT campaign.id FROM campaign WHERE campaign.id = 1 OR campaign.id = 2; EXPECTED_CONNECTOR",
            })
    void aWrongQueryIsAnErrorOfItsOwn(String query, String code) {
        HttpResponse<String> answer = ads.post(SEARCH, Map.of("query", query));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(Caller.parsed(answer)
                        .at("/error/details/0/errors/0/errorCode/queryError")
                        .asText())
                .isEqualTo(code);
    }

    @Test
    void managersVersionsAndBodiesAreChecked() {
        Map<String, Object> query = Map.of("query", "SELECT campaign.id, metrics.clicks FROM campaign");
        assertThat(ads.with("login-customer-id", "1234567890")
                        .post(SEARCH, query)
                        .body())
                .contains("USER_PERMISSION_DENIED");
        assertThat(ads.with("Authorization", "Bearer no").post(SEARCH, query).statusCode())
                .isEqualTo(401);
        assertThat(ads.post(SEARCH.replace("v26", "v20"), query).body()).contains("UNSUPPORTED_VERSION");
        assertThat(ads.post(SEARCH, Map.of("query", "SELECT campaign.id FROM campaign", "pageSize", 10))
                        .body())
                .contains("PAGE_SIZE_NOT_SUPPORTED");
        assertThat(ads.post(SEARCH.replace("1234567890", "9998887776"), query).body())
                .contains("REQUESTED_METRICS_FOR_MANAGER");
        assertThat(ads.post(
                                SEARCH.replace("1234567890", "9998887776"),
                                Map.of(
                                        "query",
                                        "SELECT customer_client.id, customer_client.manager FROM customer_client WHERE customer_client.status = 'ENABLED'"))
                        .body())
                .contains("\"id\":\"2345678901\"");
    }
}
