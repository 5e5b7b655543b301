package dev.caravan.sink;

import java.time.Duration;
import java.time.Instant;

/**
 * How a sink waits for a service that is busy: seen by whoever watches the stream, and no longer than its run may. Where it is the
 * thread that is interrupted, it is so afterwards, too. Safe for any number of threads.
 */
public interface Patience {
    Instant now();

    /**
     * Waits, unless the run is to pause or stop.
     *
     * @param what is waited for, for people
     * @throws InterruptedException if it is to, now or meanwhile; its message says why
     */
    void pause(Duration length, String what) throws InterruptedException;

    /** Waits a moment for what is under way and will be over soon, whatever becomes of the run. */
    void look(Duration length, String what) throws InterruptedException;
}
