package dev.caravan.sandbox;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Counts what was spent in windows of a fixed length, the first of which begins at a round time or at the first use.
 * Safe for any number of threads.
 */
final class Quota {
    private final double allowed;
    private final long length;
    private final boolean round;
    private final Clock clock;
    private long start = Long.MIN_VALUE;
    private double spent;

    private Quota(double allowed, Duration window, boolean round, Clock clock) {
        this.allowed = allowed;
        this.length = window.toMillis();
        this.round = round;
        this.clock = clock;
    }

    /** Windows that begin at full seconds, minutes, hours or days. */
    static Quota round(double allowed, Duration window, Clock clock) {
        return new Quota(allowed, window, true, clock);
    }

    /** Windows that begin when the first one is needed. */
    static Quota sinceFirstUse(double allowed, Duration window, Clock clock) {
        return new Quota(allowed, window, false, clock);
    }

    /** Spends {@code weight} if that much is left. */
    synchronized boolean take(double weight) {
        turn();
        if (spent + weight > allowed) {
            return false;
        }
        spent += weight;
        return true;
    }

    /** Spends whatever is left or not. */
    synchronized void spend(double weight) {
        turn();
        spent += weight;
    }

    synchronized void giveBack(double weight) {
        spent = Math.max(0, spent - weight);
    }

    synchronized void clear() {
        start = Long.MIN_VALUE;
    }

    synchronized double left() {
        turn();
        return allowed - spent;
    }

    /** When the present window ends. */
    synchronized Instant reset() {
        turn();
        return Instant.ofEpochMilli(start + length);
    }

    double allowed() {
        return allowed;
    }

    private void turn() {
        long now = clock.millis();
        if (start == Long.MIN_VALUE || now - start >= length || now < start) {
            start = round ? Math.floorDiv(now, length) * length : now;
            spent = 0;
        }
    }
}
