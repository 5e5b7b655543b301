package dev.caravan.batch;

import dev.caravan.record.SourceRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records of consecutive pages of one slice, collected until they are written together.
 *
 * <p>Not safe for several threads: a slice is pulled by one thread at a time.
 */
public final class Batch {
    private final int maxRows;
    private final long maxBytes;
    private final @Nullable Duration maxAge;
    private final InstantSource clock;
    private final List<SourceRecord> records = new ArrayList<>();
    private long bytes;
    private int rejects;
    private int pages;
    private @Nullable Instant begun;
    private double share = 1;

    /**
     * @param maxRows records, rejected ones among them, after which the batch is full, at least 1
     * @param maxBytes bytes of records after which it is full, at least 1
     * @param maxAge time after which it is full, from its first record on; null for none
     */
    public Batch(int maxRows, long maxBytes, @Nullable Duration maxAge, InstantSource clock) {
        if (maxRows < 1 || maxBytes < 1) {
            throw new IllegalArgumentException(
                    "A batch holds something: maxRows=%d maxBytes=%d".formatted(maxRows, maxBytes));
        }
        this.maxRows = maxRows;
        this.maxBytes = maxBytes;
        this.maxAge = maxAge;
        this.clock = clock;
    }

    /**
     * Makes the first batch a smaller one, so that slices that are pulled side by side do not all write and commit at the same
     * time, while their vendor waits.
     *
     * @param share of the bounds by rows and bytes after which it is full, above 0, at most 1
     */
    public Batch first(double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("A share is above 0 and at most 1: " + share);
        }
        this.share = share;
        return this;
    }

    /** Adds the records kept of one page. A page is never divided, so a batch may exceed its bounds by one page. */
    public void add(List<SourceRecord> kept) {
        records.addAll(kept);
        if (!kept.isEmpty()) {
            begin();
        }
        for (SourceRecord record : kept) {
            bytes += record.length();
        }
    }

    /** Counts a page whose records, if any, are in this batch. */
    public void countPage() {
        pages++;
    }

    /** Counts a record that was rejected and is written with this batch. */
    public void countReject(int length) {
        begin();
        rejects++;
        bytes += length;
    }

    private void begin() {
        if (maxAge != null && begun == null) {
            begun = clock.instant();
        }
    }

    public List<SourceRecord> records() {
        return Collections.unmodifiableList(records);
    }

    public int rows() {
        return records.size();
    }

    public int pages() {
        return pages;
    }

    public boolean isEmpty() {
        return records.isEmpty();
    }

    public boolean isFull() {
        return isReached(0, 0) || isOld();
    }

    /** Whether it would be full with these records. */
    public boolean isFullWith(List<SourceRecord> more) {
        return isReached(
                more.size(), more.stream().mapToLong(SourceRecord::length).sum());
    }

    private boolean isReached(int moreRows, long moreBytes) {
        return records.size() + rejects + moreRows >= maxRows * share || bytes + moreBytes >= maxBytes * share;
    }

    private boolean isOld() {
        Instant since = begun;
        return maxAge != null && since != null && !clock.instant().isBefore(since.plus(maxAge));
    }

    /** Empties the batch for the next one. */
    public void clear() {
        records.clear();
        rejects = 0;
        begun = null;
        bytes = 0;
        pages = 0;
        share = 1;
    }
}
