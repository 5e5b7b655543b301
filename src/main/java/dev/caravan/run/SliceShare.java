package dev.caravan.run;

import dev.caravan.Stream.Order;
import dev.caravan.record.SourceRecord;
import dev.caravan.slice.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much of a slice is pulled. Where records come in the order of the cursor, every page tells; otherwise only the end does.
 * Written by the slice's thread, read by any.
 */
final class SliceShare {
    private final @Nullable Window window;
    private final Order order;
    private @Nullable Instant begin;
    private volatile double done;

    /** @param resumed greatest cursor of what was pulled before this run, null if nothing was or it is not known */
    SliceShare(@Nullable Window window, Order order, @Nullable Instant resumed) {
        this.window = window;
        this.order = order;
        this.begin = resumed != null && order == Order.ASCENDING ? resumed : null;
    }

    /** Returns how much there is to pull: seconds of the window, 1 without one. */
    double weight() {
        return window == null
                ? 1
                : Math.max(1, Duration.between(window.from(), window.to()).toSeconds());
    }

    /** Returns how much of it is pulled in this run, from 0 to 1; it never falls. */
    double done() {
        return done;
    }

    void finish() {
        done = 1;
    }

    /** Takes in the records of a page, those inside the slice. */
    void page(List<SourceRecord> records) {
        Instant first = records.isEmpty() ? null : records.get(0).cursor();
        Instant last =
                records.isEmpty() ? null : records.get(records.size() - 1).cursor();
        if (window == null || order == Order.NONE || first == null || last == null) {
            return;
        }
        if (begin == null) {
            // A slice that goes on in the middle has not told where that is.
            begin = order == Order.ASCENDING ? window.from() : first;
        }
        Instant end = order == Order.ASCENDING ? window.to() : window.from();
        double all = seconds(begin, end);
        if (all > 0) {
            done = Math.max(done, Math.min(1, seconds(begin, last) / all));
        }
    }

    private static double seconds(Instant one, Instant other) {
        return Math.abs(Duration.between(one, other).toMillis() / 1000.0);
    }
}
