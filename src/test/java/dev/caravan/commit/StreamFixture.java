package dev.caravan.commit;

import dev.caravan.batch.SealedFile;
import dev.caravan.batch.Sha256;
import dev.caravan.lake.Lake;
import dev.caravan.slice.Partition;
import dev.caravan.slice.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** One stream in a folder of its own, and what a run does to it step by step, so that tests can stop after any. */
final class StreamFixture implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-09-01T06:00:00Z");
    static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    final StreamKey key = new StreamKey("acme", "orders", Origin.REAL);
    final Path data;
    final Lake lake;
    private final Supplier<StateStore> opening;
    StateStore store;

    StreamFixture(Path data) {
        this(data, () -> StateStore.open(database(data), CLOCK));
    }

    /** @param opening opens the state, as every start of a process does */
    StreamFixture(Path data, Supplier<StateStore> opening) {
        this.data = data;
        this.lake = Lake.on(data);
        this.opening = opening;
        this.store = opening.get();
    }

    Path folder() {
        return key.folder(data);
    }

    Path database() {
        return database(data);
    }

    private static Path database(Path data) {
        return data.resolve("state/caravan.db");
    }

    /** Opens the state once more, as another process does. */
    StateStore another() {
        return opening.get();
    }

    Lease take(String run) {
        return Lease.take(key, lake, store, run, CLOCK);
    }

    CommitLog log() {
        return new CommitLog(key, lake, CLOCK);
    }

    /** Stages a file of {@code lines}, sealed, for the day 2026-08-31. */
    SealedFile stage(long epoch, String name, String... lines) {
        return stage(folder(), "date=2026-08-31/" + name + ".ndjson.gz", epoch, gzip(lines), lines.length);
    }

    SealedFile stageRejects(long epoch, String name, String... lines) {
        byte[] bytes = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        return stage(data, key.rejects() + "/date=2026-08-31/" + name + ".ndjson", epoch, bytes, lines.length);
    }

    private SealedFile stage(Path base, String path, long epoch, byte[] bytes, int rows) {
        Path staged = Staging.of(folder(), epoch).resolve(path.replace('/', '.'));
        write(staged, bytes);
        MessageDigest digest = Sha256.digest();
        digest.update(bytes);
        return new SealedFile(
                path,
                base.relativize(staged).toString(),
                rows,
                bytes.length,
                Sha256.hex(digest),
                Instant.parse("2026-08-31T00:00:00Z"),
                Instant.parse("2026-08-31T12:00:00Z"));
    }

    static Draft draft(SealedFile... files) {
        return draft(UnaryOperator.identity(), files);
    }

    static Draft draft(UnaryOperator<Progress> progress, SealedFile... files) {
        return Draft.data("all", List.of(files), List.of(), 1, "d1", progress);
    }

    /** Notes {@code text} in the progress of a partition, as a slice would its resume point. */
    static UnaryOperator<Progress> reached(String partition, String text) {
        return progress -> progress.withEtag(new Partition(Map.of("id", partition)), text);
    }

    static Candidate candidate(String key) {
        return candidate(key, "{}", Instant.parse("2026-08-31T01:00:00Z"));
    }

    static Candidate candidate(String key, String content, @Nullable Instant cursor) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        return new Candidate(key, bytes, 0, bytes.length, cursor);
    }

    static List<SeenKey> keys(String... keys) {
        return Stream.of(keys)
                .map(key -> new SeenKey(KeyHash.of(key), Instant.parse("2026-08-31T01:00:00Z")))
                .toList();
    }

    /** Returns every row that a reader of the folders sees. */
    List<String> visibleRows() {
        List<String> rows = new ArrayList<>();
        for (Path file : files(folder())) {
            if (file.toString().endsWith(".ndjson.gz")
                    && folder().relativize(file).getName(0).toString().charAt(0) != '_') {
                rows.addAll(gunzip(file));
            }
        }
        return rows;
    }

    /** Returns every file of the stream, relative to its folder, in order. */
    List<String> names() {
        return files(folder()).stream()
                .map(file -> folder().relativize(file).toString())
                .toList();
    }

    /** Starts with another process's eyes: the database closed and opened again. */
    void reopen() {
        store.close();
        store = opening.get();
    }

    @Override
    public void close() {
        store.close();
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void write(Path file, byte[] bytes) {
        try {
            Files.createDirectories(file.resolveSibling("."));
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] gzip(String... lines) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            for (String line : lines) {
                out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static List<String> gunzip(Path file) {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
