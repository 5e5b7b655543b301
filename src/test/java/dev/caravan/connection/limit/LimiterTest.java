package dev.caravan.connection.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Headers;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.YamlSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimiterTest {
    private final MutableClock clock = new MutableClock("2026-09-01T06:00:00Z");

    @Test
    void aBurstGoesAtOnceThenRequestsAreEvenlySpread() {
        Limiter limiter = limiter("{rate: 2, per: 1s, burst: 3}");
        assertThat(times(limiter, 6)).containsExactly(0L, 0L, 0L, 500L, 1000L, 1500L);
        clock.move(Duration.ofHours(1));
        assertThat(wait(limiter)).isZero();
    }

    @Test
    void withoutABurstAllOfTheRateGoesAtOnceAndNeverMoreInAnySpan() {
        Limiter limiter = limiter("{rate: 4, per: 3s}");
        // A thirtieth longer than at the vendor, for not all requests take as long to get there.
        assertThat(times(limiter, 9)).containsExactly(0L, 0L, 0L, 0L, 3100L, 3100L, 3100L, 3100L, 6200L);
    }

    @Test
    void aRateBelowOneIsOneInALongerTime() {
        assertThat(times(limiter("{rate: 0.5, per: 3s}"), 3)).containsExactly(0L, 6200L, 12400L);
    }

    @Test
    void theSlowestQuotaCounts() {
        Limiter limiter = limiter("{rate: 10, burst: 10}", "{rate: 60, per: 1h, burst: 2}");
        assertThat(times(limiter, 3)).containsExactly(0L, 0L, 60_000L);
    }

    @Test
    void aHeavyRequestTakesSeveralPlaces() {
        Limiter bucket = limiter("{rate: 1, burst: 2}");
        assertThat(times(bucket, 1, 1.5, 1.5)).containsExactly(0L, 500L, 2000L);
        Limiter rolling = limiter("{rate: 10, per: 3s}");
        clock.move(Duration.ofHours(1));
        assertThat(times(rolling, 5.2, 4.8, 1.7)).containsExactly(0L, 0L, 3100L);
        // What is more than a quota goes alone.
        assertThat(times(limiter("{rate: 10, per: 3s}"), 1, 50, 1)).containsExactly(0L, 3100L, 6200L);
    }

    @Test
    void theProcessCountsToo() {
        Limiter process = new Limiter(LimitSettings.of(List.of(quota("{rate: 1, burst: 3}")), 3), null, clock);
        Limiter one = new Limiter(LimitSettings.of(List.of(Quota.DEFAULT), 2), process, clock);
        Limiter other = new Limiter(LimitSettings.of(List.of(Quota.DEFAULT), 2), process, clock);
        Limiter.Pass first = entered(one, ask("/a", 1));
        entered(one, ask("/a", 1));
        assertThat(one.enter(ask("/a", 1)).quota()).isFalse();
        // Points of a vendor are one request of the process.
        entered(other, ask("/a", 9));
        assertThat(other.enter(ask("/a", 1)).pass()).isNull();
        assertThat(other.inFlight()).isEqualTo(1);
        assertThat(process.inFlight()).isEqualTo(3);
        first.leave();
        first.leave();
        assertThat(process.inFlight()).isEqualTo(2);
        Limiter.Entry later = one.enter(ask("/a", 1));
        assertThat(later.quota()).isTrue();
        assertThat(later.delay()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void quotasAreForTheRequestsTheyMatch() {
        Limiter limiter = limiter(
                "{rate: 1, per: 3s, match: {path: [/lists, '/lists/*']}}",
                "{rate: 1, per: 3s, match: {path: '*.json', method: POST}}");
        assertThat(wait(limiter, ask("/lists", 1))).isZero();
        assertThat(wait(limiter, ask("/lists/7/members", 1))).isEqualTo(Duration.ofMillis(3100));
        assertThat(wait(limiter, ask("/listsome", 1))).isZero();
        assertThat(wait(limiter, new Ask("s", "POST", "/a.json", 1, true))).isZero();
        assertThat(wait(limiter, new Ask("s", "POST", "/b.json", 1, true))).isEqualTo(Duration.ofMillis(3100));
        assertThat(wait(limiter, ask("/b.json", 1))).isZero();
    }

    @Test
    void eachPathMayHaveAQuotaOfItsOwn() {
        Limiter limiter = limiter("{rate: 1, per: 3s, by: path}");
        assertThat(wait(limiter, ask("/a", 1))).isZero();
        assertThat(wait(limiter, ask("/b", 1))).isZero();
        assertThat(wait(limiter, ask("/a", 1))).isEqualTo(Duration.ofMillis(3100));
        for (int i = 0; i < 5_000; i++) {
            assertThat(wait(limiter, ask("/many/" + i, 1))).isZero();
        }
    }

    @Test
    void allPagesOfASliceAreOne() {
        Limiter limiter = limiter("{rate: 2, per: 3s, count: slice}");
        assertThat(wait(limiter, ask("/a", 1))).isZero();
        for (int i = 0; i < 10; i++) {
            assertThat(wait(limiter, new Ask("s", "GET", "/a", 1, false))).isZero();
        }
        assertThat(wait(limiter, ask("/a", 1))).isZero();
        assertThat(wait(limiter, ask("/a", 1))).isEqualTo(Duration.ofMillis(3100));
    }

    @Test
    void aPathMayBeAskedByFewerAtOnce() {
        Limiter limiter = limiter("{in-flight: 1, match: {path: /reports}}", "{rate: 100}");
        Limiter.Pass report = entered(limiter, ask("/reports", 1));
        assertThat(limiter.enter(ask("/reports", 1)).pass()).isNull();
        entered(limiter, ask("/other", 1));
        report.leave();
        entered(limiter, ask("/reports", 1));
    }

    @Test
    void weightsGoByRule() {
        LimitSettings settings = new LimitSettings(
                List.of(Quota.DEFAULT),
                1,
                List.of(
                        YamlSettings.read("{match: {path: /search}, weight: 5}", WeightRule.class),
                        YamlSettings.read("{match: {method: POST}, weight: 2.5}", WeightRule.class)),
                BreakerSettings.NEVER,
                true);
        assertThat(settings.weight("POST", "/search")).isEqualTo(5);
        assertThat(settings.weight("POST", "/other")).isEqualTo(2.5);
        assertThat(settings.weight("GET", "/other")).isEqualTo(1);
    }

    @Test
    void aBucketIsCorrectedByTheAnswer() {
        // Shopify's, with a thousand points of two thousand left where ours thinks it is full.
        Limiter limiter = limiter("""
                {rate: 50, per: 1s, burst: 1000, learn: {
                  cost: $.extensions.cost.actualQueryCost,
                  left: $.extensions.cost.throttleStatus.currentlyAvailable,
                  rate: $.extensions.cost.throttleStatus.restoreRate,
                  burst: $.extensions.cost.throttleStatus.maximumAvailable}}""");
        Limiter.Pass pass = entered(limiter, ask("/graphql.json", 100));
        pass.learn(answer("""
                {"extensions": {"cost": {"requestedQueryCost": 100, "actualQueryCost": 60, "throttleStatus":
                  {"maximumAvailable": 2000.0, "currentlyAvailable": 90, "restoreRate": 100.0}}}}"""));
        pass.leave();
        // The next costs 60, as this one did; then 30 are left, and 100 come back in a second.
        assertThat(times(limiter, 100, 100, 100)).containsExactly(0L, 300L, 900L);
    }

    @Test
    void aCallLimitIsReadAsUsedOfAll() {
        Limiter limiter = limiter("{rate: 2, burst: 40, learn: {used: header.X-Shopify-Shop-Api-Call-Limit}}");
        Limiter.Pass pass = entered(limiter, ask("/a", 1));
        pass.learn(answer("", "X-Shopify-Shop-Api-Call-Limit", "38/40"));
        pass.leave();
        assertThat(times(limiter, 3)).containsExactly(0L, 0L, 500L);
    }

    @Test
    void aShareOfUseMakesTheQuotaRest() {
        Limiter limiter = limiter(
                "{rate: 100, learn: {used: header.X-Usage, path: '$.*[*].call_count', pause-at: 95, pause: 5m}}");
        Limiter.Pass pass = entered(limiter, ask("/a", 1));
        pass.learn(answer("", "X-Usage", "{\"1\":[{\"call_count\":20}],\"2\":[{\"call_count\":94}]}"));
        assertThat(wait(limiter)).isZero();
        pass.learn(answer("", "X-Usage", "{\"1\":[{\"call_count\":20}],\"2\":[{\"call_count\":95}]}"));
        assertThat(wait(limiter)).isEqualTo(Duration.ofMinutes(5));
        limiter.release();
        assertThat(wait(limiter)).isZero();
    }

    @Test
    void whatIsLeftBoundsARateToo() {
        Limiter limiter = limiter("{rate: 20, per: 3s, learn: {left: header.X-RateLimit-Remaining}}");
        Limiter.Pass pass = entered(limiter, ask("/a", 1));
        pass.learn(answer("", "X-RateLimit-Remaining", "2"));
        pass.leave();
        assertThat(times(limiter, 3)).containsExactly(0L, 0L, 3100L);
    }

    @Test
    void theUsualHeadersBoundTheRequestsByThemselves() {
        Limiter limiter = adapting("{rate: 1000}");
        Limiter.Pass pass = entered(limiter, ask("/a", 1));
        Limiter.Pass onItsWay = entered(limiter, ask("/a", 1));
        pass.learn(answer("", "X-RateLimit-Remaining", "3", "X-RateLimit-Reset", "60"));
        pass.leave();
        onItsWay.leave();
        // One of the three may be the one on its way.
        assertThat(times(limiter, 3)).containsExactly(0L, 0L, 60_000L);
    }

    @Test
    void headersOfANarrowQuotaHoldNoOthersBack() {
        Limiter limiter = adapting("{rate: 1000}", "{rate: 1000, match: {path: /search}}");
        Limiter.Pass pass = entered(limiter, ask("/search", 1));
        pass.learn(answer("", "RateLimit", "limit=10, remaining=0, reset=30"));
        pass.leave();
        assertThat(wait(limiter, ask("/search", 1))).isEqualTo(Duration.ofSeconds(30));
        assertThat(wait(limiter, ask("/other", 1))).isZero();
    }

    @Test
    void theBreakerLeavesAVendorAloneThatIsDownAndProbesIt() {
        Limiter limiter = new Limiter(
                new LimitSettings(
                        List.of(quota("{rate: 1000}")),
                        8,
                        List.of(),
                        YamlSettings.read("{failures: 50%, of: 4, wait: 30s, probes: 2}", BreakerSettings.class),
                        false),
                null,
                clock);
        for (boolean well : List.of(true, false, true)) {
            limiter.answered(well);
        }
        assertThat(limiter.breaker()).isEqualTo("closed");
        limiter.answered(false);
        assertThat(limiter.breaker()).isEqualTo("open");
        assertThat(limiter.held()).hasValueSatisfying(hold -> {
            assertThat(hold.until()).isEqualTo(clock.instant().plusSeconds(30));
            assertThat(hold.reason()).isEqualTo("breaker open, 50% of the last 4 answers were failures");
        });
        assertThat(wait(limiter)).isEqualTo(Duration.ofSeconds(30));
        clock.move(Duration.ofSeconds(31));
        Limiter.Pass one = entered(limiter, ask("/a", 1));
        Limiter.Pass two = entered(limiter, ask("/a", 1));
        assertThat(limiter.enter(ask("/a", 1)).pass()).isNull();
        assertThat(limiter.breaker()).isEqualTo("half-open");
        limiter.answered(false);
        limiter.answered(false);
        one.leave();
        two.leave();
        assertThat(limiter.breaker()).isEqualTo("open");
        limiter.release();
        assertThat(limiter.breaker()).isEqualTo("closed");
        assertThat(wait(limiter)).isZero();
    }

    @Test
    void goodProbesCloseTheBreaker() {
        Limiter limiter = new Limiter(
                new LimitSettings(List.of(quota("{rate: 1000}")), 8, List.of(), BreakerSettings.USUAL, false),
                null,
                clock);
        for (int i = 0; i < 20; i++) {
            limiter.answered(false);
        }
        clock.move(Duration.ofSeconds(31));
        for (int i = 0; i < 3; i++) {
            Limiter.Pass probe = entered(limiter, ask("/a", 1));
            limiter.answered(true);
            probe.leave();
        }
        assertThat(limiter.breaker()).isEqualTo("closed");
    }

    @Test
    void aBreakerMayBeOff() {
        assertThat(YamlSettings.read("off", BreakerSettings.class)).isEqualTo(BreakerSettings.NEVER);
        Limiter limiter = limiter("{rate: 1000}");
        for (int i = 0; i < 100; i++) {
            limiter.answered(false);
        }
        assertThat(limiter.breaker()).isEqualTo("off");
        assertThat(wait(limiter)).isZero();
    }

    @Test
    void aHoldKeepsTheWholeConnectionBack() {
        Limiter limiter = limiter("{rate: 100}");
        Instant now = clock.instant();
        limiter.holdUntil(now.plusSeconds(60), "quota of GitHub");
        limiter.holdUntil(now.plusSeconds(30), "less");
        assertThat(limiter.held()).contains(new Hold(now.plusSeconds(60), "quota of GitHub"));
        assertThat(wait(limiter)).isEqualTo(Duration.ofSeconds(60));
        clock.move(Duration.ofSeconds(60));
        assertThat(limiter.held()).isEmpty();
        assertThat(wait(limiter)).isZero();
        limiter.holdUntil(clock.instant().plusSeconds(5), "again");
        limiter.release();
        assertThat(limiter.held()).isEmpty();
    }

    @Test
    void aClockThatGoesBackDoesNotStarveTheConnection() {
        for (String each : List.of("{rate: 1, burst: 1}", "{rate: 1, per: 1s}")) {
            Limiter limiter = limiter(each);
            assertThat(wait(limiter)).isZero();
            clock.move(Duration.ofHours(-5));
            assertThat(wait(limiter)).isLessThanOrEqualTo(Duration.ofMillis(1034));
            clock.move(Duration.ofSeconds(2));
            assertThat(wait(limiter)).isZero();
        }
    }

    @Test
    void anOperatorMayChangeRateAndConcurrency() {
        Limiter limiter = limiter("{rate: 1, burst: 1}");
        limiter.changeQuotas(List.of(quota("{rate: 10, burst: 1}")));
        assertThat(times(limiter, 2)).containsExactly(0L, 100L);
        clock.move(Duration.ofSeconds(1));
        limiter.changeMaxInFlight(1);
        Limiter.Pass pass = entered(limiter, ask("/a", 1));
        assertThat(limiter.enter(ask("/a", 1)).quota()).isFalse();
        pass.leave();
        assertThatThrownBy(() -> limiter.changeMaxInFlight(0)).hasMessage("in-flight=0 is not at least 1");
    }

    @Test
    void manyThreadsNeverExceedTheBounds() throws Exception {
        Limiter process = new Limiter(LimitSettings.of(List.of(quota("{rate: 1e5, burst: 1000}")), 5), null, clock);
        Limiter limiter = new Limiter(LimitSettings.of(List.of(quota("{rate: 9000, per: 1h}")), 3), process, clock);
        AtomicInteger open = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger through = new AtomicInteger();
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(pool.submit(() -> {
                    for (int round = 0; round < 5_000; round++) {
                        Limiter.Pass pass = limiter.enter(ask("/a", 1)).pass();
                        if (pass != null) {
                            most.accumulateAndGet(open.incrementAndGet(), Math::max);
                            through.incrementAndGet();
                            open.decrementAndGet();
                            pass.leave();
                        } else {
                            clock.move(Duration.ofNanos(100_000));
                        }
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(most.get()).isBetween(1, 3);
        assertThat(through.get()).isBetween(1, 9000);
        assertThat(limiter.inFlight()).isZero();
        assertThat(process.inFlight()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{rate: 25} | 25.0 | PT1S |",
                "{rate: 5000, per: 1h} | 5000 | PT1H |",
                "{rate: 10000, per: 1d, burst: 7} | 10000 | PT24H | 7"
            })
    void quotasHaveDefaults(String yaml, double rate, Duration per, @Nullable Double burst) {
        assertThat(quota(yaml))
                .isEqualTo(new Quota(rate, per, burst, null, RequestMatch.ANY, false, Quota.Counts.REQUEST, null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{per: 1s} | quota: rate is missing, write {rate: 10, per: 1s} or {in-flight: 2}",
                "{rate: 0} | quota: rate=0.0 is not above 0",
                "{rate: -1} | quota: rate=-1.0 is not above 0",
                "{rate: NaN} | quota: rate=NaN is not above 0",
                "{rate: 1, per: 0s} | quota: per=PT0S has no length, write 1s, 1m, 1h or 1d",
                "{rate: 1, burst: 0} | quota: burst=0.0 is not at least 1",
                "{in-flight: 0} | quota: in-flight=0 is not at least 1",
                "{in-flight: 2, burst: 3} | quota: burst, learn and count belong to a 'rate', write {rate: 10, per: 1s}",
                "{rate: 1, by: method} | quota: by 'method' is unknown, write by: path",
                "{rate: 1, count: page} | Unknown 'count: page', use request or slice",
                "{rate: 1, match: {}} | match: write {path: /events}, {method: POST} or both",
                "{rate: 1, match: {path: events}} | match: path 'events' begins with neither / nor *, write /events",
                "{rate: 1, match: {method: '?'}} | match: method '?' is none, write GET or POST",
                "{rate: 1, learn: {path: $.a}} | learn: write {left: header.X-RateLimit-Remaining}, or used, cost, rate, burst",
                "{rate: 1, learn: {left: X-Left}} | learn: 'X-Left' is no place, write header.X-RateLimit-Remaining or $.cost.left",
                "{rate: 1, learn: {left: header.X, pause-at: 95}} | learn: pause-at is a percentage of 'used', write {used: header.X-Usage, pause-at: 95}",
                "{rate: 1, learn: {used: header.X, pause: 5m}} | learn: 'pause' is how long it rests at 'pause-at', and there is none",
                "{rate: 1, per: 100y} | quota: rate=1.0 per=PT864000H is not between one request in 1000 days and 100000 in a second",
                "{rate: 1e9} | quota: rate=1.0E9 per=PT1S is not between one request in 1000 days and 100000 in a second",
                "{rate: 1, per: soon} | 'soon' is not a length of time, write 90s, 15m, 24h, 30d, 1mo or P1M"
            })
    void wrongQuotasSayWhatWouldBeRight(String yaml, String message) {
        assertThatThrownBy(() -> quota(yaml))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{failures: 0%} | breaker: failures is 0%, use 1% to 100%",
                "{failures: 5} | breaker: failures '5' is not a share, write one from 1% to 100%",
                "{of: 1} | breaker: of is 1, use 2 to 10000",
                "{wait: 0s} | breaker: wait is 0s, write a length such as 30s",
                "{probes: 0} | breaker: probes is 0, use 1 to 100",
                "on | breaker: 'on' says nothing, write off or {failures: 50%, of: 20, wait: 30s}"
            })
    void wrongBreakersSayWhatWouldBeRight(String yaml, String message) {
        assertThatThrownBy(() -> YamlSettings.read(yaml, BreakerSettings.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void aLimiterHasQuotasAndRoom() {
        assertThatThrownBy(() -> LimitSettings.of(List.of(), 1)).hasMessage("A limiter has at least one quota");
        assertThatThrownBy(() -> LimitSettings.of(List.of(Quota.DEFAULT), 0))
                .hasMessage("in-flight=0 is not at least 1");
    }

    @Test
    void theProcessSendsAtMostFiveHundredRequestsInASecond() {
        Limiter process = Limiter.ofProcess(500, 200, clock);
        List<Long> times = times(process, 600);
        for (int i = 0; i + 500 < times.size(); i++) {
            assertThat(times.get(i + 500) - times.get(i)).isGreaterThanOrEqualTo(1000);
        }
        clock.move(Duration.ofSeconds(10));
        for (int i = 0; i < 200; i++) {
            while (process.enter(ask("/a", 1)).quota()) {
                clock.move(Duration.ofMillis(10));
            }
        }
        assertThat(process.inFlight()).isEqualTo(200);
        assertThat(process.enter(ask("/a", 1)).pass()).isNull();
    }

    private Limiter limiter(String... quotas) {
        return new Limiter(LimitSettings.of(quotas(quotas), 8), null, clock);
    }

    private Limiter adapting(String... quotas) {
        return new Limiter(new LimitSettings(quotas(quotas), 8, List.of(), BreakerSettings.NEVER, true), null, clock);
    }

    private static List<Quota> quotas(String... quotas) {
        return Stream.of(quotas).map(LimiterTest::quota).toList();
    }

    private static Quota quota(String yaml) {
        return YamlSettings.read(yaml, Quota.class);
    }

    private static Ask ask(String path, double weight) {
        return new Ask("acme-items", "GET", path, weight, true);
    }

    private static Limiter.Pass entered(Limiter limiter, Ask ask) {
        return Objects.requireNonNull(limiter.enter(ask).pass());
    }

    /** Returns how long a request must wait; one that need not is answered at once. */
    private static Duration wait(Limiter limiter, Ask ask) {
        Limiter.Entry entry = limiter.enter(ask);
        if (entry.pass() != null) {
            entry.pass().leave();
        }
        return entry.delay();
    }

    private static Duration wait(Limiter limiter) {
        return wait(limiter, ask("/a", 1));
    }

    /** Returns when so many requests go, in milliseconds from now, if each waits as long as it is told and is answered at once. */
    private List<Long> times(Limiter limiter, int count) {
        double[] weights = new double[count];
        Arrays.fill(weights, 1);
        return times(limiter, weights);
    }

    private List<Long> times(Limiter limiter, double... weights) {
        Instant start = clock.instant();
        List<Long> times = new ArrayList<>();
        for (double weight : weights) {
            for (Duration wait = wait(limiter, ask("/a", weight));
                    !wait.isZero();
                    wait = wait(limiter, ask("/a", weight))) {
                clock.move(wait);
            }
            times.add(Duration.between(start, clock.instant()).toMillis());
        }
        return times;
    }

    private static Answer answer(String body, String... headers) {
        Map<String, List<String>> all = new LinkedHashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            all.put(headers[i], List.of(headers[i + 1]));
        }
        return new Answer(200, Headers.of(all), body.getBytes(StandardCharsets.UTF_8));
    }
}
