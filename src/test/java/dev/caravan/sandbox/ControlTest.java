package dev.caravan.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ControlTest {
    private static final String STRIPE = "host=api.stripe.com";
    private static final String CHARGES = "/v1/charges?limit=100";
    private static Sandbox sandbox;
    private static Caller stripe;
    private static Caller github;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(SandboxOptions.defaults());
        stripe =
                Caller.of(sandbox, "api.stripe.com", "Authorization", "Bearer " + sandbox.credential("api.stripe.com"));
        github = Caller.of(sandbox, "api.github.com");
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    @BeforeEach
    void reset() {
        stripe.control("POST reset");
    }

    @Test
    void anEditChangesOneRowAndIsAnnounced() {
        JsonNode before = stripe.json(CHARGES).path("data");
        String id = before.path(5).path("id").asText();
        stripe.control("POST edit?" + STRIPE + "&stream=charges&id=" + id);
        JsonNode after = stripe.json(CHARGES).path("data");

        assertThat(after.path(5)).isNotEqualTo(before.path(5));
        assertThat(after.path(5).path("id").asText()).isEqualTo(id);
        assertThat(after.path(5).path("created")).isEqualTo(before.path(5).path("created"));
        assertThat(after.path(4)).isEqualTo(before.path(4));
        JsonNode event = stripe.json("/v1/events?limit=1").path("data").path(0);
        assertThat(event.path("type").asText()).isEqualTo("charge.updated");
        assertThat(event.path("data").path("object")).isEqualTo(after.path(5));
        assertThat(event.path("created").asLong()).isGreaterThanOrEqualTo(Sandbox.LAST_DAY_END.getEpochSecond());
    }

    @Test
    void tellsTheRowsThatAListHasWithoutItsPages() {
        JsonNode rows =
                stripe.control("GET rows?" + STRIPE + "&stream=customers").path("rows");
        JsonNode first = stripe.json("/v1/customers?limit=1").path("data").path(0);

        assertThat(rows).hasSize(500);
        assertThat(rows.path(499).path("record")).isEqualTo(first);
        assertThat(rows.path(499).path("id")).isEqualTo(first.path("id"));
        assertThat(stripe.control("GET rows?" + STRIPE + "&stream=none")
                        .path("error")
                        .asText())
                .isEqualTo("No such table: none");
    }

    @Test
    void tellsTheRowsOfTheListsThatWereAskedFor() {
        assertThat(stripe.control("GET rows?host=api.github.com&stream=commits").path("rows"))
                .isEmpty();
        JsonNode last = github.json("/repos/octo-org/tiny-tools/commits").path(0);

        JsonNode rows =
                stripe.control("GET rows?host=api.github.com&stream=commits").path("rows");
        assertThat(rows.path(rows.size() - 1).path("record")).isEqualTo(last);
        assertThat(rows.path(0).path("scope").asText()).isEqualTo("octo-org/tiny-tools");
    }

    @Test
    void aRefusalWithoutANameIsTheOneForWhoeverAsksTooOften() {
        stripe.control("POST fault?kind=refusal&" + STRIPE);

        assertThat(stripe.get(CHARGES).statusCode()).isEqualTo(429);
        assertThat(stripe.get(CHARGES).statusCode()).isEqualTo(200);
        assertThat(stripe.control("GET requests").path("refused")).hasToString("{\"api.stripe.com rate_limit\":1}");
    }

    @Test
    void anEditedIssueMovesBehindAllOthers() {
        String path = "/repos/octo-org/hello-world/issues?state=all&sort=updated&per_page=100&direction=";
        JsonNode first = github.json(path + "asc").path(0);
        String tag = github.get(path + "desc").headers().firstValue("ETag").orElseThrow();
        stripe.control("POST edit?host=api.github.com&stream=issues&scope=octo-org/hello-world&id="
                + first.path("id").asText());
        JsonNode last = github.json(path + "desc").path(0);

        assertThat(last.path("id")).isEqualTo(first.path("id"));
        assertThat(last.path("created_at")).isEqualTo(first.path("created_at"));
        assertThat(last.path("updated_at").asText()).isGreaterThanOrEqualTo("2026-04-01T00:00:00Z");
        assertThat(github.json(path + "asc").path(0)).isNotEqualTo(first);
        assertThat(github.with("If-None-Match", tag).get(path + "desc").statusCode())
                .isEqualTo(200);
    }

    @Test
    void anEditedRepositoryComesFirst() {
        JsonNode repository = github.json("/repos/octo-org/sample-docs");
        stripe.control("POST edit?host=api.github.com&stream=repositories&scope=octo-org&id="
                + repository.path("id").asText());

        assertThat(github.json("/orgs/octo-org/repos?sort=updated")
                        .path(0)
                        .path("name")
                        .asText())
                .isEqualTo("sample-docs");
    }

    @Test
    void anEditedDayHasOtherWeather() {
        String path = "/v1/archive?latitude=1&longitude=1&timezone=GMT&daily=temperature_2m_max"
                + "&start_date=2026-02-01&end_date=2026-02-03";
        Caller weather = Caller.of(sandbox, "archive-api.open-meteo.com");
        JsonNode before = weather.json(path).path("daily").path("temperature_2m_max");
        stripe.control("POST edit?host=archive-api.open-meteo.com&stream=archive&id=2026-02-02");
        JsonNode after = weather.json(path).path("daily").path("temperature_2m_max");

        assertThat(after.path(0)).isEqualTo(before.path(0));
        assertThat(after.path(1)).isNotEqualTo(before.path(1));
        assertThat(after.path(2)).isEqualTo(before.path(2));
    }

    @Test
    void appendedRowsAreTheNewest() {
        String newest = stripe.json(CHARGES).path("data").path(0).path("id").asText();
        stripe.control("POST append?" + STRIPE + "&stream=charges&rows=3");
        JsonNode data = stripe.json(CHARGES).path("data");

        assertThat(data.path(3).path("id").asText()).isEqualTo(newest);
        assertThat(data.path(0).path("created").asLong())
                .isGreaterThan(data.path(1).path("created").asLong());
        assertThat(stripe.json("/v1/charges?ending_before=" + newest).path("data"))
                .hasSize(3);
    }

    @Test
    void aFaultTakesTheNextAnswersOnly() {
        stripe.control(
                "POST fault?" + STRIPE + "&stream=charges&times=2&status=503&retry-after=7&header=X-Why:%20test");

        assertThat(stripe.get("/v1/customers").statusCode()).isEqualTo(200);
        HttpResponse<String> first = stripe.get(CHARGES);
        assertThat(first.statusCode()).isEqualTo(503);
        assertThat(first.headers().firstValue("Retry-After")).hasValue("7");
        assertThat(first.headers().firstValue("X-Why")).hasValue("test");
        assertThat(stripe.get(CHARGES).statusCode()).isEqualTo(503);
        assertThat(stripe.get(CHARGES).statusCode()).isEqualTo(200);
    }

    @Test
    void aVendorsOwnErrorsAreFaultsByName() {
        stripe.control("POST fault?host=api.github.com&kind=refusal&name=secondary_rate_limit");

        HttpResponse<String> refused = github.get("/orgs/octo-org/repos");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.headers().firstValue("Retry-After")).hasValue("60");
    }

    @Test
    void aTruncatedAnswerFailsTheClient() {
        sandbox.fail("api.stripe.com", "/v1/charges", 1, Fault.truncated());

        assertThatThrownBy(() -> stripe.get(CHARGES)).isInstanceOf(UncheckedIOException.class);
        assertThat(stripe.get(CHARGES).statusCode()).isEqualTo(200);
    }

    @Test
    void aDroppedRequestHasNoAnswer() {
        // The client repeats a dropped GET once on a connection that was kept.
        sandbox.fail("api.stripe.com", "/v1/charges", 2, Fault.dropped());

        assertThatThrownBy(() -> stripe.get(CHARGES)).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void aBrokenTailIsNoJson() {
        sandbox.fail("api.stripe.com", "/v1/charges", 1, Fault.brokenTail());

        HttpResponse<String> broken = stripe.get(CHARGES);
        assertThat(broken.statusCode()).isEqualTo(200);
        assertThatThrownBy(() -> new ObjectMapper().readTree(broken.body())).isInstanceOf(JacksonException.class);
    }

    @Test
    void aDelayedAnswerIsTheRightOne() {
        sandbox.fail("api.stripe.com", "/", 1, Fault.delayed(Duration.ofMillis(300)));
        long start = System.nanoTime();
        HttpResponse<String> late = stripe.get(CHARGES);

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(290));
        assertThat(late.body()).isEqualTo(stripe.get(CHARGES).body());
    }

    @Test
    void requestsAreCountedAndKeepNoSecret() {
        stripe.get(CHARGES);
        stripe.get("/v1/charges?api_key=hidden");
        JsonNode requests = stripe.control("GET requests");

        assertThat(requests.path("counts").path("api.stripe.com/v1/charges").asInt())
                .isEqualTo(2);
        assertThat(requests.path("last").path(0).asText()).isEqualTo("api.stripe.com/v1/charges?limit=100");
        assertThat(requests.toString()).doesNotContain("hidden").doesNotContain("sk_test");
    }

    @Test
    void mistakesAreNamed() {
        assertThat(stripe.control("POST edit?" + STRIPE + "&stream=charges&id=ch_x")
                        .path("error")
                        .asText())
                .contains("ch_x");
        assertThat(stripe.control("POST edit?host=nowhere.example&stream=a&id=b")
                        .path("error")
                        .asText())
                .contains("nowhere.example");
        assertThat(stripe.control("POST fault?" + STRIPE + "&status=99")
                        .path("error")
                        .asText())
                .contains("99");
        assertThat(stripe.control("POST fault?" + STRIPE + "&kind=sulk").has("error"))
                .isTrue();
        assertThat(stripe.control("GET reset").has("error")).isTrue();
    }

    @Test
    void anUnknownHostIsNotFound() {
        HttpResponse<String> response = Caller.of(sandbox, "nowhere.example").get("/v1/things");

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(Caller.parsed(response).path("error").asText()).contains("nowhere.example");
        assertThat(sandbox.imitates("nowhere.example")).isFalse();
        assertThat(sandbox.imitates("api.github.com")).isTrue();
    }

    @Test
    void addressesKeepPathAndQuery() {
        assertThat(sandbox.address(URI.create("https://api.stripe.com/v1/charges?limit=1")))
                .isEqualTo(sandbox.base().resolve("/api.stripe.com/v1/charges?limit=1"));
    }
}
