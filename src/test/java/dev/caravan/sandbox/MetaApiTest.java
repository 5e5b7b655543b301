package dev.caravan.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testkit.MutableClock;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetaApiTest {
    private static final String ACCOUNT = "/v26.0/act_100200300400501";
    private static final String DAY =
            "&time_increment=1&time_range=" + json("{\"since\":\"2026-03-31\",\"until\":\"2026-03-31\"}");

    private final MutableClock clock = new MutableClock("2026-05-01T00:00:00Z");
    private final Sandbox sandbox =
            Sandbox.start(SandboxOptions.defaults().withRows(600).withLimits(clock));
    private final Caller meta = Caller.of(sandbox, "graph.facebook.com", "Authorization", "Bearer EAAB_sandbox");

    @AfterEach
    void stop() {
        sandbox.close();
    }

    @Test
    void listsHaveACursorOnEveryPageAndANextAddressOnAllButTheLast() {
        String all = "&effective_status=" + json("[\"ACTIVE\",\"CAMPAIGN_PAUSED\",\"ARCHIVED\"]");
        List<String> ids = new ArrayList<>();
        JsonNode page = meta.json(ACCOUNT + "/adsets?fields=id&limit=10" + all);
        while (true) {
            page.path("data").forEach(row -> ids.add(row.path("id").asText()));
            assertThat(page.at("/paging/cursors/after").asText()).isNotEmpty();
            if (!page.path("paging").has("next")) {
                break;
            }
            assertThat(page.at("/paging/next").asText()).contains("access_token=EAAB_sandbox");
            page = Caller.parsed(meta.send(URI.create(page.at("/paging/next").asText()), "GET"));
        }
        assertThat(ids).hasSize(24).doesNotHaveDuplicates();
        assertThat(meta.json(ACCOUNT + "/adsets?limit=100").path("data").size())
                .as("without what is archived")
                .isLessThan(24);
        assertThat(meta.json(ACCOUNT + "/adsets").at("/data/0")).hasSize(1);
    }

    @Test
    void aReportIsDoneWhenItSaysSoAndIsAtAHundredPercent() {
        HttpResponse<String> submitted = meta.post(
                ACCOUNT + "/insights",
                Map.of(
                        "level",
                        "ad",
                        "time_increment",
                        1,
                        "fields",
                        List.of("ad_id", "spend", "date_start"),
                        "time_range",
                        Map.of("since", "2026-03-01", "until", "2026-03-02")));
        String id = Caller.parsed(submitted).path("report_run_id").asText();
        assertThat(meta.get("/v26.0/" + id + "/insights").statusCode()).isEqualTo(400);
        JsonNode state;
        List<String> states = new ArrayList<>();
        do {
            state = meta.json("/v26.0/" + id);
            states.add(state.path("async_status").asText() + " " + state.path("async_percent_completion"));
        } while (!states.get(states.size() - 1).equals("Job Completed 100"));
        assertThat(states).contains("Job Not Started 0", "Job Running 100");
        assertThat(meta.json("/v26.0/" + id + "/insights?limit=100").path("data"))
                .hasSize(8)
                .allSatisfy(row -> assertThat(row).hasSize(3));
        assertThat(meta.json("/v26.0/123/insights").at("/error/error_subcode").asInt())
                .isEqualTo(33);
    }

    @Test
    void figuresAreRestatedAndRowsVanish() {
        String day = ACCOUNT + "/insights?level=ad&fields=ad_id,actions" + DAY;
        JsonNode before = meta.json(day).path("data");
        meta.control("POST edit?host=graph.facebook.com&stream=ads_insights&id=2026-03-31/0");
        meta.control("POST remove?host=graph.facebook.com&stream=ads_insights&id=2026-03-31/3");
        JsonNode after = meta.json(day).path("data");
        assertThat(before).hasSize(4);
        assertThat(after).hasSize(3);
        assertThat(after.get(0)).isNotEqualTo(before.get(0));
        assertThat(after.get(1)).isEqualTo(before.get(1));
    }

    @ParameterizedTest
    @CsvSource({
        "'/insights?level=ad', 100",
        "'/insights?level=ad&time_increment=1&time_range=%7B%22since%22%3A%222020-01-01%22%2C%22until%22%3A%222020-01-02%22%7D', 3018",
        "'/campaigns?fields=id,nonsense', 100",
        "'/campaigns?limit=5000', 100",
        "'/campaigns?filtering=%5B%7B%22field%22%3A%22nonsense%22%7D%5D', 100",
        "'/nothing', 100",
    })
    void whatIsAskedWronglyIsA400WithACode(String path, int code) {
        HttpResponse<String> answer = meta.get(ACCOUNT + path);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(Caller.parsed(answer).at("/error/code").asInt()).isEqualTo(code);
    }

    @Test
    void tokensVersionsAndUseAreToldApart() {
        assertThat(meta.with("Authorization", "Bearer nonsense")
                        .json("/v26.0/me/adaccounts")
                        .at("/error/code")
                        .asInt())
                .isEqualTo(190);
        assertThat(meta.json("/v19.0/me/adaccounts").at("/error/code").asInt()).isEqualTo(2635);
        HttpResponse<String> accounts = meta.get("/v26.0/me/adaccounts?fields=id,timezone_name,account_status");
        assertThat(Caller.parsed(accounts).path("data")).hasSize(3);
        assertThat(accounts.headers().map())
                .containsKeys(
                        "x-app-usage", "x-ad-account-usage", "x-business-use-case-usage", "x-fb-ads-insights-throttle");
    }

    private static String json(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
