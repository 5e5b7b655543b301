package dev.caravan.commit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A state as earlier versions left it, with a row for each key, keeps them all. */
class KeyRowsMigrationTest {
    private static final int KEYS = 100_500;
    private static final StreamKey STREAM = new StreamKey("acme", "orders", Origin.REAL);

    @Test
    void sqliteKeepsItsKeys(@TempDir Path folder) throws SQLException {
        Path file = folder.resolve("caravan.db");
        fill("jdbc:sqlite:" + file, "sqlite", "main");

        try (StateStore store = StateStore.open(file, StreamFixture.CLOCK)) {
            assertKeepsItsKeys(store);
        }
        try (StateStore again = StateStore.open(file, StreamFixture.CLOCK)) {
            assertThat(again.seen(STREAM, KeySet.PENDING, hashes("k", KEYS)).cardinality())
                    .isEqualTo(KEYS - 1);
        }
    }

    @Test
    void postgresKeepsItsKeys() throws SQLException {
        PostgresServer.Database database = PostgresServer.database();
        String url = database.url() + "?user=" + database.role() + "&currentSchema=caravan";
        fill(url, "postgresql", "caravan");

        try (StateStore store = StateStore.connect(
                new PostgresSettings(database.url(), database.role(), null, "here", Duration.ofSeconds(30)))) {
            assertKeepsItsKeys(store);
        }
    }

    /** Two of them count, and all others belong to a generation that does not. */
    private static void fill(String url, String vendor, String schema) throws SQLException {
        Flyway.configure()
                .dataSource(url, null, null)
                .defaultSchema(schema)
                .locations("classpath:db/migration/" + vendor)
                .target("5")
                .load()
                .migrate();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO stream (id, connection, stream, origin, sequence, swapped)"
                    + " VALUES (3, 'acme', 'orders', 'real', 8, 1)");
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO seen_key (stream_id, hash, cursor) VALUES (?, ?, ?)")) {
                for (int i = 0; i < KEYS; i++) {
                    insert.setLong(1, i == 7 ? -3 : 3);
                    insert.setBytes(2, KeyHash.of("k" + i).toBytes());
                    if (i % 3 == 0) {
                        insert.setNull(3, Types.BIGINT);
                    } else {
                        insert.setLong(3, StateStoreContract.DAY.toEpochMilli() + i);
                    }
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            connection.commit();
        }
    }

    private static void assertKeepsItsKeys(StateStore store) {
        assertThat(store.sequence(STREAM)).isEqualTo(8);
        assertThat(store.seen(STREAM, KeySet.COUNTING, hashes("k", 20)).stream())
                .containsExactly(7);
        assertThat(store.seen(STREAM, KeySet.PENDING, hashes("k", KEYS)).cardinality())
                .isEqualTo(KEYS - 1);
        assertThat(store.seen(STREAM, KeySet.PENDING, hashes("x", 1_000)).isEmpty())
                .isTrue();
    }

    private static List<KeyHash> hashes(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> KeyHash.of(prefix + i)).toList();
    }
}
