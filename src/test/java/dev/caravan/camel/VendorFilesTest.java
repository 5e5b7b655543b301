package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.run.LiveStream;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.MovingClock;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Vendor files against a server that is not the sandbox: credentials that change, and what is asked to the letter. */
@Timeout(60)
class VendorFilesTest {
    private static final String TOKENS = "/admin/oauth/access_token";
    private static final String GRAPHQL = "/admin/api/2026-10/graphql.json";

    private final Path folder;
    private final MovingClock clock = new MovingClock(Instant.parse("2026-03-11T00:00:00Z"));
    private final Workshop workshop;
    private final FakeApi api = FakeApi.start();
    private final Map<String, String> settings = new HashMap<>();

    VendorFilesTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder.resolve("data"), clock);
    }

    @AfterEach
    void close() {
        api.close();
        workshop.close();
    }

    @Test
    void shopifyTradesEachRefreshTokenOnceAndGoesOnWithTheSamePage() throws Exception {
        AtomicInteger given = new AtomicInteger();
        api.on(TOKENS, asked -> {
            Map<String, String> form = form(asked);
            if (!("shprt_" + given.get()).equals(form.get("refresh_token"))) {
                return Reply.status(400).json("{\"error\":\"invalid_grant\"}");
            }
            int next = given.incrementAndGet();
            return Reply.ok(("{\"access_token\":\"shpat_%d\",\"expires_in\":3600,\"refresh_token\":\"shprt_%d\","
                            + "\"refresh_token_expires_in\":7776000,\"scope\":\"read_customers\"}")
                    .formatted(next, next));
        });
        api.on(GRAPHQL, asked -> {
            String token = asked.headers().getFirst("X-Shopify-Access-Token");
            boolean second = asked.body().contains("\"cursor\":\"c1\"");
            if (!token.equals("shpat_" + given.get()) || (second && given.get() == 1)) { // taken back before its end
                return Reply.status(401).json("{\"errors\":\"[API] Invalid API key or access token\"}");
            }
            return Reply.ok(second ? customers(2, "") : customers(1, "c1"));
        });
        settings.put("shopify.client-id", "app");
        settings.put("shopify.client-secret", "s3cret-app");
        settings.put("shopify.refresh-token", "shprt_0");
        settings.put("shopify.shop", "north");
        RunSummary summary = pull("shopify", "shopify-customers");

        assertThat(summary.error()).isNull();
        assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        assertThat(workshop.rows("shopify/customers"))
                .extracting(row -> row.path("id").asText())
                .contains("gid://shopify/Customer/1", "gid://shopify/Customer/2");
        assertThat(api.asked(TOKENS))
                .extracting(asked -> form(asked).get("refresh_token"))
                .containsExactly("shprt_0", "shprt_1");
        assertThat(form(api.asked(TOKENS).get(0)))
                .containsEntry("grant_type", "refresh_token")
                .containsEntry("client_id", "app")
                .containsEntry("client_secret", "s3cret-app");
        Asked first = api.asked(GRAPHQL).stream()
                .filter(asked -> asked.body().contains("customers("))
                .findFirst()
                .orElseThrow();
        assertThat(first.method()).isEqualTo("POST");
        assertThat(first.headers().containsKey("Authorization")).isFalse();
        assertThat(first.body())
                .contains("customers(first: 250, after: $cursor, query: $filter, sortKey: UPDATED_AT)")
                .contains("updated_at:>='2026-02-09T00:00:")
                .contains("Z' AND updated_at:<'2026-03-11T00:00:");
    }

    @Test
    void metaExchangesItsTokenWhileItLives() throws Exception {
        api.on(
                "/v26.0/oauth/access_token",
                asked -> Reply.ok("{\"access_token\":\"EAAB_%d\",\"token_type\":\"bearer\",\"expires_in\":5184000}"
                        .formatted(asked.before() + 1)));
        api.on(
                "/v26.0/me/adaccounts",
                asked -> Reply.ok(
                        "{\"data\":[{\"id\":\"act_1\",\"account_id\":\"1\",\"account_status\":101,\"timezone_name\":\"Asia/Tokyo\"}],"
                                + "\"paging\":{\"cursors\":{\"after\":\"MQ\"}}}"));
        settings.put("META_ACCESS_TOKEN", "EAAB_0");
        settings.put("META_APP_ID", "4711");
        settings.put("META_APP_SECRET", "s3cret-app");
        assertThat(pull("facebook-marketing", "facebook-marketing-ad-accounts").rows())
                .isEqualTo(1);
        clock.move(Duration.ofDays(54));
        assertThat(pull("facebook-marketing", "facebook-marketing-ad-accounts").status())
                .isEqualTo(RunStatus.DONE);

        assertThat(api.asked("/v26.0/oauth/access_token"))
                .extracting(asked -> asked.method() + " " + asked.query("grant_type") + " " + asked.query("client_id")
                        + " " + asked.query("client_secret") + " " + asked.query("fb_exchange_token"))
                .containsExactly(
                        "GET fb_exchange_token 4711 s3cret-app EAAB_0", "GET fb_exchange_token 4711 s3cret-app EAAB_1");
        assertThat(api.asked("/v26.0/me/adaccounts"))
                .extracting(asked -> asked.headers().getFirst("Authorization"))
                .containsExactly("Bearer EAAB_1", "Bearer EAAB_2");
    }

    @Test
    void googleAdsNamesTheManagerAndAsksAgainWhenItMay() throws Exception {
        api.on(
                "/token",
                asked -> Reply.ok("{\"access_token\":\"ya29.1\",\"expires_in\":3599,\"token_type\":\"Bearer\"}"));
        for (String root : Set.of("1112223334", "5556667778")) {
            api.on(
                    "/v26/customers/" + root + "/googleAds:search",
                    asked -> asked.before() == 0
                            ? Reply.status(429)
                                    .json(
                                            "{\"error\":{\"code\":429,\"details\":[{\"errors\":[{\"errorCode\":{\"quotaError\":"
                                                    + "\"RESOURCE_TEMPORARILY_EXHAUSTED\"},\"details\":{\"quotaErrorDetails\":{\"retryDelay\":\"0.2s\"}}}]}]}}")
                            : asked.body().contains("pageToken")
                                    ? Reply.ok("{\"fieldMask\":\"x\"}")
                                    : Reply.ok(
                                            "{\"results\":[{\"customerClient\":{\"id\":\"%s\"}}],\"nextPageToken\":\"p2\"}"
                                                    .formatted(root)));
        }
        settings.put("google-ads.rate", "10000");
        settings.put("google-ads.token-url", api.url() + "/token");
        settings.put("google-ads.client-id", "me");
        settings.put("google-ads.client-secret", "s3cret-me");
        settings.put("google-ads.refresh-token", "1//refresh");
        settings.put("google-ads.developer-token", "dev-token");
        settings.put("google-ads.login-customer-id", "1112223334, 5556667778");
        RunSummary summary = pull("google-ads", "google-ads-customer-clients");

        assertThat(summary.error()).isNull();
        assertThat(summary.rows()).isEqualTo(2);
        assertThat(form(api.asked("/token").get(0)))
                .containsEntry("grant_type", "refresh_token")
                .containsEntry("refresh_token", "1//refresh");
        Asked[] asked = api.asked("/v26/customers/5556667778/googleAds:search").toArray(Asked[]::new);
        assertThat(asked).hasSize(3);
        assertThat(asked[1].since(asked[0])).isGreaterThanOrEqualTo(Duration.ofMillis(200));
        assertThat(asked[2].headers().getFirst("login-customer-id")).isEqualTo("5556667778");
        assertThat(asked[2].headers().getFirst("developer-token")).isEqualTo("dev-token");
        assertThat(asked[2].headers().getFirst("Authorization")).isEqualTo("Bearer ya29.1");
        assertThat(asked[2].body()).contains("\"pageToken\":\"p2\"").contains("FROM customer_client");
    }

    /** A search gives 300 of 450 contacts that a batch job changed in one millisecond, and one that was read goes away. */
    @Test
    void hubspotFindsMoreThanASearchGivesThoughAllChangedInOneInstant() throws Exception {
        ObjectMapper json = new ObjectMapper();
        api.on("/crm/v3/objects/contacts/search", asked -> {
            try {
                JsonNode body = json.readTree(asked.body());
                JsonNode filters = body.at("/filterGroups/0/filters");
                int limit = body.path("limit").asInt();
                if (body.path("after").asInt() + limit > 300) {
                    return Reply.status(400).json("{\"category\":\"VALIDATION_ERROR\"}");
                }
                boolean inside = filters.path(0).path("value").asLong() <= 1772323200000L
                        && 1772323200000L < filters.path(1).path("value").asLong();
                int behind = filters.path(2).path("value").asInt();
                int first = asked.before() == 0 ? 1 : 2;
                List<String> found = IntStream.rangeClosed(Math.max(first, behind + 1), inside ? 450 : 0)
                        .limit(limit)
                        .mapToObj(("{\"id\":\"%d\",\"properties\":{\"lastmodifieddate\":\"2026-03-01T00:00:00.000Z\"},"
                                + "\"createdAt\":\"x\",\"updatedAt\":\"x\",\"archived\":false}")::formatted)
                        .toList();
                boolean more = found.size() == limit && behind + limit < 450;
                return Reply.ok("{\"total\":450,\"results\":[%s]%s}"
                        .formatted(String.join(",", found), more ? ",\"paging\":{\"next\":{\"after\":\"200\"}}" : ""));
            } catch (IOException e) {
                return Reply.status(400).json("{}");
            }
        });
        settings.put("hubspot.token", "pat");
        RunSummary summary = pull("hubspot", "hubspot-contacts");
        assertThat(summary.error()).isNull();
        assertThat(workshop.rows("hubspot/contacts"))
                .extracting(row -> row.path("id").asInt())
                .hasSize(450)
                .doesNotHaveDuplicates();
        assertThat(api.asked()).extracting(Asked::body).noneMatch(body -> body.contains("\"after\""));
    }

    private static String customers(int id, String cursor) {
        return ("{\"data\":{\"customers\":{\"edges\":[{\"node\":{\"id\":\"gid://shopify/Customer/%d\","
                        + "\"updatedAt\":\"2026-03-01T00:00:00Z\"}}],\"pageInfo\":{\"hasNextPage\":%b,\"endCursor\":\"%s\"}}}}")
                .formatted(id, !cursor.isEmpty(), cursor);
    }

    private RunSummary pull(String vendor, String stream) throws Exception {
        return pull(vendor, stream, api.url());
    }

    private RunSummary pull(String vendor, String stream, String url) throws Exception {
        settings.put(vendor + ".url", url);
        try (LoadedRoutes routes = new LoadedRoutes(workshop, only(vendor, stream), settings)) {
            assertThat(routes.streams().problems()).isEmpty();
            assertThat(routes.streams().all()).extracting(LiveStream::id).contains(stream);
            return routes.pull(stream).get(0);
        }
    }

    private static Map<String, String> form(Asked asked) {
        return FakeApi.query(URI.create("/?" + asked.body()));
    }

    /** Returns a folder with one stream of a vendor's file, the shared routes and the templates. */
    private Path only(String vendor, String stream) throws Exception {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        for (String part : Set.of("shared/errors", "templates/stream")) {
            Path copy = routes.resolve(part + ".camel.yaml");
            Files.createDirectories(copy.getParent());
            Files.copy(Path.of("routes").resolve(part + ".camel.yaml"), copy, StandardCopyOption.REPLACE_EXISTING);
        }
        String[] parts =
                Files.readString(Path.of("routes", vendor + ".camel.yaml")).split("(?m)^(?=- templatedRoute:)");
        String wanted = Stream.of(parts)
                .filter(part -> !part.startsWith("- templatedRoute:") || part.contains("routeId: " + stream + "\n"))
                .collect(Collectors.joining());
        Files.writeString(routes.resolve(vendor + ".camel.yaml"), wanted);
        return routes;
    }
}
