package dev.caravan.commit;

import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * A PostgreSQL that keeps the state, and how streams are leased in it.
 *
 * @param url {@code jdbc:postgresql://host:port/database?…}; the tables are in the schema of {@code currentSchema}, which is
 *     {@code caravan} if the address does not say
 * @param user its user; null if the address says
 * @param password that user's password; null if the address says, or none is needed
 * @param machine name of this machine, unlike that of any other that pulls the same streams
 * @param lease how long a lease lasts that is not renewed
 */
public record PostgresSettings(
        String url, @Nullable String user, @Nullable String password, String machine, Duration lease) {
    /** What leaves time for being renewed. */
    public static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);

    private static final int LONGEST_NAME = 32;

    public PostgresSettings {
        if (!url.startsWith("jdbc:postgresql:") || Driver.parseURL(url, new Properties()) == null) {
            throw new IllegalArgumentException(
                    "Not the address of a PostgreSQL, such as jdbc:postgresql://host:5432/database");
        }
        if (machine.isBlank()) {
            throw new IllegalArgumentException("A machine without a name");
        }
        if (lease.compareTo(SHORTEST_LEASE) < 0) {
            throw new IllegalArgumentException("A lease of %s, which is too short to be renewed".formatted(lease));
        }
    }

    /**
     * Returns what the sessions of a process call themselves, so that whoever takes over its streams can end those that keep
     * others waiting: printable ASCII, of at most 63 bytes, as PostgreSQL keeps it.
     */
    static String sessions(String machine, long pid) {
        String name = machine.replaceAll("[^ -~]", "?");
        return "caravan %d %s".formatted(pid, name.substring(0, Math.min(name.length(), LONGEST_NAME)));
    }

    /** Returns which database it is, for messages: the address without what may be secret. */
    String place() {
        Properties parts = parts();
        return "PostgreSQL %s:%s/%s"
                .formatted(
                        parts.getProperty(PGProperty.PG_HOST.getName()),
                        parts.getProperty(PGProperty.PG_PORT.getName()),
                        parts.getProperty(PGProperty.PG_DBNAME.getName()));
    }

    /** Returns what the address says, by the driver's names. */
    Properties parts() {
        Properties parts = Driver.parseURL(url, new Properties());
        if (parts == null) {
            throw new IllegalStateException("The address was checked before");
        }
        return parts;
    }

    /** Shows no password. */
    @Override
    public String toString() {
        return "PostgresSettings[%s, machine=%s, lease=%s]".formatted(place(), machine, lease);
    }
}
