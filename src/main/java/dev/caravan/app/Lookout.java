package dev.caravan.app;

import dev.caravan.run.Watchdog;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets the watchdog look around, now and then. */
final class Lookout implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lookout.class);
    private static final int SECONDS = 20;

    private final Watchdog watchdog;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread watch = new Thread(task, "caravan-watchdog");
        watch.setDaemon(true);
        return watch;
    });

    Lookout(Watchdog watchdog) {
        this.watchdog = watchdog;
    }

    void begin() {
        var unused = thread.scheduleWithFixedDelay(this::look, SECONDS, SECONDS, TimeUnit.SECONDS);
    }

    private void look() {
        try {
            watchdog.look();
        } catch (RuntimeException e) {
            // A database that does not answer is told of by those who need it; the next look may be luckier.
            LOG.debug("The watchdog could not look", e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
