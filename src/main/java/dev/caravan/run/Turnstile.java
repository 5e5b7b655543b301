package dev.caravan.run;

import dev.caravan.connection.limit.Ask;
import dev.caravan.connection.limit.Hold;
import dev.caravan.connection.limit.Limiter;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a part of a run waits for quota, holds and a place among the requests in flight. Every wait looks several times a
 * second whether it may still go on. Safe for any number of threads.
 */
final class Turnstile {
    /** How often a wait looks whether it is over, or the run is to pause. */
    private static final Duration LOOK_UP = Duration.ofMillis(200);
    /** How often a page that did not fit looks whether it would now. */
    private static final Duration ROOM = Duration.ofMillis(20);
    /** Shorter waits for quota are the ordinary pace and not worth counting. */
    private static final Duration WORTH_COUNTING = Duration.ofSeconds(1);

    private final String stream;
    private final Limiter limiter;
    private final Clock clock;
    private final Counters counters;
    private final Supplier<Optional<String>> obstacle;
    private final Object lock = new Object();
    private final Whereabouts whereabouts;

    /**
     * @param whereabouts told of every wait
     * @param obstacle tells why it may not go on, empty while it may
     */
    Turnstile(
            String stream,
            Limiter limiter,
            Clock clock,
            Counters counters,
            Whereabouts whereabouts,
            Supplier<Optional<String>> obstacle) {
        this.stream = stream;
        this.limiter = limiter;
        this.clock = clock;
        this.counters = counters;
        this.whereabouts = whereabouts;
        this.obstacle = obstacle;
    }

    /** Returns why it may not go on, empty while it may. */
    Optional<String> obstacle() {
        return obstacle.get();
    }

    Whereabouts whereabouts() {
        return whereabouts;
    }

    /**
     * Waits until a request may be sent.
     *
     * @param tooLong decides whether a wait until an instant is beyond the run's patience
     * @return why the run must pause instead, or the request's pass, which is to be given back
     */
    Turn awaitTurn(Ask ask, Predicate<Instant> tooLong) {
        boolean counted = false;
        while (true) {
            Optional<Hold> hold = limiter.held();
            if (hold.isPresent()) {
                Instant until = hold.get().until();
                Optional<String> stopped = await(
                        Duration.between(clock.instant(), until),
                        hold.get().reason(),
                        until,
                        tooLong,
                        () -> limiter.held().isEmpty());
                if (stopped.isPresent()) {
                    return new Turn(null, stopped.get());
                }
                continue;
            }
            Limiter.Entry entry = limiter.enter(ask);
            if (entry.pass() != null) {
                return new Turn(entry.pass(), "");
            }
            Optional<String> stopped = entry.quota()
                    ? await(entry.delay(), "quota", clock.instant().plus(entry.delay()), tooLong, () -> true)
                    : busy(entry.delay());
            if (stopped.isPresent()) {
                return new Turn(null, stopped.get());
            }
            if (!counted && entry.quota() && entry.delay().compareTo(WORTH_COUNTING) > 0) {
                counters.waits.increment();
                counted = true;
            }
        }
    }

    /** Waits until then, for what the vendor works on, and returns why the run must pause instead, if it must. */
    Optional<String> await(Instant until, String what) {
        return sleep(Duration.between(clock.instant(), until), new Wait(what, until), () -> false);
    }

    /**
     * What became of waiting.
     *
     * @param pass null if the run must pause
     * @param obstacle why it must
     */
    record Turn(Limiter.@Nullable Pass pass, String obstacle) {}

    private Optional<String> busy(Duration wait) {
        whereabouts.waits(new Wait("a place among the requests in flight", null));
        try {
            return pauseFor(wait);
        } finally {
            whereabouts.goesOn();
        }
    }

    /** @param over whether it is over early; looked at several times a second */
    private Optional<String> await(
            Duration wait, String what, Instant until, Predicate<Instant> tooLong, BooleanSupplier over) {
        Wait reason = new Wait(what, wait.compareTo(WORTH_COUNTING) > 0 ? until : null);
        return tooLong.test(until) ? Optional.of(reason.toString()) : sleep(wait, reason, over);
    }

    /** Waits by the clock, whose steps back do not count. */
    private Optional<String> sleep(Duration wait, Wait reason, BooleanSupplier over) {
        whereabouts.waits(reason);
        try {
            Duration left = wait;
            while (left.compareTo(Duration.ZERO) > 0) {
                Instant before = clock.instant();
                Optional<String> stopped = pauseFor(left);
                if (stopped.isPresent()) {
                    return stopped;
                }
                Duration passed = Duration.between(before, clock.instant());
                left = passed.isNegative() ? left : left.minus(passed);
                if (over.getAsBoolean()) {
                    break;
                }
            }
            return Optional.empty();
        } finally {
            whereabouts.goesOn();
        }
    }

    /** Lets a little time pass, unless the run may not go on, and returns why it may not. */
    @SuppressWarnings("WaitNotInLoop") // those who call look again
    private Optional<String> pauseFor(Duration most) {
        Optional<String> stopped = obstacle.get();
        if (stopped.isPresent()) {
            return stopped;
        }
        try {
            synchronized (lock) {
                lock.wait(Math.max(1, Math.min(most.toMillis(), LOOK_UP.toMillis())));
            }
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    /**
     * Waits for memory.
     *
     * @param admitted tells whether there is room, and is asked again and again
     * @param patience longest wait
     * @return why the run must pause instead, or empty when there is room
     */
    Optional<String> awaitRoom(BooleanSupplier admitted, Duration patience) {
        if (admitted.getAsBoolean()) {
            return Optional.empty();
        }
        Instant until = clock.instant().plus(patience);
        Wait reason = new Wait("memory that other pages hold", until);
        counters.waits.increment();
        whereabouts.waits(reason);
        try {
            while (!admitted.getAsBoolean()) {
                Optional<String> stopped =
                        clock.instant().isAfter(until) ? Optional.of(reason.toString()) : pauseFor(ROOM);
                if (stopped.isPresent()) {
                    return stopped;
                }
            }
            return Optional.empty();
        } finally {
            whereabouts.goesOn();
        }
    }

    /**
     * Waits, between two requests of a page, until the next may be sent; no run pauses there.
     *
     * @throws PullException if it may not go on
     */
    Limiter.Pass awaitPass(Ask ask) {
        Turn turn = awaitTurn(ask, any -> false);
        if (turn.pass() == null) {
            throw new PullException(
                    Remedy.STOP,
                    "%s: %s before the next request".formatted(stream, turn.obstacle()),
                    new InterruptedException(turn.obstacle()));
        }
        return turn.pass();
    }
}
