package dev.caravan.lake;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks a store for several things at once: a batch may have a file for each day, and a store takes its time for each request, however
 * small. Its threads are few, whoever asks, and end when nobody does. Who asks waits, so that no more waits than is asked for.
 */
final class Errands {
    private static final int AT_ONCE = 8;
    private static final long IDLE_SECONDS = 10;

    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            AT_ONCE, AT_ONCE, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread thread = new Thread(task, "caravan-lake");
                thread.setDaemon(true);
                return thread;
            });

    Errands() {
        threads.allowCoreThreadTimeOut(true);
    }

    /** One thing that is asked for. */
    interface Errand<T, R> {
        R on(T each) throws IOException;
    }

    /**
     * Runs an errand for each, and returns what came of them, in their order.
     *
     * @throws IOException of the first that failed; all have ended then
     */
    <T, R> List<R> run(List<T> all, Errand<T, R> errand) throws IOException {
        if (all.size() == 1) {
            return List.of(errand.on(all.get(0)));
        }
        List<Callable<R>> tasks = new ArrayList<>();
        for (T each : all) {
            tasks.add(() -> errand.on(each));
        }
        try {
            List<R> done = new ArrayList<>();
            for (Future<R> each : threads.invokeAll(tasks)) {
                done.add(each.get());
            }
            return done;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("Interrupted while the store was asked");
            interrupted.initCause(e);
            throw interrupted;
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        }
    }

    private static IOException failure(@Nullable Throwable cause) {
        if (cause instanceof IOException failure) {
            return failure;
        }
        if (cause instanceof RuntimeException failure) {
            throw failure;
        }
        if (cause instanceof Error failure) {
            throw failure;
        }
        return new IOException(cause);
    }
}
