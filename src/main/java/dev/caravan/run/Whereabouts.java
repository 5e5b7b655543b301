package dev.caravan.run;

import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where one part of a run stands: at which step, since when, and what it waits for. Written by the threads that pull it, read
 * by any.
 */
final class Whereabouts {
    private static final int FRAMES = 4;

    private final Clock clock;
    private final Map<Thread, Wait> waits = new ConcurrentHashMap<>();
    private final LongAdder rows = new LongAdder();
    private volatile At at;
    private volatile long page;

    /**
     * A step that was reached.
     *
     * @param thread that took it, null when nothing is done any more, or yet
     */
    private record At(String step, Instant since, @Nullable Thread thread) {}

    Whereabouts(Clock clock) {
        this.clock = clock;
        this.at = new At("queued", clock.instant(), null);
    }

    /** The calling thread begins a step. */
    void at(String step) {
        at = new At(step, clock.instant(), Thread.currentThread());
    }

    /** The calling thread waits for another one that does the step. */
    void at(String step, @Nullable Thread doing) {
        at = new At(step, clock.instant(), doing == null ? Thread.currentThread() : doing);
    }

    /** Nothing more is done: {@code done}, {@code skipped}, {@code paused} or {@code failed}; the first word stands. */
    void ended(String how) {
        if (!hasEnded()) {
            at = new At(how, clock.instant(), null);
        }
    }

    boolean hasEnded() {
        At now = at;
        return now.thread() == null && !now.step().equals("queued");
    }

    /** A page was taken in, the how-manieth it is. */
    void page(long number) {
        page = number;
    }

    void landed(long committed) {
        rows.add(committed);
    }

    /** The calling thread waits. */
    void waits(Wait wait) {
        waits.put(Thread.currentThread(), wait);
    }

    /** The calling thread waits no more. */
    void goesOn() {
        waits.remove(Thread.currentThread());
        At now = at;
        if (now.thread() != null) {
            at = new At(now.step(), clock.instant(), now.thread());
        }
    }

    String step() {
        return at.step();
    }

    Instant since() {
        return at.since();
    }

    long page() {
        return page;
    }

    long rows() {
        return rows.sum();
    }

    boolean isUnderWay() {
        return at.thread() != null;
    }

    /** Returns what it waits for; of several threads, the longest wait. */
    Optional<Wait> waiting() {
        return waits.values().stream()
                .max(Comparator.comparing(wait -> wait.until() == null ? Instant.MIN : wait.until()));
    }

    /** Returns what its thread is doing, the innermost call first; empty if nothing is under way. */
    String stack() {
        Thread thread = at.thread();
        return thread == null
                ? ""
                : thread.getName() + ": "
                        + Arrays.stream(thread.getStackTrace())
                                .limit(FRAMES)
                                .map(frame -> frame.getClassName() + "." + frame.getMethodName())
                                .collect(Collectors.joining(" < "));
    }
}
