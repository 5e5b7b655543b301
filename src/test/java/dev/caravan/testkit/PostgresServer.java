package dev.caravan.testkit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** The PostgreSQL of all tests of a Java machine: started when first asked for, stopped with it. Takes any password. */
public final class PostgresServer {
    private static final AtomicInteger MADE = new AtomicInteger();

    private PostgresServer() {}

    /** Only asked for where a test needs a server, which then takes a few seconds. */
    private static final class Running {
        static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.builder().start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Creates an empty database. */
    public static Database database() {
        String name = "test" + MADE.incrementAndGet();
        Database server = new Database("postgres");
        server.execute("CREATE DATABASE " + name);
        return new Database(name);
    }

    /** A database that the superuser looks into, beside whoever is tested. */
    public record Database(String name) {
        public String url() {
            return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(Running.SERVER.getPort(), name);
        }

        /** Creates a role that may do everything, until it is {@linkplain #shutOut shut out}. */
        public String role() {
            String role = "role" + MADE.incrementAndGet();
            execute("CREATE ROLE " + role + " LOGIN SUPERUSER");
            return role;
        }

        /** Cuts the connections of {@code role}, and lets it make no other. */
        public void shutOut(String role) {
            execute("ALTER ROLE " + role + " NOLOGIN");
            cut(role);
        }

        public void letIn(String role) {
            execute("ALTER ROLE " + role + " LOGIN");
        }

        /** Cuts the connections of {@code role}, as a server does that is started again. */
        public void cut(String role) {
            execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" + role + "'");
        }

        /** Carries out a statement and returns what it says, the first column of its first row, or null. */
        public String execute(String sql) {
            try (Connection connection =
                            Running.SERVER.getDatabase("postgres", name).getConnection();
                    Statement statement = connection.createStatement()) {
                if (!statement.execute(sql)) {
                    return null;
                }
                try (ResultSet row = statement.getResultSet()) {
                    return row.next() ? row.getString(1) : null;
                }
            } catch (SQLException e) {
                throw new IllegalStateException(sql, e);
            }
        }
    }
}
