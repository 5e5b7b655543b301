package dev.caravan.run;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that write and commit batches while their slices pull the next ones: as many as the machine can keep busy, none
 * while nothing is pulled. Safe for any number of threads.
 */
public final class BatchThreads implements AutoCloseable {
    private static final int IDLE_SECONDS = 5;

    private final AtomicInteger count = new AtomicInteger();
    private final ThreadPoolExecutor pool = new ThreadPoolExecutor(
            0,
            Runtime.getRuntime().availableProcessors(),
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> new Thread(task, "caravan-batch-" + count.incrementAndGet()));

    /**
     * Has a task done by a thread of its own.
     *
     * @throws RejectedExecutionException if none is free
     */
    public void execute(Runnable task) {
        pool.execute(task);
    }

    /** Takes no other task; what is under way ends. */
    @Override
    public void close() {
        pool.shutdown();
    }
}
