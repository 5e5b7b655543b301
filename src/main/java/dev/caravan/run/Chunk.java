package dev.caravan.run;

import dev.caravan.record.SourceRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The records of a page, which travel the record steps together. Used by one thread at a time. */
public final class Chunk {
    private final String name;
    private List<SourceRecord> records;
    private @Nullable List<SourceRecord> made;
    private int given;
    private boolean kept;

    /** @param name what the duplicate check is asked about, for people who watch it: the page */
    Chunk(String name, List<SourceRecord> records) {
        this.name = name;
        this.records = records;
    }

    public String getName() {
        return name;
    }

    public List<SourceRecord> records() {
        return records;
    }

    /** Keeps what {@code placed} makes of the records, drops those it returns nothing for, and returns how many those were. */
    int retain(Function<SourceRecord, Optional<SourceRecord>> placed) {
        List<SourceRecord> rest = records.stream()
                .flatMap(record -> placed.apply(record).stream())
                .toList();
        int dropped = records.size() - rest.size();
        records = rest;
        return dropped;
    }

    void replace(List<SourceRecord> replacement) {
        records = replacement;
    }

    /** Returns the records for the stream's own steps, which take them in this order, one after the other. */
    public List<SourceRecord> give() {
        made = new ArrayList<>(records.size());
        given = 0;
        return records;
    }

    /** Takes what the steps made of the record that is next; null drops it. Returns whether it is kept. */
    boolean make(byte @Nullable [] bytes) {
        SourceRecord record = records.get(given++);
        return bytes != null
                && Objects.requireNonNull(made, "Nothing was given").add(record.withBytes(bytes));
    }

    /**
     * Marks the chunk as having passed every step: only then do its records enter the batch, or what was made of them.
     *
     * @throws IllegalStateException if a record was given to the stream's own steps and did not come back
     */
    public void keep() {
        if (made != null) {
            if (given != records.size()) {
                throw new IllegalStateException(
                        "%s: the stream's own steps gave %d of %d records back".formatted(name, given, records.size()));
            }
            records = made;
        }
        kept = true;
    }

    public boolean isKept() {
        return kept;
    }
}
