package dev.caravan.slice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CursorFormatTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @ParameterizedTest
    @CsvSource({
        "2025-06-01T10:00:00Z, 2025-06-01T10:00:00Z",
        "2025-06-01t10:00:00z, 2025-06-01T10:00:00Z",
        "2025-06-01T10:00Z, 2025-06-01T10:00:00Z",
        "2025-06-01T10:00:00.5Z, 2025-06-01T10:00:00.5Z",
        "2025-06-01T10:00:00.1234567891Z, 2025-06-01T10:00:00.123456789Z",
        "2025-06-01T10:00:00+0000, 2025-06-01T10:00:00Z",
        "2025-06-01T10:00:00.000+0200, 2025-06-01T08:00:00Z",
        "2025-06-01T10:00:00-05, 2025-06-01T15:00:00Z",
        "2025-06-01T10:00:00-03:30, 2025-06-01T13:30:00Z",
        "2025-06-01 10:00:00 UTC, 2025-06-01T10:00:00Z",
        "2025-06-01 10:00:00 +00:00, 2025-06-01T10:00:00Z",
        "2025-06-01 10:00:00, 2025-06-01T08:00:00Z",
        "2025-06-01T04:49, 2025-06-01T02:49:00Z",
        "2025-06-01, 2025-05-31T22:00:00Z"
    })
    void readsIsoTimesTheWayVendorsWriteThem(String text, Instant expected) {
        assertThat(CursorFormat.ISO.parse(text, BERLIN)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2025",
                "2025-06-01T",
                "2025-06-01T10",
                "2025-06-01T10:00:00.Z",
                "2025-06-01T10:00:00Z ",
                "2025-06-01T10:00:00+1",
                "2025-06-01T10:00:00+01:0",
                "2025-06-01T10:00:00+19:00",
                "2025-13-01T10:00:00Z",
                "2025-02-29T10:00:00Z",
                "2025-06-01T24:00:00Z",
                "2025-06-01T10:00:00 CET",
                "+025-06-01T10:00:00Z",
                "２０２５-06-01T10:00:00Z",
                "1748772000"
            })
    void refusesWhatIsNoIsoTime(String text) {
        assertThatThrownBy(() -> CursorFormat.ISO.parse(text, BERLIN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is not of the cursor format iso");
    }

    @ParameterizedTest
    @CsvSource({
        "EPOCH_SECONDS, 1748772000, 2025-06-01T10:00:00Z",
        "EPOCH_SECONDS, 1748772000.123456, 2025-06-01T10:00:00.123456Z",
        "EPOCH_SECONDS, -1.5, 1969-12-31T23:59:58.500Z",
        "EPOCH_MILLIS, 1748772000123, 2025-06-01T10:00:00.123Z",
        "DATE, 2025-06-01, 2025-05-31T22:00:00Z"
    })
    void readsTheOtherFormats(CursorFormat format, String text, Instant expected) {
        assertThat(format.parse(text, BERLIN)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "EPOCH_SECONDS, 99999999999999999, epoch-seconds",
        "EPOCH_SECONDS, 1e999999999.0, epoch-seconds",
        "EPOCH_SECONDS, 9999999999999999999.5, epoch-seconds",
        "EPOCH_MILLIS, 1.5, epoch-millis",
        "EPOCH_MILLIS, 9223372036854775808, epoch-millis",
        "DATE, 2025-06-31, date",
        "DATE, 2025-06-01T00:00:00Z, date"
    })
    void refusesWhatIsNotOfTheFormat(CursorFormat format, String text, String name) {
        assertThatThrownBy(() -> format.parse(text, ZoneOffset.UTC))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is not of the cursor format " + name);
    }

    @Test
    void quotesALongTextShortened() {
        assertThatThrownBy(() -> CursorFormat.ISO.parse("x".repeat(1_000_000), ZoneOffset.UTC))
                .hasMessage("'" + "x".repeat(60) + "…' is not of the cursor format iso");
    }

    @Test
    void readsBackWhatItWrites() {
        Random random = new Random(7);
        for (int i = 0; i < 2_000; i++) {
            Instant instant = Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
            for (CursorFormat format : CursorFormat.values()) {
                ZoneId zone = format == CursorFormat.DATE ? ZoneOffset.UTC : BERLIN;
                assertThat(format.parse(format.format(instant, zone), zone))
                        .isEqualTo(instant.truncatedTo(format.unit()));
            }
        }
    }

    @Test
    void writesADateInTheZoneOfTheStream() {
        assertThat(CursorFormat.DATE.format(Instant.parse("2025-06-01T22:30:00Z"), BERLIN))
                .isEqualTo("2025-06-02");
        assertThat(CursorFormat.DATE.unit()).isEqualTo(ChronoUnit.DAYS);
    }

    @Test
    void namesTheFormatsThatExist() {
        assertThat(CursorFormat.named("epoch-seconds")).isEqualTo(CursorFormat.EPOCH_SECONDS);
        assertThatThrownBy(() -> CursorFormat.named("unix"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Unknown format 'unix', use one of iso, date, epoch-seconds, epoch-millis");
    }
}
