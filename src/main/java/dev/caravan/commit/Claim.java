package dev.caravan.commit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream's row in {@link Claims}, renewed in the background until it is closed. Safe for any number of threads.
 *
 * <p>Whoever slept knows it by the age of the last renewal, and asks before it goes on.
 */
final class Claim implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Claim.class);

    private final Claims claims;
    private final StreamKey stream;
    private final Holder holder;
    private final long epoch;
    private final boolean quiet;
    private final Clock clock;
    private final ScheduledFuture<?> renewal;
    private volatile Renewal last;
    private volatile boolean gone;

    Claim(Claims claims, StreamKey stream, Holder holder, long epoch, boolean quiet, Renewal asked, Clock clock) {
        this.claims = claims;
        this.stream = stream;
        this.holder = holder;
        this.epoch = epoch;
        this.quiet = quiet;
        this.clock = clock;
        this.last = asked;
        this.renewal = claims.everyThird(this::renewInTime);
    }

    StreamKey stream() {
        return stream;
    }

    long epoch() {
        return epoch;
    }

    String run() {
        return String.valueOf(holder.run());
    }

    /** Whether the holder before has certainly ended, so that nobody can wake up and go on. */
    boolean isQuiet() {
        return quiet;
    }

    /**
     * Makes sure that the stream is still this claim's.
     *
     * @throws LeaseLostException if it is not, or if it has run out and the database does not answer
     */
    void requireHeld() {
        if (!gone && last.age(clock).compareTo(claims.ttl()) < 0) {
            return;
        }
        Duration age = last.age(clock);
        try {
            renew();
            if (gone) {
                throw LeaseLostException.taken(
                        stream, run(), epoch, age, claims.holder(stream).orElse(null));
            }
        } catch (StateStoreException e) {
            throw LeaseLostException.unanswered(stream, run(), epoch, age, e);
        }
    }

    private synchronized void renew() {
        if (gone) {
            return;
        }
        // The time before the question: the row lasts from when it is answered, which is later.
        Renewal asked = Renewal.now(clock);
        if (claims.renew(this)) {
            last = asked;
        } else {
            gone = true;
        }
    }

    private void renewInTime() {
        try {
            renew();
        } catch (RuntimeException e) {
            // Asked again in a while, and before the next commit if it has run out by then.
            LOG.warn("{}: the lease of run {} was not renewed: {}", stream.id(), run(), e.getMessage());
        }
    }

    /** Gives the stream back. If the database does not answer, others wait until the claim has run out. */
    @Override
    public void close() {
        renewal.cancel(false);
        try {
            claims.release(this);
        } catch (StateStoreException e) {
            LOG.warn(
                    "{}: the lease of run {} is not given back, others wait until it runs out: {}",
                    stream.id(),
                    run(),
                    e.getMessage());
        }
    }

    /**
     * When a claim was last renewed, by two clocks: one that nobody sets, but which stands still while the machine sleeps,
     * and one that goes on then. Both count while the process is stopped.
     */
    record Renewal(long nanos, Instant at) {
        static Renewal now(Clock clock) {
            return new Renewal(System.nanoTime(), clock.instant());
        }

        Duration age(Clock clock) {
            Duration awake = Duration.ofNanos(System.nanoTime() - nanos);
            Duration set = Duration.between(at, clock.instant());
            return awake.compareTo(set) > 0 ? awake : set;
        }
    }
}
