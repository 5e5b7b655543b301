package dev.caravan.slice;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How an API writes points in time, in its records and in its parameters. Immutable; formats of the same name are equal.
 *
 * <p>{@link #NUMBER} is for cursors that are no times: a number stands for as many nanoseconds since 1970, so that it is
 * ordered, compared and kept like a time, exactly.
 */
public abstract class CursorFormat {
    /**
     * ISO 8601 with or without seconds and fraction, a space allowed for the T, offsets as Z, UTC, +hh, +hhmm or +hh:mm;
     * without an offset it is local to the stream's zone. Written in UTC with seconds.
     */
    public static final CursorFormat ISO = new Iso("iso", ChronoUnit.SECONDS, DateTimeFormatter.ISO_INSTANT);

    /** The same, written in UTC with milliseconds. */
    public static final CursorFormat ISO_MILLIS = new Iso(
            "iso-millis",
            ChronoUnit.MILLIS,
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC));

    /** A calendar day of the stream's zone, {@code 2026-01-31}. */
    public static final CursorFormat DATE = new CursorFormat("date", ChronoUnit.DAYS) {
        @Override
        Instant parseText(String text, ZoneId zone) {
            return LocalDate.parse(text).atStartOfDay(zone).toInstant();
        }

        @Override
        public String format(Instant instant, ZoneId zone) {
            return instant.atZone(zone).toLocalDate().toString();
        }
    };

    /** Seconds since 1970, UTC. A fraction is read and not written. */
    public static final CursorFormat EPOCH_SECONDS = new CursorFormat("epoch-seconds", ChronoUnit.SECONDS) {
        @Override
        Instant parseText(String text, ZoneId zone) {
            return seconds(text);
        }

        @Override
        public String format(Instant instant, ZoneId zone) {
            return Long.toString(instant.getEpochSecond());
        }
    };

    /** Seconds since 1970, UTC, with six decimals, {@code 1512085950.000216}: exact to the microsecond. */
    public static final CursorFormat EPOCH_DECIMAL = new CursorFormat("epoch-decimal", ChronoUnit.MICROS) {
        @Override
        Instant parseText(String text, ZoneId zone) {
            return seconds(text);
        }

        @Override
        public String format(Instant instant, ZoneId zone) {
            return BigDecimal.valueOf(instant.getEpochSecond())
                    .add(BigDecimal.valueOf(instant.getNano() / 1000, 6))
                    .toPlainString();
        }
    };

    /** Whole milliseconds since 1970, UTC. */
    public static final CursorFormat EPOCH_MILLIS = new CursorFormat("epoch-millis", ChronoUnit.MILLIS) {
        @Override
        Instant parseText(String text, ZoneId zone) {
            return Instant.ofEpochMilli(Long.parseLong(text));
        }

        @Override
        public String format(Instant instant, ZoneId zone) {
            return Long.toString(instant.toEpochMilli());
        }
    };

    /** A whole number that only grows, such as an id; no time. At most 24 digits, not negative. */
    public static final CursorFormat NUMBER = new CursorFormat("number", ChronoUnit.NANOS) {
        @Override
        Instant parseText(String text, ZoneId zone) {
            BigInteger[] parts = new BigInteger(text).divideAndRemainder(NANOS);
            if (text.length() > MOST_NUMBER_DIGITS || parts[0].signum() < 0 || parts[1].signum() < 0) {
                throw new NumberFormatException("Not a number that a cursor may be");
            }
            return Instant.ofEpochSecond(parts[0].longValueExact(), parts[1].longValueExact());
        }

        @Override
        public String format(Instant instant, ZoneId zone) {
            return BigInteger.valueOf(instant.getEpochSecond())
                    .multiply(NANOS)
                    .add(BigInteger.valueOf(instant.getNano()))
                    .toString();
        }
    };

    /** Behind every number: where a window of numbers ends. */
    static final Instant BEHIND_NUMBERS = Instant.ofEpochSecond(1_000_000_000_000_000L);

    private static final List<CursorFormat> NAMED =
            List.of(ISO, ISO_MILLIS, DATE, EPOCH_SECONDS, EPOCH_MILLIS, EPOCH_DECIMAL, NUMBER);

    private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);
    private static final int MOST_NUMBER_DIGITS = 24;
    private static final int MOST_DIGITS = 40;

    private final String name;
    private final ChronoUnit unit;

    CursorFormat(String name, ChronoUnit unit) {
        this.name = name;
        this.unit = unit;
    }

    /** The ISO formats, which are read alike. */
    private static final class Iso extends CursorFormat {
        private final DateTimeFormatter formatter;

        Iso(String name, ChronoUnit unit, DateTimeFormatter formatter) {
            super(name, unit);
            this.formatter = formatter;
        }

        @Override
        Instant parseText(String text, ZoneId zone) {
            return text.length() == 10 ? DATE.parseText(text, zone) : IsoTime.parse(text, zone);
        }

        @Override
        public String format(Instant instant, ZoneId zone) {
            return formatter.format(instant.truncatedTo(unit()));
        }
    }

    private static Instant seconds(String text) {
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
                seconds.subtract(BigDecimal.valueOf(whole)).movePointRight(9).longValue());
    }

    /** Returns the step of this format: two instants closer than this may look the same. */
    public ChronoUnit unit() {
        return unit;
    }

    /** Whether it names whole days or longer, so that bounds are days of a zone. */
    public boolean isDays() {
        return unit.compareTo(ChronoUnit.DAYS) >= 0;
    }

    /** Whether its values are times, which the clock bounds. */
    public boolean isTime() {
        return !unit.equals(ChronoUnit.NANOS);
    }

    /** Returns the beginning of the step that {@code instant} lies in, of a second where steps are finer. */
    Instant floor(Instant instant, ZoneId zone) {
        if (!isTime()) {
            return instant;
        }
        if (isDays()) {
            return instant.atZone(zone).toLocalDate().atStartOfDay(zone).toInstant();
        }
        return unit.compareTo(ChronoUnit.SECONDS) <= 0
                ? instant.truncatedTo(ChronoUnit.SECONDS)
                : instant.atZone(zone).truncatedTo(unit).toInstant();
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
                    "'%s' is not of the cursor format %s".formatted(shortened(text), name), e);
        }
    }

    abstract Instant parseText(String text, ZoneId zone);

    /** Writes {@code instant}, cut to this format's unit. */
    public abstract String format(Instant instant, ZoneId zone);

    /**
     * Returns the format of the name used in vendor files: {@code iso}, {@code iso-millis}, {@code date},
     * {@code epoch-seconds}, {@code epoch-millis}, {@code epoch-decimal}, {@code number}, or a pattern such as
     * {@code yyyy-MM-dd HH:mm:ss}.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    @JsonCreator
    public static CursorFormat named(String name) {
        for (CursorFormat format : NAMED) {
            if (format.name.equals(name)) {
                return format;
            }
        }
        if (CursorPattern.isPattern(name)) {
            return CursorPattern.of(name);
        }
        throw new IllegalArgumentException("Unknown format '%s', use one of %s or a pattern such as yyyy-MM-dd HH:mm:ss"
                .formatted(name, NAMED.stream().map(CursorFormat::yamlName).collect(Collectors.joining(", "))));
    }

    /** Returns the name used in vendor files. */
    @JsonValue
    public String yamlName() {
        return name;
    }

    private static String shortened(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CursorFormat format && name.equals(format.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    /** Goes into the hash of a definition, and must stay what it is. */
    @Override
    public String toString() {
        return CursorPattern.isPattern(name)
                ? name
                : name.toUpperCase(java.util.Locale.ROOT).replace('-', '_');
    }
}
