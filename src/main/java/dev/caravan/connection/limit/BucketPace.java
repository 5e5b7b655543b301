package dev.caravan.connection.limit;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.TokensInheritanceStrategy;
import io.github.bucket4j.local.LocalBucket;
import java.util.OptionalDouble;

/** A bucket: so much may be saved up, and comes back evenly. The vendor's word on rate, size and content is taken. */
final class BucketPace implements Pace {
    /** Costs have fractions, tokens have not. */
    private static final int TOKENS = 1_000;

    private final Meter meter = new Meter();
    private final LocalBucket bucket;
    private final long nanos;
    private double rate;
    private double burst;

    /** @param nanos in which {@code rate} comes back */
    BucketPace(double rate, long nanos, double burst, long now) {
        this.nanos = nanos;
        this.rate = rate;
        this.burst = burst;
        meter.now = now;
        this.bucket = Bucket.builder()
                .withCustomTimePrecision(meter)
                .addLimit(bandwidth())
                .build();
    }

    private Bandwidth bandwidth() {
        return Bandwidth.builder()
                .capacity(tokens(burst))
                .refillGreedy(TOKENS, java.time.Duration.ofNanos(Math.max(1, Math.round(nanos / rate))))
                .build();
    }

    private static long tokens(double cost) {
        return Math.max(1, Math.round(cost * TOKENS));
    }

    @Override
    public long wait(double cost, long now) {
        meter.now = now;
        return bucket.estimateAbilityToConsume(tokens(Math.min(cost, burst))).getNanosToWaitForRefill();
    }

    @Override
    public void take(double cost, long now) {
        meter.now = now;
        bucket.consumeIgnoringRateLimits(tokens(cost));
    }

    /** A bucket empties as requests leave. */
    @Override
    public void answered(long taken, long late, long usual) {}

    @Override
    public double burst() {
        return burst;
    }

    @Override
    public void correct(OptionalDouble left, OptionalDouble newRate, OptionalDouble newBurst, long now) {
        meter.now = now;
        double toldRate = newRate.orElse(rate);
        double toldBurst = Math.max(1, newBurst.orElse(burst));
        if (toldRate > 0 && (toldRate != rate || toldBurst != burst)) {
            rate = toldRate;
            burst = toldBurst;
            bucket.replaceConfiguration(
                    BucketConfiguration.builder().addLimit(bandwidth()).build(), TokensInheritanceStrategy.AS_IS);
        }
        if (left.isPresent()) {
            long change = Math.round(left.getAsDouble() * TOKENS) - bucket.getAvailableTokens();
            if (change > 0) {
                bucket.addTokens(change);
            } else if (change < 0) {
                bucket.consumeIgnoringRateLimits(-change);
            }
        }
    }

    private static final class Meter implements TimeMeter {
        private long now;

        @Override
        public long currentTimeNanos() {
            return now;
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    }
}
