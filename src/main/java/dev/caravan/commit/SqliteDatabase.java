package dev.caravan.commit;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;

/**
 * The SQLite file behind the state: one writer, as many readers as threads ask, each of which sees one state of it.
 *
 * <p>Write-ahead log, {@code synchronous=NORMAL}: a power cut may take the last transactions, never more. That is enough
 * because the commits are the truth and are replayed; {@code FULL} would pay a second flush for every one of them.
 *
 * <p>Safe for any number of threads, and for other processes on the same machine.
 */
final class SqliteDatabase implements StateDatabase {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteDatabase.class);
    private static final int BUSY_TIMEOUT_MILLIS = 30_000;
    private static final int WRITER_CACHE_KIB = 8 * 1024;
    private static final int READER_CACHE_KIB = 4 * 1024;
    /** Readers that are kept, with their cache, for those who ask next; when more ask at once, the others are closed behind them. */
    private static final int KEPT_READERS = 4;

    // Beyond these a comparison of every index, and a check of every page, would be felt at each start.
    private static final long COMPARED_BYTES = 16L << 20;
    private static final long CHECKED_BYTES = 64L << 20;

    private final Path file;
    private final Object writing = new Object();
    private @Nullable StateSession writer;
    private final BlockingDeque<StateSession> idle = new LinkedBlockingDeque<>(KEPT_READERS);
    private volatile boolean closed;

    private SqliteDatabase(Path file, StateSession writer) {
        this.file = file;
        this.writer = writer;
    }

    /** Opens {@code file}, created when missing; one that is damaged is moved aside first, with a warning. */
    static SqliteDatabase open(Path file, Clock clock) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new StateStoreException("A state database lies in a folder, " + file + " does not", null);
        }
        LocalDisk.require(folder);
        try {
            createPrivate(folder);
            DamagedDatabase damaged = new DamagedDatabase(file, clock);
            try (OpenLock opening = OpenLock.take(folder.resolve(file.getFileName() + ".lock"))) {
                LOG.debug("Opening {} under {}", file, opening);
                return open(file, damaged);
            }
        } catch (IOException e) {
            throw new StateStoreException(
                    "%s cannot be opened: %s. Let the user that runs Caravan write to its folder.".formatted(file, e),
                    e);
        }
    }

    private static SqliteDatabase open(Path file, DamagedDatabase damaged) throws IOException {
        if (damaged.isSuspect()) {
            damaged.moveAside("an earlier run found it damaged");
        }
        try {
            return connect(file);
        } catch (SQLException | RuntimeException e) {
            if (!DamagedDatabase.causes(e)) {
                throw new StateStoreException(
                        "%s cannot be opened: %s%s".formatted(file, e.getMessage(), advice(file, e)), e);
            }
            damaged.moveAside(String.valueOf(e.getMessage()));
        }
        try {
            return connect(file);
        } catch (SQLException | RuntimeException e) {
            throw new StateStoreException(
                    "%s cannot be created: %s%s".formatted(file, e.getMessage(), advice(file, e)), e);
        }
    }

    private static SqliteDatabase connect(Path file) throws SQLException, IOException {
        SqliteLibrary.load();
        createPrivateFile(file);
        check(file);
        Flyway.configure(SqliteDatabase.class.getClassLoader())
                .dataSource(source(file, WRITER_CACHE_KIB))
                .locations("classpath:db/migration/sqlite")
                .failOnMissingLocations(true)
                .javaMigrations(new KeyRowsMigration())
                .load()
                .migrate();
        if (Files.size(file) <= CHECKED_BYTES) {
            checkKeys(file);
        }
        return new SqliteDatabase(file, session(file, WRITER_CACHE_KIB));
    }

    /** In one transaction: another process may be writing. */
    private static void checkKeys(Path file) throws SQLException {
        try (StateSession session = session(file, READER_CACHE_KIB)) {
            session.prepare("BEGIN").execute();
            KeySegments.check(session);
            session.prepare("COMMIT").execute();
        }
    }

    private static void check(Path file) throws SQLException, IOException {
        long bytes = Files.size(file);
        if (bytes > CHECKED_BYTES) {
            return;
        }
        // The quick one does not compare tables with their indexes, so a stream may be another one afterwards.
        String check = bytes > COMPARED_BYTES ? "PRAGMA quick_check(1)" : "PRAGMA integrity_check(1)";
        try (Connection connection = source(file, READER_CACHE_KIB).getConnection();
                Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(check)) {
            if (!answer.next() || !"ok".equals(answer.getString(1))) {
                throw DamagedDatabase.found(answer.getString(1));
            }
        }
    }

    private static StateSession session(Path file, int cacheKib) throws SQLException {
        return new StateSession(source(file, cacheKib).getConnection());
    }

    private static SQLiteDataSource source(Path file, int cacheKib) {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
        config.setCacheSize(-cacheKib);
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    /** One at a time. */
    @Override
    public <T> T write(StateSession.Work<T> work) {
        synchronized (writing) {
            StateSession session = writer;
            if (session == null) {
                session = opened(WRITER_CACHE_KIB);
                writer = session;
            }
            // Behind a full disk, say, neither a session's transaction nor its statements are what they seem.
            boolean sound = false;
            try {
                T result = transact(session, "BEGIN IMMEDIATE", work);
                sound = true;
                return result;
            } finally {
                if (!sound) {
                    writer = null;
                    close(session);
                }
            }
        }
    }

    @Override
    public <T> T read(StateSession.Work<T> work) {
        StateSession reader = idle.pollFirst();
        if (reader == null) {
            reader = opened(READER_CACHE_KIB);
        }
        boolean sound = false;
        try {
            T result = transact(reader, "BEGIN", work);
            sound = true;
            return result;
        } finally {
            if (!sound || closed || !idle.offerFirst(reader)) {
                close(reader);
            }
        }
    }

    private void close(StateSession session) {
        try {
            session.close();
        } catch (SQLException e) {
            LOG.debug("A session of {} was not closed", file, e);
        }
    }

    private StateSession opened(int cacheKib) {
        if (closed) {
            throw closedAlready();
        }
        try {
            return session(file, cacheKib);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private <T> T transact(StateSession session, String begin, StateSession.Work<T> work) {
        if (closed) {
            throw closedAlready();
        }
        try {
            // The driver's own way begins the next transaction as soon as one ends, which would lock everybody else out
            // for good.
            session.prepare(begin).execute();
            try {
                T result = work.in(session);
                session.prepare("COMMIT").execute();
                return result;
            } catch (SQLException | RuntimeException | Error e) {
                rollBack(session, e);
                throw e;
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private StateStoreException closedAlready() {
        return new StateStoreException(file + " is closed", null);
    }

    private static void rollBack(StateSession session, Throwable cause) {
        try {
            session.prepare("ROLLBACK").execute();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    /** Returns what a person has to do, a sentence behind the driver's, or nothing if only the driver knows. */
    private static String advice(Path file, Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SQLException sql) {
                SQLiteErrorCode code = SQLiteErrorCode.getErrorCode(sql.getErrorCode() & 0xff);
                Path folder = file.toAbsolutePath().getParent();
                return switch (code) {
                    case SQLITE_BUSY ->
                        ". Another process has kept it locked for %d seconds: end the one that hangs or is stopped, then run again."
                                .formatted(BUSY_TIMEOUT_MILLIS / 1_000);
                    case SQLITE_FULL -> ". The disk of %s is full: free some space, then run again.".formatted(folder);
                    case SQLITE_IOERR ->
                        ". Look at the disk of %s, which may be full, then run again.".formatted(folder);
                    case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN ->
                        ". Let the user that runs Caravan (%s) write to %s, then run again."
                                .formatted(System.getProperty("user.name"), folder);
                    default -> "";
                };
            }
        }
        return "";
    }

    private StateStoreException failed(SQLException e) {
        if (!DamagedDatabase.causes(e)) {
            return new StateStoreException(
                    "%s did not answer: %s%s".formatted(file, e.getMessage(), advice(file, e)), e);
        }
        DamagedDatabase.suspect(file, e);
        return new StateStoreException(
                "%s is damaged: %s. Start Caravan again: it moves the file aside and rebuilds it from the commits."
                        .formatted(file, e.getMessage()),
                e);
    }

    @Override
    public void close() {
        closed = true;
        try {
            for (StateSession reader = idle.poll(); reader != null; reader = idle.poll()) {
                reader.close();
            }
            synchronized (writing) {
                if (writer != null) {
                    writer.close();
                }
            }
        } catch (SQLException e) {
            throw new StateStoreException("%s cannot be closed: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static void createPrivate(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Files.createDirectories(folder);
        if (isPosix(folder)) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }

    /** An empty file is an empty database, and SQLite gives the files beside it the same permissions. */
    private static void createPrivateFile(Path file) throws IOException {
        try {
            Files.createFile(file);
        } catch (FileAlreadyExistsException e) {
            return;
        }
        if (isPosix(file)) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
    }

    private static boolean isPosix(Path path) throws IOException {
        return Files.getFileStore(path).supportsFileAttributeView("posix");
    }
}
