package dev.caravan.commit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.util.PSQLState;

/**
 * A PostgreSQL behind the state, for one machine or several. A connection that broke is replaced by the next call, and tables
 * that somebody removed are made again by it.
 */
final class PostgresDatabase implements StateDatabase {
    private static final String SCHEMA = "caravan";
    private static final int MOST_CONNECTIONS = 10;
    // Long enough for a server that is started again.
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String ANSWER_SECONDS = "30";
    private static final String NOTHING_IS_LOST =
            "No commit is lost: the next run brings the database up to the commits.";

    private final PostgresSettings settings;
    private final PGSimpleDataSource source;
    private final HikariDataSource pool;
    private volatile boolean migrated;

    private PostgresDatabase(PostgresSettings settings, PGSimpleDataSource source) {
        this.settings = settings;
        this.source = source;
        this.pool = new HikariDataSource(config(source, patience(settings)));
    }

    /** Connects, and creates the tables when they are missing. */
    static PostgresDatabase connect(PostgresSettings settings) {
        PostgresDatabase database;
        try {
            database = new PostgresDatabase(settings, source(settings));
        } catch (RuntimeException e) {
            throw failed(settings, "cannot be reached", e);
        }
        try {
            database.migrate();
            return database;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    private static HikariConfig config(PGSimpleDataSource source, Duration patience) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("caravan-state");
        config.setDataSource(source);
        config.setAutoCommit(false);
        config.setMaximumPoolSize(MOST_CONNECTIONS);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(patience.toMillis());
        return config;
    }

    /** Whoever waits longer than a lease lasts has lost it. */
    private static Duration patience(PostgresSettings settings) {
        return settings.lease().compareTo(PATIENCE) < 0 ? settings.lease() : PATIENCE;
    }

    private static PGSimpleDataSource source(PostgresSettings settings) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(settings.url());
        if (settings.user() != null) {
            source.setUser(settings.user());
        }
        if (settings.password() != null) {
            source.setPassword(settings.password());
        }
        // By default the driver waits for an answer as long as there is a connection, be the other side dead or not.
        otherwise(source, settings, PGProperty.SOCKET_TIMEOUT, ANSWER_SECONDS);
        otherwise(source, settings, PGProperty.TCP_KEEP_ALIVE, "true");
        otherwise(
                source,
                settings,
                PGProperty.APPLICATION_NAME,
                PostgresSettings.sessions(
                        settings.machine(), ProcessHandle.current().pid()));
        otherwise(source, settings, PGProperty.CURRENT_SCHEMA, SCHEMA);
        // A process that was stopped between two statements of a transaction keeps others waiting no longer than this;
        // one
        // that was stopped in the middle of what it sends is ended by whoever takes over.
        otherwise(
                source,
                settings,
                PGProperty.OPTIONS,
                "-c idle_in_transaction_session_timeout=" + patience(settings).toMillis());
        return source;
    }

    /** Sets what the address leaves open. */
    private static void otherwise(
            PGSimpleDataSource source, PostgresSettings settings, PGProperty property, String value) {
        if (!settings.parts().containsKey(property.getName())) {
            source.setProperty(property, value);
        }
    }

    private synchronized void migrate() {
        if (migrated) {
            return;
        }
        Properties parts = settings.parts();
        String schema =
                parts.getProperty(PGProperty.CURRENT_SCHEMA.getName(), SCHEMA).split(",", 2)[0];
        try {
            Flyway.configure(PostgresDatabase.class.getClassLoader())
                    .dataSource(source)
                    .defaultSchema(schema.strip())
                    .locations("classpath:db/migration/postgresql")
                    .failOnMissingLocations(true)
                    .javaMigrations(new KeyRowsMigration())
                    .load()
                    .migrate();
            migrated = true;
        } catch (FlywayException e) {
            throw failed(settings, "cannot be made ready", e);
        }
    }

    @Override
    public <T> T write(StateSession.Work<T> work) {
        return transact(work);
    }

    @Override
    public <T> T read(StateSession.Work<T> work) {
        return transact(work);
    }

    private <T> T transact(StateSession.Work<T> work) {
        if (pool.isClosed()) {
            throw new StateStoreException(settings.place() + " is closed", null);
        }
        if (!migrated) {
            migrate();
        }
        try (Connection connection = pool.getConnection()) {
            return transact(connection, work);
        } catch (SQLException e) {
            String state = e.getSQLState();
            if (PSQLState.UNDEFINED_TABLE.getState().equals(state) || "3F000".equals(state)) {
                migrated = false;
            }
            throw failed(settings, "did not answer", e);
        }
    }

    private static <T> T transact(Connection connection, StateSession.Work<T> work) throws SQLException {
        try {
            T result = work.in(new StateSession(connection));
            connection.commit();
            return result;
        } catch (SQLException | RuntimeException | Error e) {
            rollBack(connection, e);
            throw e;
        }
    }

    private static void rollBack(Connection connection, Throwable cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    @Override
    public void close() {
        pool.close();
    }

    private static StateStoreException failed(PostgresSettings settings, String what, Exception failure) {
        SQLException cause = sql(failure);
        String said = cause == null ? String.valueOf(failure.getMessage()) : String.valueOf(cause.getMessage());
        String state = cause == null ? null : cause.getSQLState();
        return new StateStoreException(
                "%s %s: %s. %s".formatted(settings.place(), what, withoutEnd(said), advice(state)), failure);
    }

    /** The pool and Flyway wrap what the server said. */
    private static @Nullable SQLException sql(Throwable failure) {
        SQLException found = null;
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SQLException sql) {
                found = sql;
            }
        }
        return found;
    }

    private static String withoutEnd(String text) {
        String line = text.lines().findFirst().orElse("").strip();
        return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
    }

    private static String advice(@Nullable String state) {
        if (state == null) {
            return NOTHING_IS_LOST;
        }
        String kind = state.length() < 2 ? state : state.substring(0, 2);
        return switch (kind) {
            case "08", "57", "53", "55" ->
                "Look whether it runs and lets this machine in (caravan.state). " + NOTHING_IS_LOST;
            case "28" -> "Correct caravan.state-user and caravan.state-password.";
            case "3D" -> "Create the database, or correct caravan.state.";
            case "42" ->
                "42501".equals(state)
                        ? "Let its user create a schema in the database and tables in it."
                        : "Tables that are missing are made again by the next call. " + NOTHING_IS_LOST;
            default -> NOTHING_IS_LOST;
        };
    }
}
