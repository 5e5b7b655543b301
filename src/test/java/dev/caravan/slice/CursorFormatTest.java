package dev.caravan.slice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
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
        "epoch-seconds, 1748772000, 2025-06-01T10:00:00Z",
        "epoch-seconds, 1748772000.123456, 2025-06-01T10:00:00.123456Z",
        "epoch-seconds, -1.5, 1969-12-31T23:59:58.500Z",
        "epoch-millis, 1748772000123, 2025-06-01T10:00:00.123Z",
        "date, 2025-06-01, 2025-05-31T22:00:00Z"
    })
    void readsTheOtherFormats(CursorFormat format, String text, Instant expected) {
        assertThat(format.parse(text, BERLIN)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "epoch-seconds, 99999999999999999, epoch-seconds",
        "epoch-seconds, 1e999999999.0, epoch-seconds",
        "epoch-seconds, 9999999999999999999.5, epoch-seconds",
        "epoch-millis, 1.5, epoch-millis",
        "epoch-millis, 9223372036854775808, epoch-millis",
        "date, 2025-06-31, date",
        "date, 2025-06-01T00:00:00Z, date"
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
            for (String name : List.of(
                    "iso",
                    "iso-millis",
                    "date",
                    "epoch-seconds",
                    "epoch-millis",
                    "epoch-decimal",
                    "yyyy-MM-dd HH:mm:ss.SSSSSS",
                    "yyyy-MM-dd HH:mm:ss",
                    "dd/MMM/yyyy HH:mm",
                    "yyyyMMdd",
                    "uuuu-MM-dd'T'HH:mm:ssXXX")) {
                CursorFormat format = CursorFormat.named(name);
                ZoneId zone = ZoneOffset.UTC;
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
                .hasMessage("Unknown format 'unix', use one of iso, iso-millis, date, epoch-seconds,"
                        + " epoch-millis, epoch-decimal, number or a pattern such as yyyy-MM-dd HH:mm:ss");
        assertThatThrownBy(() -> CursorFormat.named("yyyy-MM-dd bbbb"))
                .hasMessageContaining("format 'yyyy-MM-dd bbbb' is no pattern of a time");
        assertThatThrownBy(() -> CursorFormat.named("yyyy"))
                .as("a year alone says too little")
                .hasMessageContaining("format 'yyyy' is no pattern of a time");
    }

    @Test
    void readsAndWritesTheTimesOfSlackToTheMicrosecond() {
        Instant read = CursorFormat.EPOCH_DECIMAL.parse("1512085950.000216", BERLIN);
        assertThat(read).isEqualTo("2017-11-30T23:52:30.000216Z");
        assertThat(CursorFormat.EPOCH_DECIMAL.format(read, BERLIN)).isEqualTo("1512085950.000216");
        assertThat(CursorFormat.EPOCH_DECIMAL.format(read.minusNanos(1), BERLIN))
                .isEqualTo("1512085950.000215");
    }

    @Test
    void readsPatternsInTheZoneUnlessTheyNameOne() {
        CursorFormat local = CursorFormat.named("yyyy-MM-dd HH:mm:ss.SSSSSS");
        assertThat(local.parse("2026-07-01 14:00:00.000001", BERLIN)).isEqualTo("2026-07-01T12:00:00.000001Z");
        assertThat(local.format(Instant.parse("2026-07-01T12:00:00.000001Z"), BERLIN))
                .isEqualTo("2026-07-01 14:00:00.000001");
        assertThat(local.unit()).isEqualTo(ChronoUnit.MICROS);
        CursorFormat zoned = CursorFormat.named("yyyy-MM-dd HH:mm:ss xx");
        assertThat(zoned.parse("2026-07-01 14:00:00 -0500", BERLIN)).isEqualTo("2026-07-01T19:00:00Z");
        CursorFormat month = CursorFormat.named("yyyy-MM");
        assertThat(month.isDays()).isTrue();
        assertThat(month.parse("2026-07", BERLIN)).isEqualTo("2026-06-30T22:00:00Z");
        assertThatThrownBy(() -> local.parse("2026-07-01", BERLIN))
                .hasMessage("'2026-07-01' is not of the cursor format yyyy-MM-dd HH:mm:ss.SSSSSS");
    }

    @Test
    void keepsNumbersExactAndInTheirOrder() {
        CursorFormat number = CursorFormat.NUMBER;
        String[] ascending = {"0", "1", "999999999", "1000000000", "1849302817364519222", "999999999999999999999999"};
        Instant before = Instant.MIN;
        for (String each : ascending) {
            Instant read = number.parse(each, BERLIN);
            assertThat(number.format(read, BERLIN)).isEqualTo(each);
            assertThat(read).isAfter(before).isBefore(CursorFormat.BEHIND_NUMBERS.plusSeconds(1));
            before = read;
        }
        for (String wrong : new String[] {"-1", "1.5", "", "x", "1000000000000000000000000", "1e3"}) {
            assertThatThrownBy(() -> number.parse(wrong, BERLIN)).hasMessageContaining("number");
        }
    }

    @Test
    void writesMillisecondsWhereTheVendorWantsThem() {
        assertThat(CursorFormat.ISO_MILLIS.format(Instant.parse("2026-01-01T00:00:00Z"), BERLIN))
                .isEqualTo("2026-01-01T00:00:00.000Z");
        assertThat(CursorFormat.ISO_MILLIS.format(Instant.parse("2026-01-01T23:59:59.999999999Z"), BERLIN))
                .isEqualTo("2026-01-01T23:59:59.999Z");
    }
}
