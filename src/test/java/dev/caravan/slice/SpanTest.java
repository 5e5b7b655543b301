package dev.caravan.slice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpanTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @ParameterizedTest
    @CsvSource({
        "250ms, PT0.25S",
        "90s, PT90S",
        "15m, PT15M",
        " 24h , PT24H",
        "30d, PT720H",
        "2w, PT336H",
        "1mo, PT720H",
        "1y, PT8640H",
        "PT24H, PT24H",
        "P1M, PT720H",
        "P1DT2H, PT26H",
        "0s, PT0S"
    })
    void readsLengthsAsPeopleWriteThem(String text, Duration expected) {
        assertThat(Span.parse(text).toDuration()).isEqualTo(expected);
        assertThat(Span.parse(text)).hasToString(text.trim());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "5 minutes", "1.5h", "m", "P", "p1m", "1234567890s", "999999999w", "-5m"})
    void refusesWhatIsNoLength(String text) {
        assertThatThrownBy(() -> Span.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is not a length of time, write 90s, 15m, 24h, 30d, 1mo or P1M");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT-5M", "P-1D", "P1M-40D", "9999y", "999999999h"})
    void refusesNegativeAndEndlessLengths(String text) {
        assertThatThrownBy(() -> Span.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is not between 0s and 1000y");
    }

    @Test
    void aDayFollowsTheCalendarAndADayOfHoursDoesNot() {
        Instant beforeClocksChange = Instant.parse("2025-03-29T23:00:00Z");
        assertThat(Span.parse("1d").after(beforeClocksChange, BERLIN)).isEqualTo("2025-03-30T22:00:00Z");
        assertThat(Span.parse("24h").after(beforeClocksChange, BERLIN)).isEqualTo("2025-03-30T23:00:00Z");
        assertThat(Span.parse("1d").before(Instant.parse("2025-03-30T22:00:00Z"), BERLIN))
                .isEqualTo(beforeClocksChange);
    }

    @Test
    void aMonthEndsWithTheShorterMonth() {
        assertThat(Span.parse("1mo").after(Instant.parse("2025-01-31T00:00:00Z"), ZoneOffset.UTC))
                .isEqualTo("2025-02-28T00:00:00Z");
    }

    @Test
    void isReadAndWrittenAsText() throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        assertThat(mapper.readValue("\"7d\"", Span.class)).isEqualTo(Span.parse("P7D"));
        assertThat(mapper.writeValueAsString(Span.parse("7d"))).isEqualTo("\"7d\"");
        assertThat(Span.parse("7d")).hasSameHashCodeAs(Span.parse("1w")).isNotEqualTo(Span.parse("168h"));
        assertThat(Span.ZERO.isZero()).isTrue();
    }
}
