package dev.caravan.sink;

import dev.caravan.batch.SealedFile;
import dev.caravan.record.SourceRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes gzipped lines of JSON, one file for each day: {@code date=2026-01-31/<run>-<batch>.ndjson.gz}.
 *
 * <p>The day is that of the record's cursor in the stream's zone, {@code unknown} without one, and the day of ingestion
 * for a stream that has no cursor. Files are written one after the other, so memory does not grow with the days of a
 * batch.
 */
public final class FileSink implements Sink {
    @Override
    public List<SealedFile> write(Destination to, List<SourceRecord> records) {
        if (records.isEmpty()) {
            return List.of();
        }
        String name = "%s-%06d.ndjson.gz".formatted(to.run(), to.batch());
        List<SealedFile> sealed = new ArrayList<>();
        try {
            Files.createDirectories(to.staging());
            for (Map.Entry<String, List<SourceRecord>> day :
                    Days.split(to, records).entrySet()) {
                sealed.add(write(to, day.getKey(), name, day.getValue()));
            }
            return sealed;
        } catch (IOException | RuntimeException e) {
            delete(to, sealed, e);
            throw BatchWriteException.of(to.folder(), name, e);
        }
    }

    private static SealedFile write(Destination to, String day, String name, List<SourceRecord> records)
            throws IOException {
        Path file = to.staging().resolve(day + "." + name);
        try (StagedFile writing = StagedFile.create(file, true)) {
            for (SourceRecord record : records) {
                to.form().write(record, writing.out());
                writing.endRow(record.cursor());
            }
            return writing.seal("date=%s/%s".formatted(day, name), to.folder());
        }
    }

    /** What cannot be deleted is left to recovery. */
    private static void delete(Destination to, List<SealedFile> sealed, Exception failure) {
        for (SealedFile file : sealed) {
            try {
                Files.deleteIfExists(to.folder().resolve(file.staged()));
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
    }
}
