package dev.caravan.slice;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;

/**
 * A format that is written down as a pattern of {@link DateTimeFormatter}, {@code yyyy-MM-dd HH:mm:ss.SSSSSS}. Local to the
 * stream's zone unless it names an offset.
 */
final class CursorPattern extends CursorFormat {
    private final DateTimeFormatter formatter;

    private CursorPattern(String pattern, ChronoUnit unit, DateTimeFormatter formatter) {
        super(pattern, unit);
        this.formatter = formatter;
    }

    /** Whether {@code name} is a pattern: it names a year. */
    static boolean isPattern(String name) {
        return name.contains("yy") || name.contains("uu");
    }

    /** @throws IllegalArgumentException if it is not one, or what it writes cannot be read again */
    static CursorPattern of(String pattern) {
        try {
            DateTimeFormatterBuilder form =
                    new DateTimeFormatterBuilder().parseCaseInsensitive().appendPattern(pattern);
            if (letters(pattern).indexOf('d') < 0) {
                form.parseDefaulting(ChronoField.DAY_OF_MONTH, 1);
            }
            DateTimeFormatter formatter = form.toFormatter(Locale.ENGLISH).withResolverStyle(ResolverStyle.SMART);
            CursorPattern made = new CursorPattern(pattern, unit(pattern), formatter);
            Instant example = Instant.parse("2026-11-21T13:14:15.123456Z");
            ZoneId zone = ZoneId.of("UTC");
            String written = made.format(example, zone);
            if (!made.format(made.parseText(written, zone), zone).equals(written)) {
                throw new DateTimeException("it reads " + written + " as another time");
            }
            return made;
        } catch (DateTimeException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "format '%s' is no pattern of a time, write one such as yyyy-MM-dd HH:mm:ss: %s"
                            .formatted(pattern, e.getMessage()),
                    e);
        }
    }

    private static String letters(String pattern) {
        return pattern.replaceAll("'[^']*'", "");
    }

    private static ChronoUnit unit(String pattern) {
        String letters = letters(pattern);
        long fraction = letters.chars().filter(sign -> sign == 'S').count();
        if (fraction > 0) {
            return fraction < 6 ? ChronoUnit.MILLIS : ChronoUnit.MICROS;
        }
        if (letters.indexOf('s') >= 0) {
            return ChronoUnit.SECONDS;
        }
        if (letters.indexOf('m') >= 0) {
            return ChronoUnit.MINUTES;
        }
        return letters.indexOf('H') >= 0 || letters.indexOf('h') >= 0 ? ChronoUnit.HOURS : ChronoUnit.DAYS;
    }

    @Override
    Instant parseText(String text, ZoneId zone) {
        TemporalAccessor read = formatter.parseBest(
                text, ZonedDateTime::from, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
        if (read instanceof ZonedDateTime zoned) {
            return zoned.toInstant();
        }
        if (read instanceof OffsetDateTime offset) {
            return offset.toInstant();
        }
        return read instanceof LocalDateTime local
                ? local.atZone(zone).toInstant()
                : LocalDate.from(read).atStartOfDay(zone).toInstant();
    }

    @Override
    public String format(Instant instant, ZoneId zone) {
        return formatter.format(instant.atZone(zone));
    }
}
