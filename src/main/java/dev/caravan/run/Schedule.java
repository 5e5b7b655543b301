package dev.caravan.run;

import dev.caravan.slice.Span;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.support.CronExpression;

/**
 * When a stream is due again: so long after the last run began, or at the times of a cron expression. Reads no clock.
 *
 * <p>Each stream keeps a small delay of its own, so that streams of one rhythm do not all begin in the same second.
 */
final class Schedule {
    private static final double JITTER = 0.05;
    private static final Duration MAX_JITTER = Duration.ofMinutes(1);

    private final Span every;
    private final @Nullable CronExpression cron;
    private final ZoneId zone;
    private final double share;

    /**
     * @param every time from the start of one run to the start of the next; unused with a cron expression
     * @param cron six fields, seconds first, as Spring reads them; null for {@code every}
     * @param stream id of the stream, from which its own delay follows
     * @throws IllegalArgumentException if the cron expression cannot be read
     */
    public Schedule(Span every, @Nullable String cron, ZoneId zone, String stream) {
        this.every = every;
        this.cron = cron == null ? null : CronExpression.parse(cron);
        this.zone = zone;
        this.share = (stream.hashCode() & 0xffff) / 65536.0;
    }

    /** Returns when a stream is due whose last run began at {@code lastStart}; one that never ran is due at once. */
    public Instant due(@Nullable Instant lastStart) {
        if (lastStart == null) {
            return Instant.EPOCH;
        }
        CronExpression expression = cron;
        if (expression != null) {
            ZonedDateTime next = expression.next(lastStart.atZone(zone));
            return next == null ? Instant.MAX : next.toInstant();
        }
        Instant next = every.after(lastStart, zone);
        return next.plus(jitter(Duration.between(lastStart, next)));
    }

    private Duration jitter(Duration interval) {
        Duration most = Duration.ofMillis((long) (interval.toMillis() * JITTER));
        Duration bounded = most.compareTo(MAX_JITTER) > 0 ? MAX_JITTER : most;
        return Duration.ofMillis((long) (bounded.toMillis() * share));
    }
}
