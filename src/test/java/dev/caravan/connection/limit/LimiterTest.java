package dev.caravan.connection.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.YamlSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimiterTest {
    private final MutableClock clock = new MutableClock("2026-09-01T06:00:00Z");

    @Test
    void aBurstGoesAtOnceThenRequestsAreEvenlySpread() {
        Limiter limiter = limiter("{rate: 2, per: 1s, burst: 3}");
        List<Duration> waits = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            waits.add(limiter.reserve());
        }
        assertThat(waits).containsExactly(millis(0), millis(0), millis(0), millis(500), millis(1000), millis(1500));
        clock.move(millis(1500));
        assertThat(limiter.reserve()).isEqualTo(millis(500));
        clock.move(Duration.ofHours(1));
        assertThat(limiter.reserve()).isEqualTo(millis(0));
    }

    @Test
    void theSlowestQuotaCounts() {
        Limiter limiter = new Limiter(
                List.of(quota("{rate: 10, burst: 10}"), quota("{rate: 60, per: 1h, burst: 2}")), 8, null, clock);
        assertThat(limiter.reserve()).isZero();
        assertThat(limiter.reserve()).isZero();
        assertThat(limiter.reserve()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void aHeavyRequestTakesSeveralPlaces() {
        Limiter limiter = limiter("{rate: 1, burst: 2}");
        assertThat(limiter.reserve(12)).isEqualTo(Duration.ofSeconds(10));
        assertThat(limiter.reserve()).isEqualTo(Duration.ofSeconds(11));
    }

    @Test
    void theProcessCountsToo() {
        Limiter process = new Limiter(List.of(quota("{rate: 1, burst: 2}")), 3, null, clock);
        Limiter one = new Limiter(List.of(Quota.DEFAULT), 2, process, clock);
        Limiter other = new Limiter(List.of(Quota.DEFAULT), 2, process, clock);
        assertThat(one.reserve()).isZero();
        assertThat(other.reserve()).isZero();
        assertThat(one.reserve()).isEqualTo(Duration.ofSeconds(1));
        assertThat(one.tryEnter()).isTrue();
        assertThat(one.tryEnter()).isTrue();
        assertThat(one.tryEnter()).isFalse();
        assertThat(other.tryEnter()).isTrue();
        assertThat(other.tryEnter()).isFalse();
        assertThat(other.inFlight()).isEqualTo(1);
        assertThat(process.inFlight()).isEqualTo(3);
        one.leave();
        assertThat(other.tryEnter()).isTrue();
        assertThat(process.inFlight()).isEqualTo(3);
    }

    @Test
    void aHoldKeepsTheWholeConnectionBack() {
        Limiter limiter = limiter("{rate: 100}");
        Instant now = clock.instant();
        limiter.holdUntil(now.plusSeconds(60), "quota of GitHub");
        limiter.holdUntil(now.plusSeconds(30), "less");
        assertThat(limiter.held()).contains(new Hold(now.plusSeconds(60), "quota of GitHub"));
        assertThat(limiter.reserve()).isEqualTo(Duration.ofSeconds(60));
        clock.move(Duration.ofSeconds(60));
        assertThat(limiter.held()).isEmpty();
        assertThat(limiter.reserve()).isZero();
        limiter.holdUntil(clock.instant().plusSeconds(5), "again");
        limiter.release();
        assertThat(limiter.held()).isEmpty();
    }

    @Test
    void aClockThatGoesBackDoesNotStarveTheConnection() {
        Limiter limiter = limiter("{rate: 1, burst: 1}");
        limiter.reserve();
        clock.move(Duration.ofHours(-5));
        assertThat(limiter.reserve()).isEqualTo(Duration.ofSeconds(1));
        clock.move(Duration.ofSeconds(2));
        assertThat(limiter.reserve()).isLessThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void anOperatorMayChangeRateAndConcurrency() {
        Limiter limiter = limiter("{rate: 1, burst: 1}");
        limiter.changeQuotas(List.of(quota("{rate: 10, burst: 1}")));
        limiter.reserve();
        assertThat(limiter.reserve()).isEqualTo(millis(100));
        limiter.changeMaxInFlight(1);
        assertThat(limiter.tryEnter()).isTrue();
        assertThat(limiter.tryEnter()).isFalse();
        limiter.leave();
        assertThatThrownBy(limiter::leave)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("More requests were closed than opened");
    }

    @Test
    void manyThreadsNeverExceedTheBounds() throws Exception {
        Limiter process = new Limiter(List.of(quota("{rate: 1000, burst: 1000}")), 5, null, clock);
        Limiter limiter = new Limiter(List.of(quota("{rate: 1000, burst: 1000}")), 3, process, clock);
        AtomicInteger open = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(pool.submit(() -> {
                    for (int round = 0; round < 5_000; round++) {
                        if (limiter.tryEnter()) {
                            most.accumulateAndGet(open.incrementAndGet(), Math::max);
                            open.decrementAndGet();
                            limiter.leave();
                        }
                        limiter.reserve();
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
        assertThat(limiter.inFlight()).isZero();
        assertThat(process.inFlight()).isZero();
        // 40,000 reservations of 1,000 a second, the first 1,000 at once.
        assertThat(limiter.reserve()).isEqualTo(Duration.ofMillis(39_001));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{rate: 25} | 25.0 | PT1S | 25",
                "{rate: 0.5} | 0.5 | PT1S | 1",
                "{rate: 5000, per: 1h} | 5000 | PT1H | 1",
                "{rate: 600, per: 1m} | 600 | PT1M | 10",
                "{rate: 10000, per: 1d, burst: 7} | 10000 | PT24H | 7"
            })
    void quotasHaveDefaults(String yaml, double rate, Duration per, int burst) {
        assertThat(quota(yaml)).isEqualTo(new Quota(rate, per, burst));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{per: 1s} | quota: rate is missing, write {rate: 10, per: 1s}",
                "{rate: 0} | quota: rate=0.0 is not above 0",
                "{rate: -1} | quota: rate=-1.0 is not above 0",
                "{rate: NaN} | quota: rate=NaN is not above 0",
                "{rate: 1, per: 0s} | quota: per=PT0S has no length, write 1s, 1m, 1h or 1d",
                "{rate: 1, burst: 0} | quota: burst=0 is not at least 1",
                "{rate: 1, per: 100y} | quota: rate=1.0 per=PT864000H is not between one request in 1000 days and 100000 in a second",
                "{rate: 1e9} | quota: rate=1.0E9 per=PT1S is not between one request in 1000 days and 100000 in a second",
                "{rate: 1, per: soon} | 'soon' is not a length of time, write 90s, 15m, 24h, 30d, 1mo or P1M"
            })
    void wrongQuotasSayWhatWouldBeRight(String yaml, String message) {
        assertThatThrownBy(() -> quota(yaml))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void aLimiterHasQuotasAndRoom() {
        assertThatThrownBy(() -> new Limiter(List.of(), 1, null, clock)).hasMessage("A limiter has at least one quota");
        assertThatThrownBy(() -> new Limiter(List.of(Quota.DEFAULT), 0, null, clock))
                .hasMessage("in-flight=0 is not at least 1");
    }

    @Test
    void theProcessSendsAtMostFiveHundredRequestsInASecond() {
        Limiter process = Limiter.ofProcess(clock);
        for (int i = 0; i < 500; i++) {
            assertThat(process.reserve()).isLessThanOrEqualTo(Duration.ofSeconds(1));
        }
        assertThat(process.reserve()).isGreaterThan(Duration.ofSeconds(1));
        for (int i = 0; i < 200; i++) {
            assertThat(process.tryEnter()).isTrue();
        }
        assertThat(process.tryEnter()).isFalse();
    }

    private Limiter limiter(String quota) {
        return new Limiter(List.of(quota(quota)), 8, null, clock);
    }

    private static Quota quota(String yaml) {
        return YamlSettings.read(yaml, Quota.class);
    }

    private static Duration millis(long millis) {
        return Duration.ofMillis(millis);
    }
}
