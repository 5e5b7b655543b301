package dev.caravan.sink;

import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;

/**
 * Where the rejects of one batch are written.
 *
 * @param data the folder that holds everything; paths of rejects are relative to it
 * @param folder the stream's folder of rejects, relative to {@code data}: {@code errors/<connection>/<stream>}
 * @param staging where files wait for their commit, inside {@code data}; created when missing
 * @param run id of the run
 * @param batch number of the batch
 * @param zone the stream's zone
 * @param ingested when this run began to ingest; its day names the folder
 */
public record RejectDestination(
        Path data, String folder, Path staging, String run, int batch, ZoneId zone, Instant ingested) {
    public RejectDestination {
        if (!staging.startsWith(data)) {
            throw new IllegalArgumentException("Staging %s is not inside %s".formatted(staging, data));
        }
    }
}
