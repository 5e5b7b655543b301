package dev.caravan.connection.limit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalDouble;

/**
 * So much in any span of a length, exactly: what was taken counts until that length has passed. All of it may go at once.
 *
 * <p>What counts at the vendor is when a request arrives, and one that needs a new connection, or finds the machine busy,
 * arrives later than one that does not. So a request counts from when it left plus the time by which it was later answered
 * than the quickest, and the span is a thirtieth longer here than at the vendor.
 */
final class RollingPace implements Pace {
    private static final int MARGIN = 30;
    /** What is taken within so small a part of the span counts as one, so that few entries are kept however many requests. */
    private static final int PARTS = 1_000;

    private final Deque<Entry> taken = new ArrayDeque<>();
    private double most;
    private long span;
    private double sum;
    private long usual;

    private static final class Entry {
        private final long first;
        private long last;
        private double cost;
        private int open;
        /** The latest moment at which one of it may have arrived, but for those that are open. */
        private long arrived;

        Entry(long now, double cost) {
            this.first = now;
            this.last = now;
            this.cost = cost;
            this.arrived = now;
        }
    }

    /** @param nanos the length of the span; a rate below 1 is 1 in a longer one */
    RollingPace(double rate, long nanos) {
        change(rate, nanos);
    }

    private void change(double rate, long nanos) {
        most = Math.max(1, Math.floor(rate));
        double length = nanos * most / rate;
        span = (long) (length + length / MARGIN);
    }

    @Override
    public long wait(double cost, long now) {
        forget(now);
        double free = most - Math.min(cost, most);
        double rest = sum;
        long wait = 0;
        for (Entry each : taken) {
            if (rest <= free + 1e-9) {
                break;
            }
            rest -= each.cost;
            wait = Math.max(wait, over(each, now) - now);
        }
        return wait;
    }

    /** Returns when it no longer counts. */
    private long over(Entry entry, long now) {
        long late = entry.open == 0 ? 0 : Math.min(span, Math.max(0, now - entry.last - usual));
        return Math.max(entry.arrived, entry.last + late) + span;
    }

    @Override
    public void answered(long moment, long late, long usually) {
        usual = Math.max(usual, usually);
        for (var entries = taken.descendingIterator(); entries.hasNext(); ) {
            Entry entry = entries.next();
            if (entry.first <= moment) {
                entry.open--;
                entry.arrived = Math.max(entry.arrived, moment + Math.min(span, late));
                return;
            }
        }
    }

    @Override
    public void take(double cost, long now) {
        forget(now);
        sum += cost;
        Entry latest = taken.peekLast();
        if (latest != null && now - latest.first <= span / PARTS) {
            latest.last = now;
            latest.cost += cost;
        } else {
            latest = new Entry(now, cost);
            taken.addLast(latest);
        }
        latest.open++;
    }

    private void forget(long now) {
        for (Entry oldest = taken.peekFirst(); oldest != null && over(oldest, now) <= now; oldest = taken.peekFirst()) {
            sum -= oldest.cost;
            taken.removeFirst();
        }
        if (taken.isEmpty()) {
            sum = 0;
        }
    }

    @Override
    public double burst() {
        return most;
    }

    /** What is left tells of other users of the quota, too: they count as if they had taken it now. */
    @Override
    public void correct(OptionalDouble left, OptionalDouble rate, OptionalDouble burst, long now) {
        forget(now);
        double others = most - left.orElse(most) - sum;
        if (others > 0) {
            take(others, now);
            answered(now, 0, 0);
        }
    }
}
