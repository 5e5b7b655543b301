package dev.caravan.slice;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAmount;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A length of time as people write it: {@code 90s}, {@code 15m}, {@code 24h}, {@code 30d}, {@code 2w}, {@code 1mo},
 * {@code 1y}, or ISO 8601 ({@code PT24H}, {@code P1M}). Days and longer follow the calendar of a zone, so a day across a
 * change of clocks has 23 or 25 hours.
 */
public final class Span {
    public static final Span ZERO = new Span("0s", Duration.ZERO);

    private static final Pattern SHORT = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h|d|w|mo|y)");

    /** Monday, 5 January 1970, in days since 1970. */
    private static final long MONDAY = 4;

    private static final Duration LONGEST = Duration.ofDays(366_000);

    private final String text;
    private final TemporalAmount amount;

    private Span(String text, TemporalAmount amount) {
        this.text = text;
        this.amount = amount;
    }

    /**
     * Reads a span.
     *
     * @throws IllegalArgumentException if {@code text} is not one
     */
    @JsonCreator
    public static Span parse(String text) {
        String trimmed = text.trim();
        Span span = new Span(trimmed, read(trimmed));
        if (span.isNegative() || span.toDuration().compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("'%s' is not between 0s and 1000y".formatted(trimmed));
        }
        return span;
    }

    private static TemporalAmount read(String text) {
        Matcher shortForm = SHORT.matcher(text);
        try {
            if (shortForm.matches()) {
                return amount(Integer.parseInt(shortForm.group(1)), shortForm.group(2));
            }
            boolean calendar = text.startsWith("P") && !text.contains("T");
            return calendar ? Period.parse(text) : Duration.parse(text);
        } catch (DateTimeParseException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "'%s' is not a length of time, write 90s, 15m, 24h, 30d, 1mo or P1M".formatted(text), e);
        }
    }

    private boolean isNegative() {
        return amount instanceof Period period
                ? period.isNegative()
                : toDuration().isNegative();
    }

    public boolean isZero() {
        return toDuration().isZero();
    }

    private static TemporalAmount amount(int count, String unit) {
        return switch (unit) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            case "d" -> Period.ofDays(count);
            case "w" -> Period.ofDays(Math.multiplyExact(7, count));
            case "mo" -> Period.ofMonths(count);
            default -> Period.ofYears(count);
        };
    }

    public Instant after(Instant instant, ZoneId zone) {
        return instant.atZone(zone).plus(amount).toInstant();
    }

    public Instant before(Instant instant, ZoneId zone) {
        return instant.atZone(zone).minus(amount).toInstant();
    }

    /**
     * Returns the first beginning of such a span after {@code from}, where spans follow the calendar: of hours from midnight on,
     * of weeks from Monday on, of days counted from Monday, 5 January 1970 on, of months and years from the first day on.
     *
     * @param offset how far behind the calendar's own beginning each of them begins
     */
    Instant next(Instant from, Span offset, ZoneId zone) {
        LocalDate day = offset.before(from, zone).atZone(zone).toLocalDate();
        if (amount instanceof Duration length) {
            return nextOfDay(from, length, offset.after(day.atStartOfDay(zone).toInstant(), zone), day, offset, zone);
        }
        Period period = (Period) amount;
        long months = period.toTotalMonths();
        long days = period.get(ChronoUnit.DAYS);
        long index = months > 0
                ? Math.floorDiv(day.getYear() * 12L + day.getMonthValue() - 1, months)
                : Math.floorDiv(day.toEpochDay() - MONDAY, days);
        while (true) {
            index++;
            LocalDate begin = months > 0
                    ? LocalDate.of(Math.toIntExact(Math.floorDiv(index * months, 12L)), 1, 1)
                            .plusMonths(Math.floorMod(index * months, 12L))
                    : LocalDate.ofEpochDay(MONDAY + index * days);
            Instant next = offset.after(begin.atStartOfDay(zone).toInstant(), zone);
            if (next.isAfter(from)) {
                return next;
            }
        }
    }

    private static Instant nextOfDay(
            Instant from, Duration length, Instant begin, LocalDate day, Span offset, ZoneId zone) {
        Instant next = begin;
        if (!from.isBefore(begin)) {
            long passed = Duration.between(begin, from).toMillis() / length.toMillis();
            next = begin.plus(length.multipliedBy(passed + 1));
        }
        Instant tomorrow = offset.after(day.plusDays(1).atStartOfDay(zone).toInstant(), zone);
        return tomorrow.isAfter(from) && tomorrow.isBefore(next) ? tomorrow : next;
    }

    /**
     * Whether windows of this length have a beginning in the calendar: whole parts of a day, days, weeks, months or years.
     */
    public boolean isCalendar() {
        if (amount instanceof Period period) {
            return period.toTotalMonths() == 0 || period.get(ChronoUnit.DAYS) == 0;
        }
        long millis = toDuration().toMillis();
        return millis > 0 && Duration.ofDays(1).toMillis() % millis == 0;
    }

    /** Returns the span as a duration, days counted as 24 hours, months as 30 days. */
    public Duration toDuration() {
        if (amount instanceof Period period) {
            return Duration.ofDays(30)
                    .multipliedBy(period.toTotalMonths())
                    .plus(period.get(ChronoUnit.DAYS), ChronoUnit.DAYS);
        }
        return (Duration) amount;
    }

    @JsonValue
    @Override
    public String toString() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Span span && amount.equals(span.amount);
    }

    @Override
    public int hashCode() {
        return amount.hashCode();
    }
}
