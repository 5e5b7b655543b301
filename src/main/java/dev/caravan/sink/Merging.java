package dev.caravan.sink;

import dev.caravan.batch.SealedFile;
import dev.caravan.batch.Sha256;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/** Puts files of one format together, row for row and in their order. Holds no file in memory. */
public final class Merging {
    private static final int BUFFER = 1 << 16;
    private static final int LONGEST_HEAD = 1 << 24;

    private Merging() {}

    /**
     * Returns what files must have in common to become one: the end of their name, and of CSV and Parquet their columns.
     *
     * @throws IOException if the file cannot be read
     */
    public static String likeness(Path file) throws IOException {
        String ending = ending(file);
        if (ending.equals(".parquet")) {
            return ending + " " + columns(file);
        }
        if (ending.startsWith(".csv")) {
            try (InputStream in = reading(file)) {
                return ending + " " + head(in);
            }
        }
        return ending;
    }

    private static String ending(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.indexOf('.'));
    }

    /**
     * Writes the rows of several files that are alike to one, where it waits for its commit.
     *
     * @param folder the stream's folder, which the files' paths are relative to
     * @param name begin of its name, which nothing else has
     * @param sources where the files are, in the same order
     * @throws IOException if one cannot be read or written; nothing stays of it then
     */
    public static SealedFile write(Path folder, Path staging, String name, List<SealedFile> files, List<Path> sources)
            throws IOException {
        Path first = sources.get(0);
        String full = name + ending(first);
        Files.createDirectories(staging);
        Path file = staging.resolve("merged." + full);
        String path = files.get(0).path();
        String place = path.substring(0, path.lastIndexOf('/') + 1) + full;
        SealedFile written = ending(first).equals(".parquet")
                ? parquet(file, place, folder, sources)
                : lines(file, place, folder, sources);
        return new SealedFile(
                written.path(),
                written.staged(),
                files.stream().mapToLong(SealedFile::rows).sum(),
                written.bytes(),
                written.sha256(),
                cursors(files, SealedFile::minCursor)
                        .min(Comparator.naturalOrder())
                        .orElse(null),
                cursors(files, SealedFile::maxCursor)
                        .max(Comparator.naturalOrder())
                        .orElse(null),
                files.get(0).portion());
    }

    private interface Cursor {
        @Nullable
        Instant of(SealedFile file);
    }

    private static Stream<Instant> cursors(List<SealedFile> files, Cursor cursor) {
        return files.stream().map(cursor::of).filter(Objects::nonNull);
    }

    private static SealedFile lines(Path file, String place, Path folder, List<Path> sources) throws IOException {
        String name = file.getFileName().toString();
        boolean headed = name.contains(".csv");
        try (StagedFile writing = StagedFile.create(file, Compression.of(name))) {
            for (Path source : sources) {
                try (InputStream in = reading(source)) {
                    if (headed && !source.equals(sources.get(0))) {
                        head(in);
                    }
                    in.transferTo(writing.out());
                }
            }
            return writing.seal(place, folder);
        }
    }

    private static InputStream reading(Path file) throws IOException {
        InputStream bytes = new BufferedInputStream(Files.newInputStream(file), BUFFER);
        return new BufferedInputStream(
                Compression.of(file.getFileName().toString()).reading(bytes), BUFFER);
    }

    /** Reads the line of names, which ends with the first line break outside of quotes. */
    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        boolean quoted = false;
        for (int next = in.read(); next >= 0 && head.size() < LONGEST_HEAD; next = in.read()) {
            head.write(next);
            quoted ^= next == '"';
            if (next == '\n' && !quoted) {
                break;
            }
        }
        return head.toString(StandardCharsets.UTF_8);
    }

    private static String columns(Path file) throws IOException {
        StringBuilder columns = new StringBuilder();
        try (DuckDBConnection session = DuckDb.session();
                Statement statement = session.createStatement();
                ResultSet row =
                        statement.executeQuery("DESCRIBE SELECT * FROM read_parquet(%s, hive_partitioning = false)"
                                .formatted(DuckDb.text(file.toString())))) {
            while (row.next()) {
                columns.append(DuckDb.name(row.getString(1)))
                        .append(' ')
                        .append(row.getString(2))
                        .append(' ');
            }
            return columns.toString();
        } catch (SQLException e) {
            throw new IOException("%s: DuckDB: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static SealedFile parquet(Path file, String place, Path folder, List<Path> sources) throws IOException {
        Files.createFile(file); // a name used twice is a run id used twice
        boolean sealed = false;
        try (DuckDBConnection session = DuckDb.session()) {
            DuckDb.execute(
                    session,
                    "COPY (SELECT * FROM read_parquet([%s], hive_partitioning = false)) TO %s (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, USE_TMP_FILE false)"
                            .formatted(
                                    sources.stream()
                                            .map(source -> DuckDb.text(source.toString()))
                                            .collect(Collectors.joining(", ")),
                                    DuckDb.text(file.toString())));
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            MessageDigest digest = Sha256.digest();
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            String staged = folder.relativize(file).toString().replace('\\', '/');
            SealedFile made = new SealedFile(place, staged, 0, Files.size(file), Sha256.hex(digest), null, null);
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
}
