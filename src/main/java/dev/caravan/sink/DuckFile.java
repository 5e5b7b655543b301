package dev.caravan.sink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

    /**
     * Rows that DuckDB packs together. Its own 122,880 are packed anew with each small delivery that is added to them: with a
     * sixth it needs less memory and time for that, and its files are smaller. Others read and write them all the same.
     */
    private static final int ROW_GROUP = 20_480;

    /** Names that DuckDB has for databases of its own. */
    private static final Set<String> TAKEN = Set.of("memory", "system", "temp");

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
    private final List<Connection> sessions = new ArrayList<>();
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
        boolean more = memory > granted;
        granted = Math.max(granted, memory);
        if (open == null) {
            open = first();
            key = key(file);
        } else if (more) {
            DuckDb.limit(open, granted);
        }
        Connection session = open.duplicate();
        DuckDb.execute(session, "USE " + DuckDb.name(database()));
        sessions.add(session);
        uses++;
        restLater();
        return session;
    }

    private void restLater() {
        long use = uses;
        var unused = CLOSING.schedule(() -> rest(use), KEPT_MILLIS, TimeUnit.MILLISECONDS);
    }

    private DuckDBConnection first() throws SQLException {
        try {
            Files.createDirectories(file.resolveSibling("."));
        } catch (IOException e) {
            throw new SQLException("Its folder cannot be made: " + e, e);
        }
        DuckDBConnection root = DuckDb.connect("jdbc:duckdb:", granted);
        try {
            DuckDb.execute(
                    root,
                    "ATTACH %s AS %s (ROW_GROUP_SIZE %d)"
                            .formatted(DuckDb.text(file.toString()), DuckDb.name(database()), ROW_GROUP));
            return root;
        } catch (SQLException e) {
            root.close();
            throw e;
        }
    }

    /** Returns the name of the database, the same as for those who open the file by itself. */
    private String database() {
        String name = file.getFileName().toString();
        int dot = name.indexOf('.');
        String stem = dot > 0 ? name.substring(0, dot) : name;
        return TAKEN.contains(stem.toLowerCase(Locale.ROOT)) ? stem + "_db" : stem;
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
        sessions.removeIf(DuckFile::isClosed);
        if (use != uses) {
            return;
        }
        if (sessions.isEmpty()) {
            release();
        } else {
            restLater(); // a file that is open cannot be opened beside that
        }
    }

    private static boolean isClosed(Connection session) {
        try {
            return session.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    /** Closes it, for this process as soon as no session uses it. */
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
