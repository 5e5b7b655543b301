package dev.caravan.testkit;

import dev.caravan.sink.Patience;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Notes how long somebody would have waited. The time is what a test adds to {@link #pauses}. */
public record NoWaiting(List<Duration> pauses) implements Patience {
    private static final Instant BEGAN = Instant.parse("2026-03-01T00:00:00Z");

    public NoWaiting() {
        this(new ArrayList<>());
    }

    @Override
    public Instant now() {
        return BEGAN.plus(pauses.stream().reduce(Duration.ZERO, Duration::plus));
    }

    @Override
    public void pause(Duration length, String what) {
        pauses.add(length);
    }

    @Override
    public void look(Duration length, String what) {
        pauses.add(length);
    }
}
