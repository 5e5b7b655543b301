package dev.caravan.sink;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A table of a DuckDB file.
 *
 * @param name tells several sinks of one stream apart; default {@code duckdb}
 * @param file the database, relative to the folder of data; default {@code warehouse.duckdb}
 * @param schema of the table, made when missing; null for {@code main}
 * @param table name of the table, null for {@code <connection>_<stream>}
 * @param drift what becomes of a table that does not hold what comes; default is {@code evolve}
 * @param memory bytes DuckDB may use for the file, at least 64 MB, which is the default; beyond it uses the disk, and refuses what
 *     even so does not fit
 * @param batch when a batch is full; default is 1,000 records
 */
record DuckSettings(
        String name,
        Path file,
        @Nullable String schema,
        @Nullable String table,
        Drift drift,
        long memory,
        BatchSettings batch)
        implements SinkSettings {
    private static final String LEAST = "64MB";

    DuckSettings {
        SinkSettings.checkName(name);
        if (memory < BatchSettings.bytes("memory", LEAST)) {
            throw new IllegalArgumentException("memory: DuckDB needs at least " + LEAST);
        }
    }

    @JsonCreator
    static DuckSettings of(
            @JsonProperty("name") String name,
            @JsonProperty("file") @Nullable String file,
            @JsonProperty("schema") @Nullable String schema,
            @JsonProperty("table") @Nullable String table,
            @JsonProperty("drift") @Nullable Drift drift,
            @JsonProperty("memory") @Nullable String memory,
            @JsonProperty("batch") @Nullable BatchSettings batch) {
        return new DuckSettings(
                name,
                Path.of(file == null ? "warehouse.duckdb" : file),
                schema,
                table,
                drift == null ? Drift.EVOLVE : drift,
                BatchSettings.bytes("memory", memory == null ? LEAST : memory),
                batch == null ? BatchSettings.USUAL : batch);
    }

    @Override
    public Sink open(SinkContext stream) {
        // What the sandbox invents is not among what is real.
        Path folder = stream.stub() ? stream.data().resolve("stub") : stream.data();
        Path database = file.isAbsolute() ? file : Path.of(folder.toString()).resolve(file);
        boolean shared = file.isAbsolute() && stream.stub();
        return new TableSink(
                new DuckDialect(database, memory),
                new TableName(schema, stream.table(table, shared)),
                stream,
                name,
                drift);
    }
}
