package dev.caravan.run;

import dev.caravan.record.SourceRecord;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Records that travel the record steps together: those of a whole page, or a single one where a stream has steps of its
 * own for each record. Used by one thread at a time.
 */
public final class Chunk {
    private final String name;
    private List<SourceRecord> records;
    private boolean kept;

    /** @param name what the duplicate check is asked about, for people who watch it: the page, or the record's key */
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

    /** Marks the chunk as having passed every step: only then do its records enter the batch. */
    public void keep() {
        kept = true;
    }

    public boolean isKept() {
        return kept;
    }
}
