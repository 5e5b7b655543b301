package dev.caravan.run;

import java.time.Instant;

/** The days that the sandbox has data for. They are part of its contract, so that nobody but {@code app} needs to know it. */
final class StubSpan {
    public static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");
    public static final Instant TO = Instant.parse("2026-04-01T00:00:00Z");

    private StubSpan() {}
}
