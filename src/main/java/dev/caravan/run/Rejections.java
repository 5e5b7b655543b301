package dev.caravan.run;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.record.Reject;
import dev.caravan.record.RejectShare;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/**
 * How many of the records of a run, or of one batch, were rejected, and why. A run's are those of its committed batches: what
 * one slice had to leave undone does not count against the others. Safe for the threads of its slices.
 */
final class Rejections {
    private static final int MOST_REASONS = 50;
    private static final String OTHERS = "other reasons";
    private static final int SHOWN = 3;

    private final LongAdder read = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final Map<String, LongAdder> reasons = new ConcurrentHashMap<>();

    /** Counts a page: how many records it had that can be used, and those that cannot. */
    void count(int usable, List<Reject> refused) {
        read.add(usable + (long) refused.size());
        rejected.add(refused.size());
        for (Reject reject : refused) {
            count(reject.reason(), 1);
        }
    }

    private void count(String reason, long times) {
        boolean known = reasons.size() < MOST_REASONS || reasons.containsKey(reason);
        reasons.computeIfAbsent(known ? reason : OTHERS, any -> new LongAdder()).add(times);
    }

    void add(Rejections other) {
        read.add(other.read.sum());
        rejected.add(other.rejected.sum());
        other.reasons.forEach((reason, times) -> count(reason, times.sum()));
    }

    /** Returns the sums of this and {@code other}. */
    Rejections plus(Rejections other) {
        Rejections sum = new Rejections();
        sum.add(this);
        sum.add(other);
        return sum;
    }

    /** Returns how many were rejected and why, for the run's line in the log; empty if none was. */
    String line() {
        long refused = rejected.sum();
        return refused == 0 ? "" : ", %,d rejected: %s".formatted(refused, reasons());
    }

    /** Returns the most frequent reasons and how often each came, the most frequent first. */
    private String reasons() {
        return reasons.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<String, LongAdder> entry) ->
                                -entry.getValue().sum())
                        .thenComparing(Map.Entry::getKey))
                .limit(SHOWN)
                .map(entry -> "%,d because %s".formatted(entry.getValue().sum(), entry.getKey()))
                .collect(Collectors.joining("; "));
    }

    /**
     * Checks that not too much was rejected so far.
     *
     * @param label stream and slice that are about to commit
     * @param errors where the rejects of earlier batches are
     * @throws PullException if it was
     */
    void check(RejectShare most, String label, String stream, String errors) {
        long all = read.sum();
        long refused = rejected.sum();
        if (most.isExceeded(refused, all)) {
            throw new PullException(
                    Remedy.STOP,
                    ("%s: %s of the records read were rejected, %,d of %,d, where 'max-rejected' allows %s: %s. This batch"
                                    + " does not count and the cursor stays. 'preview %s' shows some of them, %s holds those"
                                    + " of earlier batches; mend 'schema', 'key' or 'cursor', or set 'max-rejected: 100%%' to"
                                    + " set them all aside there")
                            .formatted(
                                    label,
                                    RejectShare.percent(refused, all),
                                    refused,
                                    all,
                                    most,
                                    reasons(),
                                    stream,
                                    errors));
        }
    }
}
