package dev.caravan.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that goes on, and can be moved. Safe for any number of threads. */
public final class MovingClock extends Clock {
    private final AtomicReference<Duration> ahead;

    /** @param start where it begins */
    public MovingClock(Instant start) {
        ahead = new AtomicReference<>(Duration.between(Instant.now(), start));
    }

    public void move(Duration by) {
        ahead.updateAndGet(already -> already.plus(by));
    }

    @Override
    public Instant instant() {
        return Instant.now().plus(ahead.get());
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("Nobody needs this clock in another zone");
    }
}
