package dev.caravan.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.slice.Window;
import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackfillDaysTest {
    @ParameterizedTest
    @CsvSource({
        "2026-01-01, 2026-01-31, UTC, 2026-01-01T00:00:00Z, 2026-02-01T00:00:00Z",
        "2026-01-01, 2026-01-01, UTC, 2026-01-01T00:00:00Z, 2026-01-02T00:00:00Z",
        "2026-01-01, 2026-01-01, Europe/Berlin, 2025-12-31T23:00:00Z, 2026-01-01T23:00:00Z",
        // The day on which summer time begins has 23 hours.
        "2026-03-29, 2026-03-29, Europe/Berlin, 2026-03-28T23:00:00Z, 2026-03-29T22:00:00Z",
        "2026-01-01T06:00:00, 2026-01-01T07:00:00, Europe/Berlin, 2026-01-01T05:00:00Z, 2026-01-01T06:00:00Z",
        "2026-01-01T06:00:00Z, 2026-01-01T07:00:00Z, Europe/Berlin, 2026-01-01T06:00:00Z, 2026-01-01T07:00:00Z",
        "2026-01-01T06:00:00-05:00, 2026-01-01T12:00:00+00:00, UTC, 2026-01-01T11:00:00Z, 2026-01-01T12:00:00Z"
    })
    void takesDaysWholeAndTimesHalfOpen(String from, String to, String zone, Instant start, Instant end) {
        assertThat(BackfillDays.of(from, to, "--").in(ZoneId.of(zone))).isEqualTo(new Window(start, end));
    }

    @Test
    void isNothingWhenNothingIsAskedFor() {
        assertThat(BackfillDays.of(null, null, "--").in(ZoneId.of("UTC"))).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "2026-01-01, , needs both",
        ", 2026-01-01, needs both",
        "2026-01-02, 2026-01-01, is not before",
        "2026-01-01T06:00:00Z, 2026-01-01T06:00:00Z, is not before",
        "yesterday, 2026-01-01, --from 'yesterday' is no day or time",
        "2026-01-01, 2026-02-30, --to '2026-02-30' is no day or time"
    })
    void refusesWhatMakesNoSpan(@Nullable String from, @Nullable String to, String reason) {
        assertThatThrownBy(() -> BackfillDays.of(from, to, "--"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }
}
