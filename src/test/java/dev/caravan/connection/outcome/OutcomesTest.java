package dev.caravan.connection.outcome;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.connection.Answer;
import dev.caravan.connection.DeadlineException;
import dev.caravan.connection.Headers;
import dev.caravan.connection.Redaction;
import dev.caravan.connection.outcome.Outcome.Failure;
import dev.caravan.failure.Remedy;
import dev.caravan.json.PathSearch;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.YamlSettings;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutcomesTest {
    private final MutableClock clock = new MutableClock("2026-09-01T06:00:30.500Z");

    @ParameterizedTest
    @CsvSource({
        "204, END_OF_DATA",
        "205, END_OF_DATA",
        "301, STOP",
        "302, STOP",
        "308, STOP",
        "400, STOP",
        "401, REFRESH_AUTH",
        "402, STOP",
        "403, STOP",
        "404, STOP",
        "408, RETRY",
        "409, RETRY",
        "410, STOP",
        "422, STOP",
        "420, RETRY",
        "425, RETRY",
        "429, RETRY",
        "430, RETRY",
        "451, STOP",
        "500, RETRY",
        "502, RETRY",
        "503, RETRY",
        "504, RETRY",
        "599, RETRY",
        "101, STOP",
        "999, RETRY"
    })
    void whatHttpSays(int status, Remedy remedy) {
        Failure failure = failure(status, "", Map.of());
        assertThat(failure.remedy()).isEqualTo(remedy);
        assertThat(failure.retryAfter()).isEmpty();
        assertThat(failure.reason()).isEqualTo("HTTP " + status);
    }

    @Test
    void dataIsAcceptedAndTheUnchangedIsSo() {
        assertThat(judge(200, "[]", Map.of())).isInstanceOf(Outcome.Accept.class);
        assertThat(judge(203, "[]", Map.of())).isInstanceOf(Outcome.Accept.class);
        assertThat(judge(304, "", Map.of())).isInstanceOf(Outcome.Unchanged.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "200 | '' | empty body | then: end-of-data",
                "201 | '' | empty body | then: end-of-data",
                "202 | {} | not ready | then: accept",
                "206 | [1] | a part | no part was asked for"
            })
    void aSuccessThatIsNoWholeDataMayHeal(int status, String body, String reason, String hint) {
        Failure failure = failure(status, body, Map.of());
        assertThat(failure.remedy()).isEqualTo(Remedy.RETRY);
        assertThat(failure.reason()).contains("HTTP " + status, reason);
        assertThat(failure.hint()).contains(hint);
    }

    @Test
    void aRuleMayTakeThemForDataOrTheEnd() {
        Outcomes outcomes = outcomes(
                "{status: 202, then: accept}", "{status: 200, header: {content-length: 0}, then: end-of-data}");
        assertThat(outcomes.judge(answer(202, "[]", Map.of()))).isInstanceOf(Outcome.Accept.class);
        assertThat(((Failure) outcomes.judge(answer(200, "", Map.of("Content-Length", "0")))).remedy())
                .isEqualTo(Remedy.END_OF_DATA);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"data\":[],\"error\":{\"message\":\"no scope\"}} | no scope",
                "{\"errors\":[{\"message\":\"too deep\"}],\"data\":null} | too deep",
                "{\"error\":\"invalid_auth\"} | invalid_auth"
            })
    void anErrorHidesInABodyWithoutRecords(String body, String said) {
        assertThat(outcomes().errorIn(body.getBytes(UTF_8)))
                .hasValueSatisfying(text -> assertThat(text).contains(said));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{\"data\":[]}",
                "{\"data\":[],\"error\":null,\"errors\":[]}",
                "{\"error\":\"\"}",
                "{\"error\":false}",
                "{\"data\":{\"error\":\"deep inside\"}}"
            })
    void noErrorIsNone(String body) {
        assertThat(outcomes().errorIn(body.getBytes(UTF_8))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "401, 'the credential is missing, wrong or expired'",
        "403, 'the credential may not do this: check its permissions'",
        "404, 'check path and account; some vendors hide what a credential may not see'",
        "410, 'this is gone: has the vendor retired the version?'",
        "422, 'the vendor does not take a parameter: compare query and body with its documentation'",
        "307, 'redirects are not followed: check url and path'",
        "418, ''"
    })
    void aHintTellsWhatAPersonCanDo(int status, String hint) {
        assertThat(failure(status, "", Map.of()).hint()).isEqualTo(hint);
    }

    @Test
    void aRedirectSaysWhereTo() {
        Failure failure = failure(301, "", Map.of("Location", "https://api.github.com/repositories/1?token=abc"));
        assertThat(failure.message())
                .isEqualTo("HTTP 301 (redirects are not followed: it moved to"
                        + " https://api.github.com/repositories/1?token=***)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2 | PT2S",
                "1.5 | PT1.5S",
                "120 | PT2M",
                "86401 | PT24H",
                "99999999999999999999 | PT24H",
                "Tue, 01 Sep 2026 06:01:00 GMT | PT29.5S",
                "Fri, 31 Dec 9999 23:59:59 GMT | PT24H"
            })
    void retryAfterIsReadInAllItsForms(String text, Duration expected) {
        for (int status : List.of(429, 503, 403)) {
            Failure failure = failure(status, "", Map.of("Retry-After", text));
            assertThat(failure.retryAfter()).contains(expected);
            assertThat(failure.remedy()).isEqualTo(expected.toSeconds() > 10 ? Remedy.WAIT_UNTIL : Remedy.RETRY);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0",
        "-5",
        "'Tue, 01 Sep 2026 05:00:00 GMT'",
        "soon",
        "''",
        "1e5",
        "1e9",
        "1 minute",
        "NaN",
        "0x10",
        "999999999999999999999999",
        "'Xyz, 01 Sep 2026 06:01:00 GMT'"
    })
    void garbageAndWhatIsOverAreNotSaid(String text) {
        Failure failure = failure(429, "", Map.of("Retry-After", text));
        assertThat(failure.retryAfter()).isEmpty();
        assertThat(failure.remedy()).isEqualTo(Remedy.RETRY);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x-ratelimit- | 0 | 1788242460 | PT29.5S",
                "X-RateLimit- | 0 | 1788242460000 | PT29.5S",
                "ratelimit- | 0 | 45 | PT45S",
                "X-Rate-Limit- | 0 | 2026-09-01T06:01:30Z | PT59.5S",
                "x-ratelimit- | 0.0 | 4000000000 | PT24H"
            })
    void aUsedUpQuotaWaitsForItsReset(String family, String left, String reset, Duration expected) {
        for (int status : List.of(403, 429)) {
            Failure failure = failure(status, "", Map.of(family + "Remaining", left, family + "Reset", reset));
            assertThat(failure.retryAfter()).contains(expected);
            assertThat(failure.hint()).isEqualTo("the quota is used up");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "RateLimit | limit=100, remaining=0, reset=30 | PT30S",
                "RateLimit | \"burst\";r=5;t=1, \"day\";r=0;t=45 | PT45S",
                "X-RateLimit-Remaining-Minute | 0 | PT30S",
                "Retry-After-Ms | 2500 | PT2.5S",
                "x-retry-after | 7 | PT7S"
            })
    void otherHeadersSayItToo(String name, String value, Duration expected) {
        assertThat(failure(429, "", Map.of(name, value)).retryAfter()).contains(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"error\":{\"details\":[{\"@type\":\"x\"},{\"retryDelay\":\"17s\"}]}} | PT17S",
                "{\"message\":\"You are being rate limited.\",\"retry_after\":64.57} | PT1M4.57S",
                "{\"ok\":false,\"parameters\":{\"retry_after\":35}} | PT35S"
            })
    void soDoBodies(String body, Duration expected) {
        assertThat(failure(429, body, Map.of()).retryAfter()).contains(expected);
    }

    @Test
    void aForbiddenAnswerWithQuotaLeftIsNoThrottle() {
        Failure failure = failure(403, "", Map.of("x-ratelimit-remaining", "12", "x-ratelimit-reset", "1788242460"));
        assertThat(failure.remedy()).isEqualTo(Remedy.STOP);
        assertThat(failure.retryAfter()).isEmpty();
    }

    @Test
    void aUsedUpQuotaWithoutResetBacksOff() {
        assertThat(failure(403, "", Map.of("x-ratelimit-remaining", "0")).remedy())
                .isEqualTo(Remedy.RETRY);
    }

    @Test
    void rulesComeFirstAndInOrder() {
        Outcomes outcomes = outcomes(
                "{status: [403, 429], body-contains: Secondary rate LIMIT, then: wait-until, wait: {header: retry-after, or: 60s}}",
                "{status: 409, body-contains: is empty, then: end-of-data}",
                "{status: [404, 410, 451], then: skip-slice}",
                "{status: 4xx, header: {Stripe-Should-Retry: true}, then: retry}",
                "{status: 400, body: {$.error.code: [17, 32]}, then: retry, wait: {for: 5s}}",
                "{body: {$.errors: present}, then: stop}",
                "{status: 418, then: accept}");
        String secondary = "{\"message\":\"You have exceeded a secondary rate limit.\"}";
        assertThat(outcomes.judge(answer(403, secondary, Map.of())))
                .isEqualTo(new Failure(
                        Remedy.WAIT_UNTIL,
                        Optional.of(Duration.ofSeconds(60)),
                        "HTTP 403: You have exceeded a secondary rate limit.",
                        ""));
        assertThat(((Failure) outcomes.judge(answer(403, secondary, Map.of("Retry-After", "7")))).retryAfter())
                .contains(Duration.ofSeconds(7));
        assertThat(remedy(outcomes, 409, "{\"message\":\"Git Repository is empty.\"}", Map.of()))
                .isEqualTo(Remedy.END_OF_DATA);
        assertThat(remedy(outcomes, 409, "", Map.of())).isEqualTo(Remedy.RETRY);
        assertThat(remedy(outcomes, 451, "", Map.of())).isEqualTo(Remedy.SKIP_SLICE);
        assertThat(remedy(outcomes, 400, "", Map.of("stripe-should-retry", "true")))
                .isEqualTo(Remedy.RETRY);
        assertThat(remedy(outcomes, 400, "{\"error\":{\"code\":17}}", Map.of())).isEqualTo(Remedy.RETRY);
        assertThat(remedy(outcomes, 400, "{\"error\":{\"code\":170}}", Map.of()))
                .isEqualTo(Remedy.STOP);
        assertThat(remedy(outcomes, 200, "{\"data\":null,\"errors\":[{\"type\":\"X\"}]}", Map.of()))
                .isEqualTo(Remedy.STOP);
        assertThat(outcomes.judge(answer(200, "{\"data\":1,\"errors\":null}", Map.of())))
                .isInstanceOf(Outcome.Accept.class);
        assertThat(outcomes.judge(answer(418, "", Map.of()))).isInstanceOf(Outcome.Accept.class);
    }

    @Test
    void aRuleWithoutWaitTakesTheUsualHeaders() {
        Outcomes outcomes = outcomes("{status: 400, then: wait-until}");
        assertThat(((Failure) outcomes.judge(answer(400, "", Map.of("Retry-After", "30")))).retryAfter())
                .contains(Duration.ofSeconds(30));
        assertThat(remedy(outcomes, 400, "", Map.of())).isEqualTo(Remedy.RETRY);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{next: minute} | x | PT29.5S",
                "{next: hour} | x | PT59M29.5S",
                "{next: day} | x | PT17H59M29.5S",
                "{for: 90s} | x | PT1M30S",
                "{header: X-Wait} | 5 | PT5S",
                "{header: X-Wait} | 1788242460 | PT29.5S",
                "{header: X-Wait} | 2026-09-01T06:01:00+00:00 | PT29.5S",
                "{header: X-Wait, format: seconds} | 1788242460 | PT24H",
                "{header: X-Wait, format: epoch} | 1788242460.5 | PT30S",
                "{header: X-Wait, format: iso, or: 3s} | 5 | PT3S",
                "{header: X-Wait, or: 3s} | 0 | PT3S",
                "{header: X-Wait, or: backoff} | soon |",
                "{header: X-Wait} | 30s | PT30S",
                "{header: X-Wait, format: duration} | 1m1.5s | PT1M1.5S",
                "{header: X-Wait, format: duration} | PT2M | PT2M",
                "{header: X-Wait, format: millis} | 1500 | PT1.5S",
                "{header: X-Wait, format: minutes} | 5 | PT5M",
                "{header: X-Wait, format: http-date} | Tue, 01 Sep 2026 06:01:00 GMT | PT29.5S",
                "{header: X-Wait, path: '$.*[*].minutes', format: minutes, or: 5m} | {\"1\":[{\"minutes\":2}],\"2\":[{\"minutes\":7}]} | PT7M",
                "{header: X-Wait, path: '$.*[*].minutes', format: minutes, or: 5m} | {\"1\":[{\"minutes\":0}]} | PT5M",
                "{header: X-Wait, path: '$.a', or: 5m} | no JSON | PT5M",
                "{body: $.wait.seconds} | x | PT12S",
                "{body: $..retryDelay, or: 30s} | x | PT44S",
                "{body: $.missing, or: 30s} | x | PT30S",
                "{next: day, zone: Europe/Berlin} | x | PT15H59M29.5S",
                "{quota: true} | x | PT0.5S",
                "{header: X-Wait, format: iso} | 5 |"
            })
    void waitsAreSaidInManyWays(String yaml, String header, Duration expected) {
        WaitSettings wait = YamlSettings.read(yaml, WaitSettings.class);
        Answer answer = answer(
                429,
                "{\"wait\":{\"seconds\":12},\"error\":{\"details\":[{\"retryDelay\":\"3s\"},{\"retryDelay\":\"44s\"}]}}",
                Map.of("x-wait", header));
        PathSearch search = new PathSearch(Stream.ofNullable(wait.body()).toList());
        assertThat(wait.wait(new Facts(answer, search), clock.instant())).isEqualTo(Optional.ofNullable(expected));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{then: stop} | A rule without status, header, body or body-contains would hold for every answer",
                "{status: 404} | A rule says what to do, write then: retry, skip-slice or stop",
                "{status: 40x, then: stop} | status: '40x' is not a status, write 403 or 4xx",
                "{status: 600, then: stop} | status: '600' is not a status, write 403 or 4xx",
                "{status: 404, then: give-up} | Unknown 'then: give-up', use one of accept, retry, wait-until, refresh-auth, skip-record, skip-slice, restart-slice, split-slice, shrink-page, resync, end-of-data, stop",
                "{body-contains: ' ', then: stop} | body-contains: '' is in every answer, write some text",
                "{header: {a: {matches: '('}}, then: stop} | header a: '(' is not a regular expression: Unclosed group",
                "{body: {path: $.a, matches: x}, then: stop} | body: write the path as the name, {$.error.code: [4, 17]} or {$.error.code: {matches: \"^17\"}}",
                "{body: {$.a: {like: x}}, then: stop} | body $.a: 'like' is no condition, write a value, \"*part of a text*\", a list of values, {matches: regexp}, {not: value}, present or absent",
                "{body: {$.a: ~}, then: stop} | body $.a: 'null' is no condition, write a value, \"*part of a text*\", a list of values, {matches: regexp}, {not: value}, present or absent",
                "{body: {$.a.: x}, then: stop} | '$.a.' is not a path, write $.data.items, data[0].id, $.data[-1].id, $[*].daily or $..endCursor",
                "{status: 404, then: stop, wait: {for: 1s}} | wait is for 'then: retry' and 'then: wait-until' only",
                "{status: 429, then: retry, wait: {}} | wait: write {header: retry-after}, {body: $.retry_after}, {for: 60s}, {next: hour} or {quota: true}",
                "{status: 429, then: retry, wait: {next: week}} | Unknown 'next: week', use one of minute, hour, day",
                "{status: 429, then: retry, wait: {header: a, format: http}} | Unknown 'format: http', use one of seconds, millis, minutes, epoch, iso, http-date, duration",
                "{status: 429, then: retry, wait: {next: day, for: 1s}} | wait: 'next' stands alone, but for 'zone'",
                "{status: 429, then: retry, wait: {for: 1s, format: iso}} | wait: 'format' says how a header or a place of the body is written, and there is none",
                "{status: 429, then: retry, wait: {for: 1s, path: $.a}} | wait: 'path' is a place in a 'header' that is JSON, and there is none",
                "{status: 429, then: retry, wait: {header: a, for: 1s}} | wait: 'for' stands alone; beside a header or body write 'or: 60s'",
                "{status: 429, then: retry, wait: {or: 1s}} | wait: 'or' is for where 'header' or 'body' say nothing, write {for: 60s}",
                "{status: 429, then: retry, wait: {header: a, body: $.b}} | wait: 'header' and 'body' are two places, name one",
                "{status: 429, then: retry, wait: {for: 1s, zone: UTC}} | wait: 'zone' is whose clock 'next' goes by, and there is no 'next'",
                "{status: 429, then: retry, wait: {next: day, zone: Mars}} | wait: zone 'Mars' is not a time zone, write one such as Europe/Berlin",
                "{status: 429, then: retry, wait: {quota: true, for: 1s}} | wait: 'quota' stands alone",
                "{status: 429, then: retry, wait: {for: 25h}} | wait: PT25H is longer than 24h"
            })
    void wrongRulesSayWhatWouldBeRight(String yaml, String message) {
        assertThatThrownBy(() -> YamlSettings.read(yaml, OutcomeRule.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message.replace("''", "' '").replace("body-contains: ' '", "body-contains: ''"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"error\":{\"type\":\"x\",\"message\":\"No such charge: ch_1\"}} | No such charge: ch_1",
                "{\"message\":\"Validation Failed\",\"errors\":[]} | Validation Failed",
                "{\"error\":true,\"reason\":\"Too much\"} | Too much",
                "{\"error\":\"invalid_grant\",\"error_description\":\"expired\"} | expired",
                "{\"errors\":[{\"detail\":\"bad\"}]} | bad",
                "{\"errors\":{\"a\":[1]}} | {\"a\":[1]}",
                "{\"message\":\"a\\nb\\u0000\\u001b[31m c\\u202e\"} | a b [31m c",
                "plain words | plain words",
                "{\"message\":\"key sk_live_abc, api_key=zzz\"} | key ***, api_key=***",
                "`` | ``"
            })
    void quotesTheVendorSafely(String body, String expected) {
        assertThat(failure(400, body, Map.of()).reason())
                .isEqualTo("HTTP 400" + (expected.isEmpty() ? "" : ": " + expected));
    }

    @Test
    void aLongMessageIsCut() {
        String reason = failure(500, "x".repeat(100_000), Map.of()).reason();
        assertThat(reason).hasSize("HTTP 500: ".length() + 300).endsWith("x…");
        String cutSecret = "y".repeat(295) + "sk_live_abc";
        assertThat(failure(500, cutSecret, Map.of()).reason()).doesNotContain("sk_li");
    }

    @ParameterizedTest
    @CsvSource({"<!DOCTYPE html><html>", "'\uFEFF \n<html lang=en>'", "<!-- hi --><HTML>", "<head>"})
    void aPageOfHtmlIsNoData(String body) {
        Failure failure = failure(200, body, Map.of("Content-Type", "application/json"));
        assertThat(failure.remedy()).isEqualTo(Remedy.RETRY);
        assertThat(failure.message())
                .isEqualTo("HTTP 200 with a page of HTML where data was expected"
                        + " (is there a sign-in page or a proxy between here and the vendor?)");
        assertThat(failure(502, body, Map.of()).reason()).isEqualTo("HTTP 502: a page of HTML");
    }

    @Test
    void jsonThatCallsItselfHtmlIsData() {
        assertThat(judge(200, "{\"a\":\"<html>\"}", Map.of("Content-Type", "text/html")))
                .isInstanceOf(Outcome.Accept.class);
    }

    static Stream<IOException> whatMayHeal() {
        return Stream.of(
                new SocketTimeoutException("Read timed out"),
                new ConnectException("Connection refused"),
                new SocketException("Connection reset"),
                new UnknownHostException("api.example.com"),
                new EOFException(),
                new SSLHandshakeException("Remote host terminated the handshake"),
                new IOException("Premature end of chunk"));
    }

    @ParameterizedTest
    @MethodSource("whatMayHeal")
    void aBrokenConnectionMayHealAndSaysWhereToLook(IOException broken) {
        Failure failure = outcomes().judge(broken);
        assertThat(failure.remedy()).isEqualTo(Remedy.RETRY);
        assertThat(failure.hint()).isNotEmpty();
    }

    @Test
    void aSlowAnswerNamesTheSettingThatEndedIt() {
        assertThat(outcomes()
                        .judge(new SocketTimeoutException("Read timed out"))
                        .hint())
                .contains("'timeout'");
        Failure late = outcomes().judge(new DeadlineException(Duration.ofMinutes(5), new SocketException("closed")));
        assertThat(late.reason()).contains("no whole answer within 300 s");
        assertThat(late.hint()).contains("'deadline'");
    }

    static Stream<Arguments> wrongCertificates() {
        return Stream.of(
                Arguments.of(new CertificateExpiredException("NotAfter"), "must renew it"),
                Arguments.of(new CertificateException("no path"), "-Djavax.net.ssl.trustStore"),
                Arguments.of(new CertificateException("No name matching a.example found"), "for another host"),
                Arguments.of(new SSLPeerUnverifiedException("host does not match"), "for another host"));
    }

    @ParameterizedTest
    @MethodSource("wrongCertificates")
    void aWrongCertificateDoesNotHeal(Exception wrong, String hint) {
        SSLHandshakeException refused = new SSLHandshakeException("PKIX path validation failed");
        refused.initCause(wrong);
        Failure failure = outcomes().judge(refused);
        assertThat(failure.remedy()).isEqualTo(Remedy.STOP);
        assertThat(failure.reason()).isEqualTo("SSLHandshakeException: PKIX path validation failed");
        assertThat(failure.hint()).contains(hint);
    }

    private Failure failure(int status, String body, Map<String, String> headers) {
        return (Failure) judge(status, body, headers);
    }

    private Outcome judge(int status, String body, Map<String, String> headers) {
        return outcomes().judge(answer(status, body, headers));
    }

    @Test
    void aRuleSaysToPeopleWhatTheAnswerHas() {
        Outcomes outcomes = outcomes(
                "{body: {$.error: missing_scope}, then: stop, say: 'the scope {$.needed} is missing, there is {$.provided}'}",
                "{status: 403, then: refresh-auth}");
        Failure told = (Failure) outcomes.judge(answer(
                200, "{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"users:read sk_live_abc\"}", Map.of()));

        assertThat(told.remedy()).isEqualTo(Remedy.STOP);
        assertThat(told.reason()).isEqualTo("HTTP 200: missing_scope");
        assertThat(told.hint()).isEqualTo("the scope users:read *** is missing, there is nothing");
        assertThat(((Failure) outcomes.judge(answer(403, "", Map.of()))).hint()).contains("credential");
        assertThatThrownBy(() -> outcomes("{status: 200, then: accept, say: fine}"))
                .hasMessageContaining("does not go with 'then: accept'");
        assertThatThrownBy(() -> outcomes("{status: 200, then: stop, say: ' '}"))
                .hasMessageContaining("say: ' '");
    }

    @Test
    void theRulesOfOneStreamComeBeforeThoseOfItsConnection() {
        Outcomes connection = outcomes("{status: 404, then: skip-slice}", "{status: 418, then: retry}");
        Outcomes stream =
                connection.after(List.of(YamlSettings.read("{status: 404, then: resync}", OutcomeRule.class)));
        assertThat(remedy(stream, 404, "", Map.of())).isEqualTo(Remedy.RESYNC);
        assertThat(remedy(stream, 418, "", Map.of())).isEqualTo(Remedy.RETRY);
        assertThat(remedy(connection, 404, "", Map.of())).isEqualTo(Remedy.SKIP_SLICE);
    }

    private static Remedy remedy(Outcomes outcomes, int status, String body, Map<String, String> headers) {
        return ((Failure) outcomes.judge(answer(status, body, headers))).remedy();
    }

    private Outcomes outcomes(String... rules) {
        List<OutcomeRule> all = Stream.of(rules)
                .map(each -> YamlSettings.read(each, OutcomeRule.class))
                .toList();
        return new Outcomes(all, new Redaction(List.of("sk_live_abc")), clock);
    }

    private static Answer answer(int status, String body, Map<String, String> headers) {
        Map<String, List<String>> all = new LinkedHashMap<>();
        headers.forEach((name, value) -> all.put(name, List.of(value)));
        return new Answer(status, Headers.of(all), body.getBytes(UTF_8));
    }
}
