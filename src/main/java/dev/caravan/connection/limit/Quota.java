package dev.caravan.connection.limit;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.slice.Span;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * So many requests in so much time, or so many at once.
 *
 * <p>Without a {@code burst} the rate is what may be asked for in any span of its length, all of it at once if nothing was asked
 * before. With one it is a bucket: after a pause that many go at once, then they are spread at the rate.
 *
 * @param rate how many, above 0; null for a quota of requests at once only
 * @param per in what time; default is a second
 * @param burst how many may go at once after a pause, beside the rate; null for none
 * @param inFlight how many may be open at once, null for any number
 * @param match which requests it is for
 * @param byPath whether each path has a quota of its own
 * @param counts what one is
 * @param learn where answers tell how it stands, null for nowhere
 */
public record Quota(
        @Nullable Double rate,
        Duration per,
        @Nullable Double burst,
        @Nullable Integer inFlight,
        RequestMatch match,
        boolean byPath,
        Counts counts,
        @Nullable Learning learn) {
    /** What a connection has whose vendor says nothing. */
    public static final Quota DEFAULT = bucket(10, Duration.ofSeconds(1), 10);

    private static final double FASTEST = 100_000;

    /** What counts as one. */
    public enum Counts {
        REQUEST,
        /** All pages of a slice, and what is asked again, are one. */
        SLICE;

        @JsonCreator
        public static Counts named(String name) {
            for (Counts each : values()) {
                if (each.name().toLowerCase(Locale.ROOT).equals(name)) {
                    return each;
                }
            }
            throw new IllegalArgumentException("Unknown 'count: %s', use request or slice".formatted(name));
        }
    }

    public Quota {
        if (rate == null && inFlight == null) {
            throw new IllegalArgumentException("quota: rate is missing, write {rate: 10, per: 1s} or {in-flight: 2}");
        }
        if (rate != null && !(rate > 0)) {
            throw new IllegalArgumentException("quota: rate=%s is not above 0".formatted(rate));
        }
        if (per.isNegative() || per.isZero()) {
            throw new IllegalArgumentException("quota: per=%s has no length, write 1s, 1m, 1h or 1d".formatted(per));
        }
        if (burst != null && !(burst >= 1)) {
            throw new IllegalArgumentException("quota: burst=%s is not at least 1".formatted(burst));
        }
        if (inFlight != null && inFlight < 1) {
            throw new IllegalArgumentException("quota: in-flight=%d is not at least 1".formatted(inFlight));
        }
        if (rate == null && (burst != null || learn != null || counts != Counts.REQUEST)) {
            throw new IllegalArgumentException(
                    "quota: burst, learn and count belong to a 'rate', write {rate: 10, per: 1s}");
        }
        double perSecond = rate == null ? 1 : rate * 1e9 / per.toNanos();
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
            @JsonProperty("burst") @Nullable Double burst,
            @JsonProperty("in-flight") @Nullable Integer inFlight,
            @JsonProperty("match") @Nullable RequestMatch match,
            @JsonProperty("by") @Nullable String by,
            @JsonProperty("count") @Nullable Counts counts,
            @JsonProperty("learn") @Nullable Learning learn) {
        if (by != null && !by.equals("path")) {
            throw new IllegalArgumentException("quota: by '%s' is unknown, write by: path".formatted(by));
        }
        return new Quota(
                rate,
                per == null ? Duration.ofSeconds(1) : per.toDuration(),
                burst,
                inFlight,
                match == null ? RequestMatch.ANY : match,
                by != null,
                counts == null ? Counts.REQUEST : counts,
                learn);
    }

    /** Returns a quota of so many requests in any second. */
    static Quota perSecond(double rate) {
        return new Quota(rate, Duration.ofSeconds(1), null, null, RequestMatch.ANY, false, Counts.REQUEST, null);
    }

    /** Returns a quota of requests that may go in bursts. */
    static Quota bucket(double rate, Duration per, double burst) {
        return new Quota(rate, per, burst, null, RequestMatch.ANY, false, Counts.REQUEST, null);
    }

    /** Returns it in a few words, for people. */
    String shown() {
        StringBuilder text = new StringBuilder();
        if (rate != null) {
            text.append(BigDecimal.valueOf(rate).stripTrailingZeros().toPlainString())
                    .append(counts == Counts.SLICE ? " slices per " : " per ")
                    .append(shown(per));
        }
        if (burst != null) {
            text.append(", burst ")
                    .append(BigDecimal.valueOf(burst).stripTrailingZeros().toPlainString());
        }
        if (inFlight != null) {
            text.append(text.isEmpty() ? "" : ", ").append(inFlight).append(" in flight");
        }
        if (!match.equals(RequestMatch.ANY)) {
            text.append(", for some requests");
        }
        return text.append(byPath ? ", each path" : "").toString();
    }

    private static String shown(Duration length) {
        long seconds = length.toSeconds();
        if (seconds == 0 || length.toMillis() % 1000 != 0) {
            return length.toMillis() + "ms";
        }
        return seconds % 86_400 == 0
                ? seconds / 86_400 + "d"
                : seconds % 3600 == 0 ? seconds / 3600 + "h" : seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }
}
