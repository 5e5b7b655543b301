package dev.caravan.camel;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads that pull the slices of a stream. As many as the run says; none while nothing is pulled. */
final class SlicePool extends ThreadPoolExecutor {
    private static final int IDLE_SECONDS = 5;

    SlicePool(String stream, int width) {
        this(stream, width, new AtomicInteger());
    }

    private SlicePool(String stream, int width, AtomicInteger count) {
        super(
                width,
                width,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> new Thread(task, stream + "-" + count.incrementAndGet()));
        allowCoreThreadTimeOut(true);
    }

    /** Makes it so wide for the run that is about to begin. */
    void resize(int width) {
        if (width > getMaximumPoolSize()) {
            setMaximumPoolSize(width);
            setCorePoolSize(width);
        } else {
            setCorePoolSize(width);
            setMaximumPoolSize(width);
        }
    }
}
