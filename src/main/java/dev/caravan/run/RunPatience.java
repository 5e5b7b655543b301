package dev.caravan.run;

import dev.caravan.sink.Patience;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** How the sinks of a stream wait: a pause or stop of the stream ends it. */
final class RunPatience implements Patience {
    /** How often a wait looks whether the run is to pause. */
    private static final Duration LOOK_UP = Duration.ofMillis(200);

    private final Clock clock;
    private final Supplier<Optional<String>> obstacle;
    private final Map<Thread, Wait> waits = new ConcurrentHashMap<>();
    private final Object lock = new Object();

    /** @param obstacle tells why the run may not go on, empty while it may */
    RunPatience(Clock clock, Supplier<Optional<String>> obstacle) {
        this.clock = clock;
        this.obstacle = obstacle;
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    @Override
    public void pause(Duration length, String what) throws InterruptedException {
        waits(length, what, true);
    }

    @Override
    public void look(Duration length, String what) throws InterruptedException {
        waits(length, what, false);
    }

    /** Returns what one of the sinks waits for, empty while none does. */
    Optional<Wait> waiting() {
        return waits.values().stream().findFirst();
    }

    /** Other people's services know nothing of this clock, so the time is the machine's. */
    private void waits(Duration length, String what, boolean whileItMay) throws InterruptedException {
        waits.put(Thread.currentThread(), new Wait(what, null));
        try {
            long until = System.nanoTime() + length.toNanos();
            for (long left = length.toMillis(); left > 0; left = (until - System.nanoTime()) / 1_000_000) {
                Optional<String> stopped = whileItMay ? obstacle.get() : Optional.empty();
                if (stopped.isPresent()) {
                    throw new InterruptedException(stopped.get());
                }
                pass(Math.min(left, LOOK_UP.toMillis()));
            }
        } finally {
            waits.remove(Thread.currentThread());
        }
    }

    @SuppressWarnings("WaitNotInLoop") // nobody notifies: it is time that passes
    private void pass(long millis) throws InterruptedException {
        try {
            synchronized (lock) {
                lock.wait(millis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw e;
        }
    }
}
