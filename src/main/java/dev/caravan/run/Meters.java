package dev.caravan.run;

import dev.caravan.failure.Remedy;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What a stream has done since the process started, for meters. Safe for any number of threads. */
public final class Meters {
    private final Map<Remedy, LongAdder> failures = new EnumMap<>(Remedy.class);
    private final Counters total = new Counters();

    Meters() {
        for (Remedy remedy : Remedy.values()) {
            failures.put(remedy, new LongAdder());
        }
    }

    void failed(Remedy remedy) {
        failure(remedy).increment();
    }

    /** Returns how often an answer, or its absence, had this remedy. */
    public long failures(Remedy remedy) {
        return failure(remedy).sum();
    }

    void add(Counters run) {
        total.add(run);
    }

    /** Returns the counts of all runs that have ended. */
    Counters total() {
        return total;
    }

    private LongAdder failure(Remedy remedy) {
        LongAdder adder = failures.get(remedy);
        if (adder == null) {
            throw new IllegalStateException("No counter for " + remedy);
        }
        return adder;
    }
}
