package dev.caravan.sink;

import dev.caravan.batch.SealedFile;
import dev.caravan.record.SourceRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Writes lines of JSON. */
final class NdjsonWriter implements RowWriter {
    private final Compression compression;

    NdjsonWriter(Compression compression) {
        this.compression = compression;
    }

    @Override
    public String suffix() {
        return ".ndjson" + compression.suffix();
    }

    @Override
    public SealedFile write(Path file, String path, Destination to, List<SourceRecord> records) throws IOException {
        try (StagedFile writing = StagedFile.create(file, compression)) {
            for (SourceRecord record : records) {
                to.form().write(record, writing.out());
                writing.endRow(record.cursor());
            }
            return writing.seal(path, to.folder());
        }
    }
}
