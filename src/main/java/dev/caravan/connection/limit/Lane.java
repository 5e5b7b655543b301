package dev.caravan.connection.limit;

import dev.caravan.connection.Answer;
import dev.caravan.connection.limit.Quota.Counts;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * One quota in use. Beside what its own count allows, what the vendor says is left in its present span bounds it.
 *
 * <p>For one thread at a time; times as in {@link Pace}.
 */
final class Lane {
    /** Streams of one connection; more than that, and the oldest costs are learned anew. */
    private static final int MOST_COSTS = 10_000;

    private final Quota quota;
    private final @Nullable Pace pace;
    private final Map<String, Double> costs = new HashMap<>();
    private int inFlight;
    private double costInFlight;
    private double left = Double.NaN;
    private long leftUntil;
    private long restUntil;

    Lane(Quota quota, long now) {
        this.quota = quota;
        Double rate = quota.rate();
        Double burst = quota.burst();
        this.restUntil = now;
        this.leftUntil = now;
        this.pace = rate == null
                ? null
                : burst == null
                        ? new RollingPace(rate, quota.per().toNanos())
                        : new BucketPace(rate, quota.per().toNanos(), burst, now);
    }

    Quota quota() {
        return quota;
    }

    boolean isFull() {
        return quota.inFlight() != null && inFlight >= quota.inFlight();
    }

    boolean isIdle() {
        return inFlight == 0;
    }

    /** Returns what a request takes of this quota: nothing, if its slice has been counted. */
    double cost(Ask ask) {
        return quota.counts() == Counts.SLICE && !ask.first() ? 0 : costs.getOrDefault(ask.stream(), ask.weight());
    }

    /** Returns the nanoseconds until so much may be asked for, 0 for now. */
    long wait(double cost, long now) {
        if (cost == 0) {
            return 0;
        }
        long wait = Math.max(0, restUntil - now);
        if (pace != null) {
            wait = Math.max(wait, pace.wait(cost, now));
        }
        boolean usedUp = leftUntil > now && left < cost;
        return usedUp ? Math.max(wait, leftUntil - now) : wait;
    }

    void enter(double cost, long now) {
        inFlight++;
        costInFlight += cost;
        left -= cost;
        if (pace != null && cost > 0) {
            pace.take(cost, now);
        }
    }

    /** See {@link Pace#answered}. */
    void leave(double cost, long entered, long late, long usual) {
        if (pace != null && cost > 0) {
            pace.answered(entered, late, usual);
        }
        inFlight--;
        costInFlight = inFlight == 0 ? 0 : costInFlight - cost;
    }

    /**
     * The vendor says what is left, of all that has reached it; what is on its way may or may not be counted there, and counts
     * here.
     *
     * @param until when it is filled again; within the same span, what is left only becomes less
     */
    void bound(double told, long until, double cost, long now) {
        if (until <= now) {
            return;
        }
        boolean sameSpan = leftUntil > now && Math.abs(until - leftUntil) < 1_500_000_000L;
        double rest = told - Math.max(0, costInFlight - cost);
        left = sameSpan && costInFlight > cost ? Math.min(left, rest) : rest;
        leftUntil = until;
    }

    /** Corrects the quota by an answer whose request took {@code cost}. */
    void learn(Answer answer, Ask ask, double cost, long now) {
        Learning learn = quota.learn();
        if (learn == null || pace == null) {
            return;
        }
        Learning.Told told = learn.in(answer, pace.burst());
        if (told.cost().isPresent() && (costs.containsKey(ask.stream()) || costs.size() < MOST_COSTS)) {
            costs.put(ask.stream(), Math.max(0.001, told.cost().getAsDouble()));
        }
        Double pauseAt = learn.pauseAt();
        if (pauseAt != null && told.usedShare().orElse(0) >= pauseAt) {
            restUntil = Math.max(restUntil, now + learn.pause().toNanos());
        }
        OptionalDouble rest = told.left().isPresent()
                ? OptionalDouble.of(told.left().getAsDouble() - Math.max(0, costInFlight - cost))
                : OptionalDouble.empty();
        pace.correct(rest, told.rate(), told.burst(), now);
    }

    /** Forgets what the vendor said. */
    void release(long now) {
        leftUntil = now;
        restUntil = now;
    }
}
