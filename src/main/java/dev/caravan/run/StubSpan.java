package dev.caravan.run;

import dev.caravan.slice.CursorFormat;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The days that the sandbox has data for. They are part of its contract, so that nobody but {@code app} needs to know it. */
final class StubSpan {
    private static final LocalDate FROM = LocalDate.parse("2026-01-01");
    private static final LocalDate TO = LocalDate.parse("2026-04-01");

    private StubSpan() {}

    static Instant from(CursorFormat format, ZoneId zone) {
        return start(FROM, format, zone);
    }

    /** Returns the end, not included. */
    static Instant to(CursorFormat format, ZoneId zone) {
        return start(TO, format, zone);
    }

    /** Days are those of the stream where its cursor is a day, and those of UTC otherwise. */
    private static Instant start(LocalDate day, CursorFormat format, ZoneId zone) {
        return day.atStartOfDay(format.isDays() ? zone : ZoneOffset.UTC).toInstant();
    }
}
