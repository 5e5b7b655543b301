package dev.caravan.sink;

import dev.caravan.batch.SealedFile;
import dev.caravan.batch.Sha256;
import dev.caravan.record.SourceRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * Writes Parquet: a column for each field, those of nested objects as {@code address__city}, lists as their JSON. Each column of a
 * file has the narrowest type that holds all its values exactly.
 *
 * <p>Rows are read twice, once for the types and once for the values, so that no more of them is held than DuckDB holds, outside
 * the heap.
 */
final class ParquetWriter implements RowWriter {
    /** Parquet has no bound; the tools that read it do. */
    private static final int LONGEST_NAME = 1 << 12;

    private final Declared declared;

    ParquetWriter(Declared declared) {
        this.declared = declared;
    }

    @Override
    public String suffix() {
        return ".parquet";
    }

    @Override
    public SealedFile write(Path file, String path, Destination to, List<SourceRecord> records) throws IOException {
        Rows rows = new Rows(to, records);
        Columns columns = new Columns(declared, LONGEST_NAME);
        rows.forEach((record, cells) -> cells.read(columns::take));
        Files.createFile(file); // a name used twice is a batch number used twice
        boolean sealed = false;
        try {
            copy(file, columns, rows);
            SealedFile made = seal(file, path, to.folder(), records);
            sealed = true;
            return made;
        } catch (SQLException e) {
            throw new IOException("DuckDB: " + e.getMessage(), e);
        } finally {
            if (!sealed) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static void copy(Path file, Columns columns, Rows rows) throws SQLException, IOException {
        String table = DuckDb.temporary();
        try (DuckDBConnection session = DuckDb.session()) {
            DuckDb.execute(session, "CREATE TABLE " + table + " (" + columns.declaration() + ")");
            try {
                try (DuckDBAppender appender = session.createAppender(DuckDBConnection.DEFAULT_SCHEMA, table)) {
                    rows.appendTo(appender, columns);
                }
                DuckDb.execute(
                        session,
                        "COPY %s TO %s (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, USE_TMP_FILE false)"
                                .formatted(table, DuckDb.text(file.toString())));
            } finally {
                DuckDb.execute(session, "DROP TABLE " + table);
            }
        }
    }

    private static SealedFile seal(Path file, String path, Path folder, List<SourceRecord> records) throws IOException {
        MessageDigest digest = Sha256.digest();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        @Nullable Instant min = null;
        @Nullable Instant max = null;
        for (SourceRecord record : records) {
            Instant cursor = record.cursor();
            if (cursor != null) {
                min = min == null || cursor.isBefore(min) ? cursor : min;
                max = max == null || cursor.isAfter(max) ? cursor : max;
            }
        }
        String staged = folder.relativize(file).toString().replace('\\', '/');
        return new SealedFile(path, staged, records.size(), Files.size(file), Sha256.hex(digest), min, max);
    }

    /** The rows of a file, to be read as often as needed. */
    private record Rows(Destination to, List<SourceRecord> records) {
        interface Reading {
            void row(SourceRecord record, RowCells cells) throws IOException, SQLException;
        }

        interface RowCells {
            void read(Cells.Taker taker) throws IOException;
        }

        void forEach(Reading reading) throws IOException {
            try {
                each(reading);
            } catch (SQLException e) {
                throw new IOException("DuckDB: " + e.getMessage(), e);
            }
        }

        private void each(Reading reading) throws IOException, SQLException {
            Line line = new Line();
            Cells cells = new Cells(true);
            for (SourceRecord record : records) {
                line.reset();
                to.form().write(record, line);
                reading.row(record, taker -> cells.read(line.bytes(), line.size(), taker));
            }
        }

        void appendTo(DuckDBAppender appender, Columns columns) throws IOException, SQLException {
            List<Columns.Column> all = List.copyOf(columns.all());
            @Nullable String[] values = new String[all.size()];
            Cells.@Nullable Kind[] kinds = new Cells.Kind[all.size()];
            each((record, cells) -> {
                Arrays.fill(values, null);
                Arrays.fill(kinds, null);
                cells.read((field, kind, text) -> {
                    int at = columns.column(field).position();
                    values[at] = text;
                    kinds[at] = kind;
                });
                appender.beginRow();
                for (int i = 0; i < values.length; i++) {
                    DuckDb.append(appender, all.get(i).type(), kinds[i], values[i]);
                }
                appender.endRow();
            });
        }
    }
}
