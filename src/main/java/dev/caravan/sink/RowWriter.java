package dev.caravan.sink;

import dev.caravan.batch.SealedFile;
import dev.caravan.record.SourceRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Writes rows to one file of a format. Safe for any number of threads. */
interface RowWriter {
    /** What the names of such files end with. */
    String suffix();

    /**
     * Writes {@code records}, at least one, to a file that is not there yet, and seals it. Nothing stays of it after a failure.
     *
     * @param file where it waits for its commit
     * @param path where it belongs, relative to the stream's folder
     */
    SealedFile write(Path file, String path, Destination to, List<SourceRecord> records) throws IOException;
}
