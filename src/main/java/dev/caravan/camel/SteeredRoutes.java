package dev.caravan.camel;

import dev.caravan.run.LiveStream;
import dev.caravan.run.RouteControl;
import dev.caravan.run.Streams;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.ServiceStatus;
import org.apache.camel.spi.RouteController;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts, suspends and stops the routes of streams as is said of the streams, so that Hawtio shows it. That a stream does not run
 * when it is not to does not depend on it. Safe for any number of threads.
 */
public final class SteeredRoutes implements RouteControl, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("dev.caravan.steering");
    private static final int THREADS = 8;
    private static final int ROUNDS = 5;

    private final CamelContext context;
    private final Streams streams;
    private final Set<String> waiting = ConcurrentHashMap.newKeySet();
    private final Map<String, Object> locks = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor pool;
    private final ThreadLocal<Boolean> ours = ThreadLocal.withInitial(() -> false);

    public SteeredRoutes(CamelContext context, Streams streams) {
        this.context = context;
        this.streams = streams;
        this.pool = new ThreadPoolExecutor(THREADS, THREADS, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "caravan-steering");
            thread.setDaemon(true);
            return thread;
        });
        pool.allowCoreThreadTimeOut(true);
    }

    /** Whether what happens to a route in this thread is our own doing. */
    boolean isOurs() {
        return ours.get();
    }

    /** Does something to routes that is not to be taken for what an operator says of their streams. */
    void quietly(Runnable change) {
        ours.set(true);
        try {
            change.run();
        } finally {
            ours.set(false);
        }
    }

    @Override
    public void follow(String stream) {
        // One that waits its turn will see what is said by then.
        if (waiting.add(stream)) {
            pool.execute(() -> {
                waiting.remove(stream);
                quietly(() -> bring(stream));
            });
        }
    }

    private void bring(String stream) {
        // Camel waits for the page under way; what is said meanwhile is followed next.
        synchronized (lock(stream)) {
            for (int round = 0; round < ROUNDS && step(stream); round++) {
                LOG.debug("{}: its route was brought to what is said of it", stream);
            }
        }
    }

    private Object lock(String stream) {
        return locks.computeIfAbsent(stream, any -> new Object());
    }

    /** Returns whether anything was to be done. */
    private boolean step(String stream) {
        Optional<LiveStream> live = streams.find(stream);
        RouteController controller = context.getRouteController();
        ServiceStatus status = controller.getRouteStatus(stream);
        if (live.isEmpty() || status == null || !context.isStarted()) {
            return false;
        }
        try {
            return switch (live.get().mode()) {
                case ACTIVE, DRAINING -> go(controller, stream, status);
                case PAUSED -> suspend(controller, stream, status);
                case STOPPED -> stop(controller, stream, status);
            };
        } catch (Exception e) {
            LOG.warn(
                    "The route of {} could not be brought to {}: {}",
                    stream,
                    live.get().mode(),
                    e.getMessage());
            return false;
        }
    }

    private static boolean go(RouteController controller, String stream, ServiceStatus status) throws Exception {
        if (status == ServiceStatus.Suspended) {
            controller.resumeRoute(stream);
        } else if (status == ServiceStatus.Stopped) {
            controller.startRoute(stream);
        }
        return status == ServiceStatus.Suspended || status == ServiceStatus.Stopped;
    }

    private static boolean suspend(RouteController controller, String stream, ServiceStatus status) throws Exception {
        if (status == ServiceStatus.Stopped) {
            controller.startRoute(stream);
        } else if (status == ServiceStatus.Started) {
            controller.suspendRoute(stream);
        }
        return status == ServiceStatus.Stopped || status == ServiceStatus.Started;
    }

    private static boolean stop(RouteController controller, String stream, ServiceStatus status) throws Exception {
        if (status == ServiceStatus.Started || status == ServiceStatus.Suspended) {
            controller.stopRoute(stream);
            return true;
        }
        return false;
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
