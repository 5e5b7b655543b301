package dev.caravan.slice;

import java.time.Instant;

/**
 * A half-open span of time to pull: {@code from} is in it, {@code to} is not.
 *
 * <p>Windows of one stream meet without gap or overlap, so each record falls in exactly one.
 */
public record Window(Instant from, Instant to) {
    public Window {
        if (!from.isBefore(to)) {
            throw new IllegalArgumentException("Empty window: from=%s to=%s".formatted(from, to));
        }
    }

    public boolean contains(Instant instant) {
        return !instant.isBefore(from) && instant.isBefore(to);
    }
}
