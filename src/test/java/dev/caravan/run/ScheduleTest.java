package dev.caravan.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.slice.Span;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final ZoneId UTC = ZoneId.of("UTC");
    private static final Instant START = Instant.parse("2026-03-10T12:00:00Z");

    @Test
    void isDueAtOnceForAStreamThatNeverRan() {
        assertThat(every("1h", "acme-orders").due(null)).isEqualTo(Instant.EPOCH);
        assertThat(cron("0 0 6 * * *", "UTC").due(null)).isEqualTo(Instant.EPOCH);
    }

    @Test
    void delaysEachStreamByItsOwnShareOfAtMostATwentieth() {
        List<Instant> dues = IntStream.range(0, 200)
                .mapToObj(i -> every("10m", "acme-stream-" + i).due(START))
                .toList();
        Instant earliest = START.plus(Duration.ofMinutes(10));
        assertThat(dues).allMatch(due -> !due.isBefore(earliest) && due.isBefore(earliest.plusSeconds(30)));
        assertThat(dues.stream().distinct().count()).isGreaterThan(100);
        assertThat(every("10m", "acme-orders").due(START))
                .isEqualTo(every("10m", "acme-orders").due(START));
    }

    @Test
    void delaysNoStreamByMoreThanAMinute() {
        Instant next = START.plus(Duration.ofDays(7));
        assertThat(IntStream.range(0, 200)
                        .mapToObj(i -> every("7d", "acme-stream-" + i).due(START)))
                .allMatch(due -> !due.isBefore(next) && due.isBefore(next.plusSeconds(60)));
    }

    @Test
    void readsTimesOfDayInItsZone() {
        assertThat(cron("0 30 6 * * *", "Europe/Berlin").due(START)).isEqualTo("2026-03-11T05:30:00Z");
        // Summer time began in the night to the 29th.
        assertThat(cron("0 30 6 * * *", "Europe/Berlin").due(Instant.parse("2026-03-28T12:00:00Z")))
                .isEqualTo("2026-03-29T04:30:00Z");
    }

    @Test
    void isNeverDueAfterTheLastTime() {
        assertThat(cron("0 0 0 30 2 *", "UTC").due(START)).isEqualTo(Instant.MAX);
    }

    @Test
    void refusesWhatIsNoCronExpression() {
        assertThatThrownBy(() -> cron("every morning", "UTC")).isInstanceOf(IllegalArgumentException.class);
    }

    private static Schedule every(String span, String stream) {
        return new Schedule(Span.parse(span), null, UTC, stream);
    }

    private static Schedule cron(String expression, String zone) {
        return new Schedule(Span.parse("1h"), expression, ZoneId.of(zone), "acme-orders");
    }
}
