package dev.caravan.commit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Set;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteErrorCode;

/** What happens to a state database that cannot be trusted: it is kept under another name, and said aloud. */
final class DamagedDatabase {
    private static final Logger LOG = LoggerFactory.getLogger(DamagedDatabase.class);
    private static final Set<Integer> DAMAGE = Set.of(
            SQLiteErrorCode.SQLITE_CORRUPT.code,
            SQLiteErrorCode.SQLITE_NOTADB.code,
            SQLiteErrorCode.SQLITE_FORMAT.code,
            SQLiteErrorCode.SQLITE_CANTOPEN.code);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final Path file;
    private final Clock clock;

    DamagedDatabase(Path file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    static SQLException found(String what) {
        return new SQLException(what, null, SQLiteErrorCode.SQLITE_CORRUPT.code);
    }

    /** Whether {@code failure} means that the file's content is bad, rather than that the moment is. */
    static boolean causes(Throwable failure) {
        boolean schema = false;
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SQLException sql) {
                // The low byte is the kind, what is above tells more about it. Flyway's own table that cannot be
                // understood has none.
                return DAMAGE.contains(sql.getErrorCode() & 0xff) || (schema && sql.getErrorCode() == 0);
            }
            schema |= each instanceof FlywayException;
        }
        return schema;
    }

    /** Leaves a note for the next start, which is when the file can be moved. */
    static void suspect(Path file, SQLException cause) {
        try {
            Files.writeString(note(file), String.valueOf(cause.getMessage()));
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    boolean isSuspect() {
        return Files.exists(note(file));
    }

    void moveAside(String why) throws IOException {
        Path aside = free(file.resolveSibling(file.getFileName() + ".damaged-" + TIME.format(clock.instant())));
        for (String part : List.of("", "-wal", "-shm")) {
            Path from = file.resolveSibling(file.getFileName() + part);
            if (Files.exists(from)) {
                Files.move(from, aside.resolveSibling(aside.getFileName() + part));
            }
        }
        Files.deleteIfExists(note(file));
        LOG.warn(
                "{} cannot be used ({}). It is kept as {}; positions and keys are rebuilt from the commits when each"
                        + " stream next runs, run history and schedules begin anew.",
                file,
                why,
                aside.getFileName());
    }

    private static Path free(Path wanted) {
        Path free = wanted;
        for (int i = 2; Files.exists(free); i++) {
            free = wanted.resolveSibling(wanted.getFileName() + "-" + i);
        }
        return free;
    }

    private static Path note(Path file) {
        return file.resolveSibling(file.getFileName() + ".suspect");
    }
}
