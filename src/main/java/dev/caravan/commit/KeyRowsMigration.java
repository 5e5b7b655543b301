package dev.caravan.commit;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.JavaMigration;
import org.jspecify.annotations.Nullable;

/** Version 7: keys that have a row each go to {@linkplain KeySegments segments}. */
final class KeyRowsMigration implements JavaMigration {
    private static final int AT_ONCE = 100_000;

    @Override
    public MigrationVersion getVersion() {
        return MigrationVersion.fromVersion("7");
    }

    @Override
    public String getDescription() {
        return "keys to segments";
    }

    @Override
    public @Nullable Integer getChecksum() {
        return null;
    }

    @Override
    public boolean canExecuteInTransaction() {
        return true;
    }

    @Override
    public void migrate(Context context) throws SQLException {
        Connection connection = context.getConnection();
        StateSession session = new StateSession(connection);
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(AT_ONCE);
            try (ResultSet row =
                    statement.executeQuery("SELECT stream_id, hash, cursor FROM seen_key ORDER BY stream_id, hash")) {
                long set = 0;
                KeySegments.Segment segment = null;
                List<SeenKey> some = new ArrayList<>();
                while (row.next()) {
                    if (row.getLong(1) != set || some.size() == AT_ONCE) {
                        segment = add(session, set, segment, some);
                        some.clear();
                        segment = row.getLong(1) == set ? segment : null;
                        set = row.getLong(1);
                    }
                    some.add(new SeenKey(KeyHash.of(row.getBytes(2)), StateSession.instant(row, "cursor")));
                }
                add(session, set, segment, some);
            }
            statement.execute("DROP TABLE seen_key");
        }
    }

    private static KeySegments.@Nullable Segment add(
            StateSession session, long set, KeySegments.@Nullable Segment to, List<SeenKey> keys) throws SQLException {
        return keys.isEmpty() ? to : new KeySegments(session, set).add(to, keys);
    }
}
