package dev.caravan.sandbox;

import java.time.Clock;

/** A bucket that fills at a steady rate up to its brim, and out of which requests are paid. Safe for any number of threads. */
final class Bucket {
    private final double brim;
    private final double perSecond;
    private final Clock clock;
    private double level;
    private long since;

    Bucket(double brim, double perSecond, Clock clock) {
        this.brim = brim;
        this.perSecond = perSecond;
        this.clock = clock;
        clear();
    }

    /** Pays {@code cost} if that much is there. */
    synchronized boolean take(double cost) {
        if (left() < cost) {
            return false;
        }
        level -= cost;
        return true;
    }

    synchronized void giveBack(double cost) {
        level = Math.min(brim, left() + cost);
    }

    synchronized double left() {
        long now = clock.millis();
        level = Math.min(brim, level + Math.max(0, now - since) * perSecond / 1000);
        since = now;
        return level;
    }

    double brim() {
        return brim;
    }

    double perSecond() {
        return perSecond;
    }

    synchronized void clear() {
        level = brim;
        since = clock.millis();
    }
}
