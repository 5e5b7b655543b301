package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.AcmeRoutes;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.Summaries;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What servers do, each on a connection of its own, all asked by one process. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpIT {
    private final FakeApi api = FakeApi.start();
    private final FakeApi foreign = FakeApi.start("127.0.0.2");
    private final Map<String, Instant> dates = new ConcurrentHashMap<>();
    private CaravanHome home;
    private Ended ended;
    private Summaries summaries;

    @BeforeAll
    void pullAll(@TempDir Path folder) {
        home = CaravanHome.in(folder).withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET);
        secondPage("retry-seconds", asked -> throttled("2"));
        secondPage("retry-decimal", asked -> throttled("1.5"));
        secondPage("retry-date", asked -> throttled(date(asked)));
        always("errors-one", asked -> Reply.status(500).json("{\"error\":\"broken\"}"));
        always("errors-two", asked -> Reply.status(502).text("<html><body>Bad Gateway</body></html>"));
        always("refused", asked -> Reply.status(401)
                .json("{\"error\":{\"message\":\"Invalid key: %s\"}}".formatted(AcmeRoutes.SECRET)));
        always("missing", asked -> Reply.status(404).json("{\"error\":{\"message\":\"No such collection\"}}"));
        secondPage("cut", asked -> pageTwo().cutAfter(60));
        secondPage("html", asked -> Reply.status(200).text("<!DOCTYPE html><html><body>Sign in</body></html>"));
        secondPage("tail", asked -> Reply.ok("{\"data\":[{\"id\":\"item-00011\"}],\"next\":null}}]garbage"));
        secondPage("half", asked -> Reply.ok("{\"data\":[{\"id\":\"item-00011\"},{\"id\":\"item-000"));
        always("loop-a", asked -> Reply.page(AcmeRoutes.records(1, 3), "A"));
        always(
                "loop-ab",
                asked ->
                        Reply.page(AcmeRoutes.records(1, 3), asked.query("page").equals("A") ? "B" : "A"));
        always("leads-away", asked -> Reply.page(AcmeRoutes.records(1, 3), foreign.url() + "/leads-away?page=2"));
        always("redirects", asked -> Reply.status(302).header("Location", foreign.url() + "/redirects"));
        always("evil", asked -> page(asked)
                .header("Authorization", "evil")
                .header("X-Evil", "evil")
                .header("CamelHttpUri", foreign.url())
                .header("CamelHttpQuery", "evil=1")
                .header("Set-Cookie", "evil=1; Path=/"));
        home.withRoute(
                "leads-away",
                AcmeRoutes.tokens("leads-away", api.url(), "next: {from: next-url, value: $.next, to: null}"));

        ended = home.run("pull", "--all", "--json");
        summaries = Summaries.of(ended);
    }

    @AfterAll
    void close() {
        api.close();
        foreign.close();
    }

    @ParameterizedTest
    @CsvSource({"retry-seconds, 2000", "retry-decimal, 1500"})
    void asksAgainNotEarlierThanRetryAfterSays(String name, long millis) {
        List<Asked> asked = api.asked("/" + name);
        assertThat(asked.get(2).query()).isEqualTo(asked.get(1).query());
        assertThat(asked.get(2).since(asked.get(1))).isGreaterThanOrEqualTo(Duration.ofMillis(millis));
        assertWhole(name);
    }

    @Test
    void asksAgainNotEarlierThanTheDateOfRetryAfter() {
        assertThat(api.asked("/retry-date").get(2).at()).isAfterOrEqualTo(dates.get("/retry-date"));
        assertWhole("retry-date");
    }

    @ParameterizedTest
    @ValueSource(strings = {"errors-one", "errors-two"})
    void triesServerErrorsAgainWithGrowingDelaysAndFails(String name) {
        List<Asked> asked = api.asked("/" + name);
        assertThat(asked).hasSize(4);
        List<Duration> gaps = gaps(asked);
        // 500 ms, doubled each time, each up to a fifth less or more; the first is also slow for other reasons.
        assertThat(gaps.get(0)).isGreaterThanOrEqualTo(Duration.ofMillis(400));
        assertThat(gaps.get(1)).isGreaterThanOrEqualTo(Duration.ofMillis(600));
        assertThat(gaps.get(2)).isGreaterThanOrEqualTo(Duration.ofSeconds(1)).isGreaterThan(gaps.get(1));
        assertThat(summaries.status(name + "-items")).isEqualTo("failed");
        assertThat(summaries.of(name + "-items").path("retries").asInt()).isEqualTo(3);
    }

    @Test
    void jittersTheDelays() {
        List<Duration> one = gaps(api.asked("/errors-one"));
        List<Duration> two = gaps(api.asked("/errors-two"));
        long apart = 0;
        for (int i = 0; i < one.size(); i++) {
            apart = Math.max(apart, one.get(i).minus(two.get(i)).abs().toMillis());
        }
        assertThat(apart).as("%s and %s", one, two).isGreaterThan(3);
    }

    @ParameterizedTest
    @CsvSource({
        "refused, HTTP 401: Invalid key, the credential is missing",
        "missing, HTTP 404: No such collection, check path and account"
    })
    void failsAtOnceAndSaysWhatToDo(String name, String answer, String remedy) {
        assertThat(api.asked("/" + name)).hasSize(1);
        assertThat(summaries.status(name + "-items")).isEqualTo("failed");
        assertThat(summaries.error(name + "-items"))
                .contains(name + "-items 2026-01-01T00:00:00Z", "GET " + api.url() + "/" + name, answer, remedy);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cut", "html", "tail", "half"})
    void asksAgainForAnAnswerThatIsNotWholeAndCountsNothingOfIt(String name) {
        List<Asked> asked = api.asked("/" + name);
        assertThat(asked).hasSize(3);
        assertThat(asked.get(2).query()).isEqualTo(asked.get(1).query());
        assertWhole(name);
        assertThat(summaries.of(name + "-items").path("duplicates").asInt()).isZero();
        assertThat(summaries.of(name + "-items").path("pages").asInt()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"loop-a, 3", "loop-ab, 4"})
    void noticesTokensThatGoInCircles(String name, int most) {
        assertThat(api.asked("/" + name)).hasSizeLessThanOrEqualTo(most);
        assertThat(summaries.status(name + "-items")).isEqualTo("failed");
        assertThat(summaries.error(name + "-items")).contains(name + "-items 2026-01-01T00:00:00Z", "page=A");
    }

    @ParameterizedTest
    @ValueSource(strings = {"leads-away", "redirects"})
    void doesNotLeaveTheVendor(String name) {
        assertThat(foreign.asked()).isEmpty();
        assertThat(api.asked("/" + name)).hasSize(1);
        assertThat(summaries.status(name + "-items")).isEqualTo("failed");
        assertThat(summaries.error(name + "-items"))
                .contains(name + "-items 2026-01-01T00:00:00Z", foreign.url().replaceFirst(".*//", ""));
    }

    @Test
    void sendsNothingOfAnAnswerWithTheNextRequest() {
        List<Asked> asked = api.asked("/evil");
        assertThat(asked).hasSize(2);
        for (Asked each : asked) {
            assertThat(each.headers().get("Authorization")).containsExactly("Bearer " + AcmeRoutes.SECRET);
            assertThat(each.headers().keySet()).doesNotContain("X-evil", "Cookie", "Set-cookie");
            assertThat(each.query()).doesNotContainKey("evil");
        }
        assertWhole("evil");
    }

    @Test
    void keepsTheSecretToItself() {
        ended.expect(1);
        assertThat(ended.all()).doesNotContain(AcmeRoutes.SECRET);
        assertThat(home.filesWith(AcmeRoutes.SECRET)).isEmpty();
        assertThat(api.asked("/cut").get(0).headers().getFirst("Authorization"))
                .isEqualTo("Bearer " + AcmeRoutes.SECRET);
    }

    private void assertWhole(String name) {
        assertThat(summaries.status(name + "-items"))
                .as(summaries.error(name + "-items"))
                .isEqualTo("done");
        home.landed(name + "/items").assertExactlyOnce(AcmeRoutes.ids(1, 20), "id");
    }

    private static List<Duration> gaps(List<Asked> asked) {
        List<Duration> gaps = new ArrayList<>();
        for (int i = 1; i < asked.size(); i++) {
            gaps.add(asked.get(i).since(asked.get(i - 1)));
        }
        return gaps;
    }

    private static Reply throttled(String retryAfter) {
        return Reply.status(429).header("Retry-After", retryAfter).json("{\"error\":\"slow down\"}");
    }

    private String date(Asked asked) {
        Instant date = Instant.now().plusSeconds(3).truncatedTo(ChronoUnit.SECONDS);
        dates.put(asked.path(), date);
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(date.atOffset(ZoneOffset.UTC));
    }

    private void always(String name, Function<Asked, Reply> script) {
        api.on("/" + name, script);
        home.withRoute(name, AcmeRoutes.tokens(name, api.url()));
    }

    /** Two pages; the second goes wrong once. */
    private void secondPage(String name, Function<Asked, Reply> wrong) {
        always(name, asked -> asked.before() == 1 ? wrong.apply(asked) : page(asked));
    }

    private static Reply page(Asked asked) {
        return asked.query().containsKey("page") ? pageTwo() : Reply.page(AcmeRoutes.records(1, 10), "p2");
    }

    private static Reply pageTwo() {
        return Reply.page(AcmeRoutes.records(11, 20), "");
    }
}
