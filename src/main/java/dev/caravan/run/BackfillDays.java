package dev.caravan.run;

import dev.caravan.slice.Window;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/**
 * What {@code from} and {@code to} ask for: days of a stream's zone, both included; with times, half-open.
 *
 * @param from as typed, null if not given
 * @param to as typed, null if not given
 * @param dashes what messages put before the names of the two
 */
public record BackfillDays(@Nullable String from, @Nullable String to, String dashes) {
    /**
     * @param dashes what messages put before the names of the two: {@code --} for options of a command
     * @throws IllegalArgumentException if only one is given, or one cannot be read
     */
    public static BackfillDays of(@Nullable String from, @Nullable String to, String dashes) {
        if ((from == null) != (to == null)) {
            throw new IllegalArgumentException("A backfill needs both %sfrom and %sto".formatted(dashes, dashes));
        }
        BackfillDays days = new BackfillDays(from, to, dashes);
        days.in(ZoneId.of("UTC"));
        return days;
    }

    /** Returns the span in a stream's zone, or null if none was asked for. */
    public @Nullable Window in(ZoneId zone) {
        if (from == null || to == null) {
            return null;
        }
        Instant start = instant(dashes + "from", from, zone, 0);
        Instant end = instant(dashes + "to", to, zone, 1);
        if (!start.isBefore(end)) {
            throw new IllegalArgumentException("%sfrom %s is not before %sto %s".formatted(dashes, from, dashes, to));
        }
        return new Window(start, end);
    }

    private static Instant instant(String option, String text, ZoneId zone, int daysAfter) {
        try {
            if (text.length() == 10) {
                return LocalDate.parse(text)
                        .plusDays(daysAfter)
                        .atStartOfDay(zone)
                        .toInstant();
            }
            return text.endsWith("Z") || text.indexOf('+', 10) > 0 || text.lastIndexOf('-') > 10
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDateTime.parse(text).atZone(zone).toInstant();
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "%s '%s' is no day or time: write 2026-01-31, 2026-01-31T12:00:00 or 2026-01-31T12:00:00Z"
                            .formatted(option, text));
        }
    }
}
