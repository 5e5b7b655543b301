package dev.caravan.sink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * A database in a file, which this process has open while deliveries follow each other, and for a second longer.
 *
 * <p>Only one process may have it open, so it is not kept longer. To open and close it for each delivery takes three times as
 * long, and more memory: DuckDB merges what it holds whenever it is closed. Safe for any number of threads.
 */
final class DuckFile {
    private static final long KEPT_MILLIS = 1_000;
    private static final Map<Path, DuckFile> FILES = new ConcurrentHashMap<>();
    private static final ScheduledExecutorService CLOSING = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "caravan-duckdb");
        thread.setDaemon(true);
        return thread;
    });

    static {
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> FILES.values().forEach(DuckFile::release), "caravan-duckdb-at-the-end"));
    }

    private final Path file;
    private @Nullable DuckDBConnection open;
    private @Nullable Object key;
    private long granted;
    private long uses;

    private DuckFile(Path file) {
        this.file = file;
    }

    static DuckFile of(Path file) {
        return FILES.computeIfAbsent(file.toAbsolutePath().normalize(), DuckFile::new);
    }

    /**
     * Opens a session, to be closed by the caller; the file and its folder are made when missing.
     *
     * @param memory bytes it may use; the most that is asked for counts for all sessions
     */
    synchronized Connection session(long memory) throws SQLException {
        if (open != null && !Objects.equals(key, key(file))) {
            close(); // somebody has put another file in its place
        }
        if (open != null && memory > granted) {
            close();
        }
        if (open == null) {
            granted = Math.max(granted, memory);
            open = first();
            key = key(file);
        }
        Connection session = open.duplicate();
        long use = ++uses;
        var unused = CLOSING.schedule(() -> rest(use), KEPT_MILLIS, TimeUnit.MILLISECONDS);
        return session;
    }

    private DuckDBConnection first() throws SQLException {
        try {
            Files.createDirectories(file.resolveSibling("."));
        } catch (IOException e) {
            throw new SQLException("Its folder cannot be made: " + e, e);
        }
        return DuckDb.connect("jdbc:duckdb:" + file, granted);
    }

    /** Tells one file from another of the same name; null where there is none, or the file system does not say. */
    private static @Nullable Object key(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }

    private synchronized void rest(long use) {
        if (use == uses) {
            release();
        }
    }

    /** Closes it as soon as no session uses it. */
    synchronized void release() {
        try {
            close();
        } catch (SQLException e) {
            // What was committed is in its journal, and the next one to open it says what is wrong.
        }
    }

    private void close() throws SQLException {
        DuckDBConnection closed = open;
        open = null;
        if (closed != null) {
            closed.close();
        }
    }
}
