package dev.caravan.run;

import dev.caravan.batch.SealedFile;
import java.util.concurrent.atomic.LongAdder;

/** What a run has done so far. Safe for any number of threads. */
public final class Counters {
    final LongAdder rows = new LongAdder();
    final LongAdder rejected = new LongAdder();
    final LongAdder duplicates = new LongAdder();
    final LongAdder dropped = new LongAdder();
    final LongAdder undated = new LongAdder();
    final LongAdder pages = new LongAdder();
    final LongAdder requests = new LongAdder();
    final LongAdder waits = new LongAdder();
    final LongAdder retries = new LongAdder();
    final LongAdder bytes = new LongAdder();
    final LongAdder files = new LongAdder();

    public long rows() {
        return rows.sum();
    }

    public long rejected() {
        return rejected.sum();
    }

    public long duplicates() {
        return duplicates.sum();
    }

    public long dropped() {
        return dropped.sum();
    }

    /** Returns how many of the rows lack the cursor their stream has. */
    public long undated() {
        return undated.sum();
    }

    public long pages() {
        return pages.sum();
    }

    public long requests() {
        return requests.sum();
    }

    public long waits() {
        return waits.sum();
    }

    public long retries() {
        return retries.sum();
    }

    public long bytes() {
        return bytes.sum();
    }

    public long files() {
        return files.sum();
    }

    /** Counts a committed file. */
    void landed(SealedFile file, boolean cursored) {
        rows.add(file.rows());
        bytes.add(file.bytes());
        files.increment();
        if (cursored && file.minCursor() == null) {
            undated.add(file.rows());
        }
    }

    void add(Counters other) {
        rows.add(other.rows());
        rejected.add(other.rejected());
        duplicates.add(other.duplicates());
        dropped.add(other.dropped());
        undated.add(other.undated());
        pages.add(other.pages());
        requests.add(other.requests());
        waits.add(other.waits());
        retries.add(other.retries());
        bytes.add(other.bytes());
        files.add(other.files());
    }

    /** Returns the sums of this and {@code other}. */
    Counters plus(Counters other) {
        Counters sum = new Counters();
        sum.add(this);
        sum.add(other);
        return sum;
    }
}
