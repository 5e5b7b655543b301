package dev.caravan.slice;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How an API writes points in time, in its records and in its parameters. */
public enum CursorFormat {
    /**
     * ISO 8601 with or without seconds and fraction, a space allowed for the T, offsets as Z, UTC, +hh, +hhmm or +hh:mm;
     * without an offset it is local to the stream's zone. Written in UTC with seconds.
     */
    ISO(ChronoUnit.SECONDS) {
        @Override
        Instant parseText(String text, ZoneId zone) {
            return text.length() == 10 ? DATE.parseText(text, zone) : IsoTime.parse(text, zone);
        }

        @Override
        public String format(Instant instant, ZoneId zone) {
            return DateTimeFormatter.ISO_INSTANT.format(instant.truncatedTo(ChronoUnit.SECONDS));
        }
    },
    /** A calendar day of the stream's zone, {@code 2026-01-31}. */
    DATE(ChronoUnit.DAYS) {
        @Override
        Instant parseText(String text, ZoneId zone) {
            return LocalDate.parse(text).atStartOfDay(zone).toInstant();
        }

        @Override
        public String format(Instant instant, ZoneId zone) {
            return instant.atZone(zone).toLocalDate().toString();
        }
    },
    /** Seconds since 1970, UTC. A fraction is read and not written. */
    EPOCH_SECONDS(ChronoUnit.SECONDS) {
        @Override
        Instant parseText(String text, ZoneId zone) {
            int point = text.indexOf('.');
            if (point < 0) {
                return Instant.ofEpochSecond(Long.parseLong(text));
            }
            BigDecimal seconds = new BigDecimal(text);
            if (Math.abs((long) seconds.scale()) > MOST_DIGITS || seconds.precision() > MOST_DIGITS) {
                throw new NumberFormatException("Not a time"); // 1.0e999999999 would be written out in digits
            }
            long whole = seconds.setScale(0, RoundingMode.FLOOR).longValueExact();
            return Instant.ofEpochSecond(
                    whole,
                    seconds.subtract(BigDecimal.valueOf(whole))
                            .movePointRight(9)
                            .longValue());
        }

        @Override
        public String format(Instant instant, ZoneId zone) {
            return Long.toString(instant.getEpochSecond());
        }
    },
    /** Whole milliseconds since 1970, UTC. */
    EPOCH_MILLIS(ChronoUnit.MILLIS) {
        @Override
        Instant parseText(String text, ZoneId zone) {
            return Instant.ofEpochMilli(Long.parseLong(text));
        }

        @Override
        public String format(Instant instant, ZoneId zone) {
            return Long.toString(instant.toEpochMilli());
        }
    };

    private static final int MOST_DIGITS = 40;

    private final TemporalUnit unit;

    CursorFormat(TemporalUnit unit) {
        this.unit = unit;
    }

    /** Returns the step of this format: two instants closer than this may look the same. */
    public TemporalUnit unit() {
        return unit;
    }

    /**
     * Reads a point in time.
     *
     * @param zone the stream's zone, for texts that do not name one
     * @throws IllegalArgumentException if {@code text} is not of this format
     */
    public Instant parse(String text, ZoneId zone) {
        try {
            return parseText(text, zone);
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException(
                    "'%s' is not of the cursor format %s".formatted(shortened(text), yamlName()), e);
        }
    }

    abstract Instant parseText(String text, ZoneId zone);

    /** Writes {@code instant}, cut to this format's unit. */
    public abstract String format(Instant instant, ZoneId zone);

    /** Returns the format of the name used in vendor files: {@code iso}, {@code date}, {@code epoch-seconds}, {@code epoch-millis}. */
    @JsonCreator
    public static CursorFormat named(String name) {
        for (CursorFormat format : values()) {
            if (format.yamlName().equals(name)) {
                return format;
            }
        }
        throw new IllegalArgumentException("Unknown format '%s', use one of %s"
                .formatted(
                        name,
                        Arrays.stream(values()).map(CursorFormat::yamlName).collect(Collectors.joining(", "))));
    }

    /** Returns the name used in vendor files. */
    public String yamlName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String shortened(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }
}
