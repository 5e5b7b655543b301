package dev.caravan.connection.limit;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.slice.Span;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * So many requests in so much time.
 *
 * @param rate how many, above 0
 * @param per in what time; default is a second
 * @param burst how many may go at once after a pause; default is what one second allows, at least 1
 */
public record Quota(double rate, Duration per, int burst) {
    /** What a connection has whose vendor says nothing. */
    public static final Quota DEFAULT = new Quota(10, Duration.ofSeconds(1), 10);

    private static final double FASTEST = 100_000;

    public Quota {
        if (!(rate > 0)) {
            throw new IllegalArgumentException("quota: rate=%s is not above 0".formatted(rate));
        }
        if (per.isNegative() || per.isZero()) {
            throw new IllegalArgumentException("quota: per=%s has no length, write 1s, 1m, 1h or 1d".formatted(per));
        }
        if (burst < 1) {
            throw new IllegalArgumentException("quota: burst=%d is not at least 1".formatted(burst));
        }
        double perSecond = rate * 1e9 / per.toNanos();
        if (perSecond > FASTEST || perSecond < 1 / 86_400e3) {
            throw new IllegalArgumentException(
                    "quota: rate=%s per=%s is not between one request in 1000 days and 100000 in a second"
                            .formatted(rate, per));
        }
    }

    @JsonCreator
    static Quota of(
            @JsonProperty("rate") @Nullable Double rate,
            @JsonProperty("per") @Nullable Span per,
            @JsonProperty("burst") @Nullable Integer burst) {
        if (rate == null) {
            throw new IllegalArgumentException("quota: rate is missing, write {rate: 10, per: 1s}");
        }
        Duration time = per == null ? Duration.ofSeconds(1) : per.toDuration();
        int usual = time.isZero() ? 1 : (int) Math.min(1_000_000, Math.max(1, Math.floor(rate * 1e9 / time.toNanos())));
        return new Quota(rate, time, burst == null ? usual : burst);
    }

    /** Returns the time from one request to the next when none is saved up. */
    Duration interval() {
        return Duration.ofNanos(Math.max(1, Math.round(per.toNanos() / rate)));
    }
}
