package dev.caravan.sink;

import dev.caravan.batch.Portion;
import dev.caravan.batch.SealedFile;
import dev.caravan.record.RecordForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where and how one batch is written.
 *
 * @param folder the stream's folder
 * @param staging where files wait for their commit, inside {@code folder}; created when missing
 * @param run id of the run
 * @param batch number of the batch, never used twice in a run, whatever the slice
 * @param zone the stream's zone, for the day of a record
 * @param ingested when this run began to ingest, for the day of records of a stream without a cursor
 * @param cursored whether the stream has a cursor
 * @param form how a record is written
 * @param portion what all of the records belong to, where a later pull takes their place; null where none does
 */
public record Destination(
        Path folder,
        Path staging,
        String run,
        int batch,
        ZoneId zone,
        Instant ingested,
        boolean cursored,
        RecordForm form,
        @Nullable Portion portion) {
    /** Returns the same with records in another form. */
    public Destination in(RecordForm other) {
        return new Destination(folder, staging, run, batch, zone, ingested, cursored, other, portion);
    }

    /** Deletes files that were written for a commit there will not be. What cannot be deleted is left to recovery. */
    public void discard(List<SealedFile> sealed, Exception failure) {
        for (SealedFile file : sealed) {
            try {
                Files.deleteIfExists(folder.resolve(file.staged()));
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
    }

    public Destination {
        if (!staging.startsWith(folder)) {
            throw new IllegalArgumentException("Staging %s is not inside %s".formatted(staging, folder));
        }
    }
}
