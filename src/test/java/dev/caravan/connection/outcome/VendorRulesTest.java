package dev.caravan.connection.outcome;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Headers;
import dev.caravan.connection.Redaction;
import dev.caravan.connection.outcome.Outcome.Failure;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.YamlSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules that twelve vendors need, each against an answer as that vendor sends it. */
class VendorRulesTest {
    private static final MutableClock CLOCK = new MutableClock("2026-09-01T06:00:00Z");

    private static final Map<String, List<String>> RULES = new LinkedHashMap<>();

    static {
        RULES.put(
                "stripe",
                List.of(
                        "{header: {Stripe-Should-Retry: true}, then: retry}",
                        "{header: {Stripe-Should-Retry: false}, then: stop}",
                        "{status: 409, then: retry}",
                        "{status: 400, body: {$.error.code: resource_missing}, then: restart-slice}"));
        RULES.put(
                "github",
                List.of(
                        "{status: [403, 429], header: {x-ratelimit-remaining: 0}, then: wait-until, wait: {header: x-ratelimit-reset}}",
                        "{status: [403, 429], header: {retry-after: present}, then: wait-until}",
                        "{status: [403, 429], body: {$.message: '*secondary rate limit*'}, then: wait-until, wait: {for: 60s}}",
                        "{status: 200, body: {'$.errors[0].type': RATE_LIMITED}, then: wait-until, wait: {header: x-ratelimit-reset}}",
                        "{status: 200, body: {$.errors: present}, then: stop}",
                        "{status: [403, 404, 409, 410, 451], then: skip-slice}"));
        RULES.put(
                "open-meteo",
                List.of(
                        "{status: 429, body: {$.reason: 'Minutely*'}, then: wait-until, wait: {next: minute}}",
                        "{status: 429, body: {$.reason: 'Hourly*'}, then: wait-until, wait: {next: hour}}",
                        "{status: 429, body: {$.reason: 'Daily*'}, then: wait-until, wait: {next: day}}",
                        "{status: 400, body: {$.reason: '*too much data*'}, then: split-slice}"));
        RULES.put(
                "slack",
                List.of(
                        "{body: {$.ok: true}, then: accept}",
                        "{body: {$.error: ratelimited}, then: wait-until, wait: {for: 30s}}",
                        "{body: {$.error: [request_timeout, internal_error]}, then: retry}",
                        "{body: {$.error: [not_in_channel, is_archived]}, then: skip-slice}",
                        "{body: {$.error: invalid_cursor}, then: restart-slice}",
                        "{body: {$.error: token_expired}, then: refresh-auth}",
                        "{body: {$.ok: false}, then: stop}"));
        RULES.put(
                "hubspot",
                List.of(
                        "{status: 429, body: {$.policyName: DAILY}, then: wait-until, wait: {next: day, zone: America/New_York}}",
                        "{status: 429, body: {$.policyName: SECONDLY}, then: retry, wait: {for: 1s}}",
                        "{status: 429, then: retry, wait: {header: Retry-After, or: 10s}}",
                        "{status: [423, 477, 5xx], then: retry, wait: {header: Retry-After, or: 2s}}"));
        RULES.put(
                "shopify",
                List.of(
                        "{header: {X-Shopify-API-Version: {not: 2026-10}}, then: stop}",
                        "{status: [423, 430], then: wait-until, wait: {for: 5m}}",
                        "{body: {'$.errors[*].extensions.code': THROTTLED}, then: wait-until, wait: {quota: true}}",
                        "{body: {'$.errors[0].extensions.code': INTERNAL_SERVER_ERROR}, then: retry}",
                        "{body: {$.errors: present}, then: stop}"));
        RULES.put(
                "facebook-marketing",
                List.of(
                        "{status: 400, body: {$.error.code: [4, 17, 32, 341, 613, 80000, 80003, 80004, 80005]}, then: wait-until,"
                                + " wait: {header: X-Business-Use-Case-Usage, path: '$.*[*].estimated_time_to_regain_access', format: minutes, or: 5m}}",
                        "{body: {$.error.message: '*reduce the amount of data*'}, then: shrink-page}",
                        "{body: {$.error.error_subcode: [1504038, 1504018]}, then: split-slice}",
                        "{body: {$.error.is_transient: true}, then: retry}",
                        "{body: {$.error.code: [10, 200, 270, 294]}, then: skip-slice}"));
        RULES.put(
                "google-ads",
                List.of(
                        "{body: {$..errorCode.quotaError: EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION}, then: wait-until, wait: {for: 5m}}",
                        "{body: {$..errorCode.quotaError: [RESOURCE_EXHAUSTED, RESOURCE_TEMPORARILY_EXHAUSTED]}, then: wait-until,"
                                + " wait: {body: $..retryDelay, format: duration, or: 30s}}",
                        "{body: {$..errorCode.requestError: [EXPIRED_PAGE_TOKEN, INVALID_PAGE_TOKEN]}, then: restart-slice}",
                        "{body: {$..errorCode.requestError: RPC_DEADLINE_TOO_SHORT}, then: split-slice}",
                        "{body: {$..errorCode.authenticationError: OAUTH_TOKEN_EXPIRED}, then: refresh-auth}",
                        "{status: 4xx, then: stop}"));
        RULES.put(
                "gmail",
                List.of(
                        "{status: [403, 429], body: {'$.error.errors[0].reason': [rateLimitExceeded, userRateLimitExceeded]},"
                                + " then: retry, wait: {header: Retry-After, or: backoff}}",
                        "{status: 404, then: resync}"));
        RULES.put("klaviyo", List.of("{status: 524, then: retry}"));
        RULES.put(
                "everflow",
                List.of("{status: 429, then: wait-until, wait: {header: Retry-After, format: seconds, or: 30s}}"));
        RULES.put("northbeam", List.of("{status: 429, then: retry, wait: {header: Retry-After, or: backoff}}"));
    }

    static Stream<Arguments> answers() {
        return Stream.of(
                of("stripe", 500, "{}", "RETRY", "Stripe-Should-Retry", "true"),
                of("stripe", 500, "{}", "STOP", "Stripe-Should-Retry", "false"),
                of("stripe", 400, "{\"error\":{\"code\":\"resource_missing\"}}", "RESTART_SLICE"),
                of(
                        "github",
                        403,
                        "{}",
                        "WAIT_UNTIL PT1H",
                        "X-RateLimit-Remaining",
                        "0",
                        "X-RateLimit-Reset",
                        "1788246000"),
                of("github", 403, "{}", "WAIT_UNTIL PT50S", "Retry-After", "50"),
                of("github", 403, "{\"message\":\"You have exceeded a secondary rate limit\"}", "WAIT_UNTIL PT1M"),
                of("github", 403, "{\"message\":\"Must have admin rights\"}", "SKIP_SLICE"),
                of(
                        "github",
                        200,
                        "{\"errors\":[{\"type\":\"RATE_LIMITED\"}]}",
                        "WAIT_UNTIL PT1H",
                        "X-RateLimit-Reset",
                        "1788246000"),
                of("github", 200, "{\"data\":null,\"errors\":[{\"type\":\"NOT_FOUND\"}]}", "STOP"),
                of("github", 200, "{\"data\":{},\"errors\":[]}", "ACCEPT"),
                of("open-meteo", 429, "{\"reason\":\"Minutely API request limit exceeded\"}", "WAIT_UNTIL PT1M"),
                of("open-meteo", 429, "{\"reason\":\"Daily API request limit exceeded\"}", "WAIT_UNTIL PT18H"),
                of("open-meteo", 400, "{\"error\":true,\"reason\":\"You request too much data\"}", "SPLIT_SLICE"),
                of("slack", 200, "{\"ok\":true,\"error\":\"ratelimited\"}", "ACCEPT"),
                of("slack", 200, "{\"ok\":false,\"error\":\"ratelimited\"}", "WAIT_UNTIL PT30S"),
                of("slack", 200, "{\"ok\":false,\"error\":\"internal_error\"}", "RETRY"),
                of("slack", 200, "{\"ok\":false,\"error\":\"is_archived\"}", "SKIP_SLICE"),
                of("slack", 200, "{\"ok\":false,\"error\":\"invalid_cursor\"}", "RESTART_SLICE"),
                of("slack", 200, "{\"ok\":false,\"error\":\"token_expired\"}", "REFRESH_AUTH"),
                of("slack", 200, "{\"ok\":false,\"error\":\"invalid_auth\"}", "STOP"),
                of("hubspot", 429, "{\"policyName\":\"DAILY\"}", "WAIT_UNTIL PT22H"),
                of("hubspot", 429, "{\"policyName\":\"SECONDLY\"}", "RETRY PT1S"),
                of("hubspot", 477, "{}", "WAIT_UNTIL PT30S", "Retry-After", "30"),
                of("shopify", 200, "{\"data\":{}}", "STOP", "X-Shopify-API-Version", "2027-01"),
                of("shopify", 200, "{\"data\":{}}", "ACCEPT", "X-Shopify-API-Version", "2026-10"),
                of("shopify", 200, "{\"errors\":[{\"extensions\":{\"code\":\"THROTTLED\"}}]}", "WAIT_UNTIL PT0.5S"),
                of("shopify", 200, "{\"errors\":[{\"extensions\":{\"code\":\"ACCESS_DENIED\"}}]}", "STOP"),
                of("shopify", 430, "", "WAIT_UNTIL PT5M"),
                of(
                        "facebook-marketing",
                        400,
                        "{\"error\":{\"code\":80004}}",
                        "WAIT_UNTIL PT12M",
                        "X-Business-Use-Case-Usage",
                        "{\"1\":[{\"type\":\"ads_insights\",\"estimated_time_to_regain_access\":12}],\"2\":[{\"estimated_time_to_regain_access\":0}]}"),
                of("facebook-marketing", 400, "{\"error\":{\"code\":17}}", "WAIT_UNTIL PT5M"),
                of(
                        "facebook-marketing",
                        500,
                        "{\"error\":{\"code\":1,\"message\":\"Please reduce the amount of data you're asking for\"}}",
                        "SHRINK_PAGE"),
                of("facebook-marketing", 400, "{\"error\":{\"code\":100,\"error_subcode\":1504018}}", "SPLIT_SLICE"),
                of("facebook-marketing", 400, "{\"error\":{\"code\":2,\"is_transient\":true}}", "RETRY"),
                of("google-ads", 429, googleAds("quotaError", "RESOURCE_EXHAUSTED"), "WAIT_UNTIL PT44S"),
                of(
                        "google-ads",
                        429,
                        googleAds("quotaError", "EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION"),
                        "WAIT_UNTIL PT5M"),
                of("google-ads", 400, "[" + googleAds("requestError", "RPC_DEADLINE_TOO_SHORT") + "]", "SPLIT_SLICE"),
                of("google-ads", 401, googleAds("authenticationError", "OAUTH_TOKEN_EXPIRED"), "REFRESH_AUTH"),
                of("google-ads", 403, googleAds("authorizationError", "USER_PERMISSION_DENIED"), "STOP"),
                of("gmail", 403, "{\"error\":{\"errors\":[{\"reason\":\"userRateLimitExceeded\"}]}}", "RETRY"),
                of("gmail", 404, "{\"error\":{\"code\":404}}", "RESYNC"),
                of(
                        "klaviyo",
                        429,
                        "{\"errors\":[{\"detail\":\"Request was throttled\"}]}",
                        "WAIT_UNTIL PT58S",
                        "Retry-After",
                        "58"),
                of("everflow", 429, "", "WAIT_UNTIL PT30S"),
                of("northbeam", 429, "", "RETRY"));
    }

    private static String googleAds(String kind, String code) {
        return ("{\"error\":{\"code\":429,\"details\":[{\"@type\":\"type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure\","
                        + "\"errors\":[{\"errorCode\":{\"%s\":\"%s\"},\"details\":{\"quotaErrorDetails\":{\"retryDelay\":\"44s\"}}}]}]}}")
                .formatted(kind, code);
    }

    private static Arguments of(String vendor, int status, String body, String expected, String... headers) {
        return Arguments.of(vendor, status, body, expected, List.of(headers));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void meanWhatTheVendorMeans(String vendor, int status, String body, String expected, List<String> headers) {
        List<OutcomeRule> rules = RULES.getOrDefault(vendor, List.of()).stream()
                .map(each -> YamlSettings.read(each, OutcomeRule.class))
                .toList();
        Map<String, List<String>> all = new LinkedHashMap<>();
        for (int i = 0; i < headers.size(); i += 2) {
            all.put(headers.get(i), List.of(headers.get(i + 1)));
        }
        Outcome outcome = new Outcomes(rules, new Redaction(List.of()), CLOCK)
                .judge(new Answer(status, Headers.of(all), body.getBytes(UTF_8)));
        assertThat(described(outcome)).isEqualTo(expected);
    }

    private static String described(Outcome outcome) {
        return outcome instanceof Failure failure
                ? failure.remedy()
                        + failure.retryAfter().map(wait -> " " + wait).orElse("")
                : "ACCEPT";
    }
}
