package dev.caravan.run;

import dev.caravan.connection.limit.Hold;
import dev.caravan.connection.limit.Limiter;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection at this moment, for those who watch.
 *
 * @param connection its name
 * @param vendor whose file it comes from
 * @param origin {@code real} or {@code stub}
 * @param obstacle why nothing can be asked, null if nothing is in the way
 * @param quotas what holds now, such as {@code 20 per 1s, burst 5}
 * @param changedRate the rate that was put in the place of the declared one, in requests a second; 0 if none was
 * @param inFlight requests open at this moment
 * @param maxInFlight most that may be
 * @param heldBecause why the vendor is left alone, null if it is not
 * @param heldUntil until when
 * @param breaker {@code closed}, {@code open}, {@code half-open} or {@code off}
 * @param streams ids of its streams
 */
public record ConnectionView(
        String connection,
        String vendor,
        String origin,
        @Nullable String obstacle,
        List<String> quotas,
        double changedRate,
        int inFlight,
        int maxInFlight,
        @Nullable String heldBecause,
        @Nullable Instant heldUntil,
        String breaker,
        List<String> streams) {
    public static ConnectionView of(LiveConnection connection, Streams streams) {
        Limiter limiter = connection.limiter();
        Hold hold = limiter.held().orElse(null);
        return new ConnectionView(
                connection.name(),
                connection.vendor(),
                connection.origin().toString(),
                connection.obstacle(),
                limiter.quotas(),
                limiter.changedRate(),
                limiter.inFlight(),
                limiter.maxInFlight(),
                hold == null ? null : hold.reason(),
                hold == null ? null : hold.until(),
                limiter.breaker(),
                streams.all().stream()
                        .filter(each -> each.connection().name().equals(connection.name()))
                        .map(LiveStream::id)
                        .toList());
    }
}
