package dev.caravan.connection.limit;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConfigurationBuilder;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.TokensInheritanceStrategy;
import io.github.bucket4j.local.LocalBucketBuilder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one connection, or the whole process, within its quotas. Never sleeps: it says how long to wait, and whoever asks
 * does so where it can be interrupted and seen.
 *
 * <p>A limiter with a parent keeps within the parent's quotas as well. Safe for any number of threads.
 */
public final class Limiter {
    private final @Nullable Limiter parent;
    private final Clock clock;
    private final Bucket bucket;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicReference<@Nullable Hold> hold = new AtomicReference<>();
    private volatile int maxInFlight;

    /**
     * @param quotas every request counts in each; at least one
     * @param maxInFlight requests that may be open at once, at least 1
     * @param parent whose quotas count too, null for none
     */
    public Limiter(Collection<Quota> quotas, int maxInFlight, @Nullable Limiter parent, Clock clock) {
        this.parent = parent;
        this.clock = clock;
        this.maxInFlight = atLeastOne(maxInFlight);
        LocalBucketBuilder builder = Bucket.builder().withCustomTimePrecision(new ForwardTime(clock));
        bandwidths(quotas).forEach(builder::addLimit);
        this.bucket = builder.build();
    }

    /** Returns the limiter of the whole process, CONTRACTS 34: never more than 500 requests a second and 200 in flight. */
    public static Limiter ofProcess(Clock clock) {
        // A burst adds to the rate, and both fall into one second.
        return new Limiter(List.of(new Quota(480, Duration.ofSeconds(1), 20)), 200, null, clock);
    }

    /** Takes the place of one request and returns how long to wait before sending it; zero if it may go now. */
    public Duration reserve() {
        return reserve(1);
    }

    /**
     * Takes the place of a request that costs as much as several.
     *
     * @param weight at least 1
     */
    public Duration reserve(int weight) {
        Duration wait = Duration.ofNanos(bucket.consumeIgnoringRateLimits(weight));
        Duration held = held().map(each -> Duration.between(clock.instant(), each.until()))
                .orElse(Duration.ZERO);
        Duration above = parent == null ? Duration.ZERO : parent.reserve(weight);
        return longest(wait, longest(held, above));
    }

    private static Duration longest(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    /** Keeps the whole connection back until then, because the vendor said so. A later hold stands. */
    public void holdUntil(Instant until, String reason) {
        hold.accumulateAndGet(
                new Hold(until, reason),
                (standing, next) ->
                        standing == null || next == null || next.until().isAfter(standing.until()) ? next : standing);
    }

    /** Returns the hold that stands now. */
    public Optional<Hold> held() {
        return Optional.ofNullable(hold.get()).filter(each -> each.until().isAfter(clock.instant()));
    }

    /** Ends a hold early, for an operator who knows better. */
    public void release() {
        hold.set(null);
    }

    /** Opens a request if there is room; each success is followed by one {@link #leave()}. */
    public boolean tryEnter() {
        int bound = maxInFlight;
        int before = inFlight.getAndUpdate(open -> open < bound ? open + 1 : open);
        if (before >= bound) {
            return false;
        }
        if (parent != null && !parent.tryEnter()) {
            inFlight.decrementAndGet();
            return false;
        }
        return true;
    }

    /** Closes a request that {@link #tryEnter()} opened. */
    public void leave() {
        int before = inFlight.getAndUpdate(open -> Math.max(0, open - 1));
        if (before == 0) {
            throw new IllegalStateException("More requests were closed than opened");
        }
        if (parent != null) {
            parent.leave();
        }
    }

    public int inFlight() {
        return inFlight.get();
    }

    /** Changes the quotas while running; each starts full. */
    public void changeQuotas(Collection<Quota> quotas) {
        ConfigurationBuilder builder = BucketConfiguration.builder();
        bandwidths(quotas).forEach(builder::addLimit);
        bucket.replaceConfiguration(builder.build(), TokensInheritanceStrategy.RESET);
    }

    /** Changes how many requests may be open at once; those above it finish. */
    public void changeMaxInFlight(int most) {
        maxInFlight = atLeastOne(most);
    }

    private static int atLeastOne(int maxInFlight) {
        if (maxInFlight < 1) {
            throw new IllegalArgumentException("in-flight=%d is not at least 1".formatted(maxInFlight));
        }
        return maxInFlight;
    }

    private static List<Bandwidth> bandwidths(Collection<Quota> quotas) {
        if (quotas.isEmpty()) {
            throw new IllegalArgumentException("A limiter has at least one quota");
        }
        return quotas.stream()
                .distinct()
                .map(each -> Bandwidth.builder()
                        .capacity(each.burst())
                        .refillGreedy(1, each.interval())
                        .build())
                .toList();
    }

    /** The clock, without its steps back: after one, tokens would not grow until the old time is reached again. */
    private static final class ForwardTime implements TimeMeter {
        private final Clock clock;
        private Instant last;
        private long nanos;

        ForwardTime(Clock clock) {
            this.clock = clock;
            this.last = clock.instant();
        }

        @Override
        public synchronized long currentTimeNanos() {
            Instant now = clock.instant();
            nanos += Math.max(0, Duration.between(last, now).toNanos());
            last = now;
            return nanos;
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    }
}
