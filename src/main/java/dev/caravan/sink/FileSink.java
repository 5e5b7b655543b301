package dev.caravan.sink;

import dev.caravan.batch.SealedFile;
import dev.caravan.record.RecordForm;
import dev.caravan.record.SourceRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes files of rows, one for each folder: {@code date=2026-01-31/<run>-<batch>.ndjson.gz}.
 *
 * <p>The day is that of the record's cursor in the stream's zone, {@code unknown} without one, and the day of ingestion
 * for a stream that has no cursor. Files are written one after the other, so memory does not grow with the folders of a
 * batch.
 */
final class FileSink implements Sink {
    private final PartitionBy partitionBy;
    private final RowWriter writer;
    private final Undeclared undeclared;

    FileSink(FileSettings settings, SinkContext stream) {
        this.partitionBy = settings.partitionBy();
        this.undeclared =
                new Undeclared(settings.drift(), Declared.of(stream.schema()).names(), stream.id());
        this.writer = switch (settings.format()) {
            case NDJSON -> new NdjsonWriter(settings.compression());
            case CSV -> new CsvWriter(settings.compression(), settings.spreadsheetSafe(), Declared.of(stream.schema()));
            case PARQUET -> new ParquetWriter(Declared.of(stream.schema()));
        };
    }

    @Override
    public String ending() {
        return writer.suffix().substring(1);
    }

    @Override
    public Map<Integer, String> refused(RecordForm form, List<SourceRecord> records) {
        return undeclared.refused(records);
    }

    @Override
    public List<SealedFile> write(Destination plain, List<SourceRecord> records) {
        if (records.isEmpty()) {
            return List.of();
        }
        Destination to = undeclared.cutOut(plain, records);
        String name = "%s-%06d%s".formatted(to.run(), to.batch(), writer.suffix());
        List<SealedFile> sealed = new ArrayList<>();
        try {
            Files.createDirectories(to.staging());
            for (Map.Entry<String, List<SourceRecord>> place :
                    Places.split(partitionBy, to, records).entrySet()) {
                Path file = to.staging().resolve("%06d.%s".formatted(sealed.size(), name));
                sealed.add(writer.write(file, place.getKey() + "/" + name, to, place.getValue()));
            }
            return sealed;
        } catch (IOException | RuntimeException e) {
            to.discard(sealed, e);
            throw BatchWriteException.of(to.folder(), name, e);
        }
    }
}
