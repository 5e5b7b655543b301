package dev.caravan.run;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How far a run has come, and when it ends if it goes on like this.
 *
 * <p>The end follows from the share that is done and the time it took to get there, not from the pace of the last moments; so it
 * stays where it is until another part is done, and does not jump.
 *
 * @param slices how many it has
 * @param done how many of them are done
 * @param share how much of what it is to pull is pulled, from 0 to 1
 * @param rows rows committed
 * @param started when it began
 * @param reached when the share became what it is
 * @param now when it is asked
 */
public record RunProgress(
        int slices, int done, double share, long rows, Instant started, Instant reached, Instant now) {
    /** Of less than this nothing can be told. */
    private static final double LEAST_SHARE = 0.01;

    private static final Duration LEAST_TIME = Duration.ofSeconds(5);

    /** Returns how many rows a second it has committed so far. */
    public double rowsPerSecond() {
        long millis = Duration.between(started, now).toMillis();
        return millis <= 0 ? 0 : rows * 1000.0 / millis;
    }

    /** Returns when it will have ended; empty as long as that cannot be told. */
    public Optional<Instant> end() {
        Duration spent = Duration.between(started, reached);
        if (share < LEAST_SHARE || share >= 1 || spent.compareTo(LEAST_TIME) < 0) {
            return Optional.empty();
        }
        Instant end = started.plusMillis((long) (spent.toMillis() / share));
        if (end.isAfter(now)) {
            return Optional.of(end);
        }
        // The part under way takes longer than those before it: what is left takes its share of all the time so far.
        return Optional.of(
                started.plusMillis((long) (Duration.between(started, now).toMillis() / share)));
    }

    /** Returns the same in a few words: {@code 12 of 40 slices, 31 %, 12,340 rows, 410 rows/s, about 5 min left}. */
    @Override
    public String toString() {
        String left = end().map(end -> ", about " + rounded(Duration.between(now, end)) + " left")
                .orElse("");
        return "%d of %d slices, %d %%, %,d rows, %,.0f rows/s%s"
                .formatted(done, slices, (int) Math.floor(share * 100), rows, rowsPerSecond(), left);
    }

    private static String rounded(Duration left) {
        if (left.compareTo(Duration.ofMinutes(2)) < 0) {
            return Math.max(1, left.toSeconds()) + " s";
        }
        if (left.compareTo(Duration.ofHours(2)) < 0) {
            return left.toMinutes() + " min";
        }
        return left.compareTo(Duration.ofDays(2)) < 0 ? left.toHours() + " h" : left.toDays() + " days";
    }
}
