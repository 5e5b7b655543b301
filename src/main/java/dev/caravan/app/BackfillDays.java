package dev.caravan.app;

import dev.caravan.slice.Window;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --from} and {@code --to} ask for: days of a stream's zone, both included; with times, half-open.
 *
 * @param from as typed, null if not given
 * @param to as typed, null if not given
 */
record BackfillDays(@Nullable String from, @Nullable String to) {
    /** @throws UsageException if only one is given, or one cannot be read */
    static BackfillDays of(@Nullable String from, @Nullable String to) {
        if ((from == null) != (to == null)) {
            throw new UsageException("A backfill needs both --from and --to");
        }
        BackfillDays days = new BackfillDays(from, to);
        days.in(ZoneId.of("UTC"));
        return days;
    }

    /** Returns the span in a stream's zone, or null if none was asked for. */
    @Nullable
    Window in(ZoneId zone) {
        if (from == null || to == null) {
            return null;
        }
        Instant start = instant("--from", from, zone, 0);
        Instant end = instant("--to", to, zone, 1);
        if (!start.isBefore(end)) {
            throw new UsageException("--from %s is not before --to %s".formatted(from, to));
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
            throw new UsageException(
                    "%s '%s' is no day or time: write 2026-01-31, 2026-01-31T12:00:00 or 2026-01-31T12:00:00Z"
                            .formatted(option, text));
        }
    }
}
