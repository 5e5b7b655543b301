package dev.caravan.sink;

import dev.caravan.batch.SealedFile;
import dev.caravan.record.SourceRecord;
import java.util.List;

/** Writes the records of one batch where they wait for their commit. Safe for any number of threads. */
public interface Sink {
    /**
     * Writes {@code records}, all or nothing.
     *
     * @return what was written, in no particular order; empty without records
     * @throws BatchWriteException if something could not be written; nothing stays staged then
     */
    List<SealedFile> write(Destination to, List<SourceRecord> records);
}
