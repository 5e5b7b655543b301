package dev.caravan.sink;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Files below the folder of data.
 *
 * @param name tells several sinks of files of one stream apart; default {@code files}
 * @param format of the files; default is NDJSON
 * @param compression of NDJSON and CSV; default gzip. Parquet has its own, zstd
 * @param partitionBy what decides which folder a row is in; default is the day of its cursor
 * @param spreadsheetSafe whether a CSV cell that a spreadsheet would take for a formula gets a {@code '} in front; default false,
 *     which leaves every text as it is
 * @param drift what becomes of fields that the stream's schema does not have; default is {@code evolve}, they land like others
 * @param batch when a batch is full; default is what the application says
 */
record FileSettings(
        String name,
        FileFormat format,
        Compression compression,
        PartitionBy partitionBy,
        boolean spreadsheetSafe,
        Drift drift,
        BatchSettings batch)
        implements SinkSettings {
    static final FileSettings USUAL = new FileSettings(
            "files", FileFormat.NDJSON, Compression.GZIP, PartitionBy.CURSOR, false, Drift.EVOLVE, BatchSettings.USUAL);

    FileSettings {
        SinkSettings.checkName(name);
        if (spreadsheetSafe && format != FileFormat.CSV) {
            throw new IllegalArgumentException("sink: spreadsheet-safe is for 'format: csv', this is " + format);
        }
    }

    @JsonCreator
    static FileSettings of(
            @JsonProperty("name") String name,
            @JsonProperty("format") @Nullable FileFormat format,
            @JsonProperty("compression") @Nullable Compression compression,
            @JsonProperty("partition-by") @Nullable PartitionBy partitionBy,
            @JsonProperty("spreadsheet-safe") @Nullable Boolean spreadsheetSafe,
            @JsonProperty("drift") @Nullable Drift drift,
            @JsonProperty("batch") @Nullable BatchSettings batch) {
        FileFormat chosen = Objects.requireNonNullElse(format, USUAL.format);
        if (chosen == FileFormat.PARQUET && compression != null && compression != Compression.ZSTD) {
            throw new IllegalArgumentException(
                    "sink: compression '%s': Parquet files are compressed with zstd, leave it out"
                            .formatted(compression));
        }
        return new FileSettings(
                name,
                chosen,
                Objects.requireNonNullElse(compression, USUAL.compression),
                Objects.requireNonNullElse(partitionBy, USUAL.partitionBy),
                spreadsheetSafe != null && spreadsheetSafe,
                Objects.requireNonNullElse(drift, USUAL.drift),
                Objects.requireNonNullElse(batch, USUAL.batch));
    }

    @Override
    public Sink open(SinkContext stream) {
        if (drift != Drift.EVOLVE && Declared.of(stream.schema()).names().isEmpty()) {
            throw new IllegalArgumentException(
                    "sink: drift '%s' is about fields that the stream's 'schema' does not have; it has no 'properties'"
                            .formatted(drift));
        }
        return new FileSink(this, stream);
    }
}
