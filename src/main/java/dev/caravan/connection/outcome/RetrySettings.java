package dev.caravan.connection.outcome;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.slice.Span;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How often and how long one page is asked for again, {@code {count: 5, within: 10m}}.
 *
 * @param count most repetitions of one page's request, at least 0; null for what is usual
 * @param within longest time from its first failure to the last repetition; null for any
 */
public record RetrySettings(
        @Nullable Integer count, @Nullable Duration within) {
    public static final RetrySettings USUAL = new RetrySettings(null, null);

    private static final int MOST = 1_000;

    public RetrySettings {
        if (count != null && (count < 0 || count > MOST)) {
            throw new IllegalArgumentException("retries: count is %d, use 0 to %,d".formatted(count, MOST));
        }
        if (within != null && within.isZero()) {
            throw new IllegalArgumentException("retries: within is 0s, write a length such as 10m, or count: 0");
        }
    }

    @JsonCreator
    static RetrySettings of(
            @JsonProperty("count") @Nullable Integer count, @JsonProperty("within") @Nullable Span within) {
        if (count == null && within == null) {
            throw new IllegalArgumentException("retries: write {count: 5}, {within: 10m} or both");
        }
        return new RetrySettings(count, within == null ? null : within.toDuration());
    }

    /** Returns this, with what it leaves open taken from {@code other}. */
    public RetrySettings or(RetrySettings other) {
        return new RetrySettings(count == null ? other.count : count, within == null ? other.within : within);
    }

    /**
     * Whether a request may be repeated once more.
     *
     * @param before repetitions so far
     * @param passed time since the first failure
     * @param usual the count where nothing says it; with a {@code within} alone, time is the only limit
     */
    public boolean allow(int before, Duration passed, int usual) {
        int most = count != null ? count : within == null ? usual : MOST;
        return before < most && (within == null || passed.compareTo(within) <= 0);
    }
}
