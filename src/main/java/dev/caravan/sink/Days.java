package dev.caravan.sink;

import dev.caravan.record.SourceRecord;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sorts the records of a batch by the day they belong to.
 *
 * <p>Not safe for several threads. Consecutive records mostly share a day, so the last day's bounds are kept.
 */
final class Days {
    /** The day of a record that lacks the cursor its stream has. */
    static final String UNKNOWN = "unknown";

    private final ZoneId zone;
    private Instant from = Instant.MAX;
    private Instant to = Instant.MIN;
    private String day = UNKNOWN;

    Days(ZoneId zone) {
        this.zone = zone;
    }

    /** Returns the records of each day, in their order. */
    static Map<String, List<SourceRecord>> split(Destination to, List<SourceRecord> records) {
        Days days = new Days(to.zone());
        if (!to.cursored()) {
            return Map.of(days.of(to.ingested()), records);
        }
        Map<String, List<SourceRecord>> split = new LinkedHashMap<>();
        for (SourceRecord record : records) {
            Instant cursor = record.cursor();
            split.computeIfAbsent(cursor == null ? UNKNOWN : days.of(cursor), day -> new ArrayList<>())
                    .add(record);
        }
        return split;
    }

    String of(Instant instant) {
        if (instant.isBefore(from) || !instant.isBefore(to)) {
            LocalDate date = instant.atZone(zone).toLocalDate();
            from = date.atStartOfDay(zone).toInstant();
            to = date.plusDays(1).atStartOfDay(zone).toInstant();
            day = date.toString();
        }
        return day;
    }
}
