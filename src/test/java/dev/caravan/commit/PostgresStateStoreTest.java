package dev.caravan.commit;

import static dev.caravan.commit.StreamFixture.keys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.testkit.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PostgresStateStoreTest extends StateStoreContract {
    private final PostgresServer.Database database = PostgresServer.database();
    private final String role = database.role();

    @Override
    StreamFixture fixture(Path data) {
        return new StreamFixture(data, () -> StateStore.connect(settings(database.url(), role, null)));
    }

    @Override
    StateStore another(long mostKeysLater) {
        return new StateStore(PostgresDatabase.connect(settings(database.url(), role, null)), null, mostKeysLater);
    }

    @Test
    void goesOnWithAnotherConnectionWhenOneBreaks() {
        stream.store.apply(stream.key, commit(1, 1), keys("a"));
        stream.store.flush(stream.key);
        database.cut(role);

        // A connection that was used a moment ago is not looked at before it is used again.
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptionsInstanceOf(StateStoreException.class)
                .until(() ->
                        stream.store.progress(stream.key).equals(commit(1, 1).progress()));
        stream.store.apply(stream.key, commit(2, 1), keys("b"));
        stream.store.flush(stream.key);
        assertThat(seen("a", "b")).containsExactly(0, 1);
    }

    @Test
    void saysWhatHappenedAndWhatToDoWhileTheServerIsAway() {
        stream.store.apply(stream.key, commit(1, 1), keys("a"));
        stream.store.flush(stream.key);
        database.shutOut(role);

        assertThatThrownBy(() -> stream.store.apply(stream.key, commit(2, 1), keys("b")))
                .isInstanceOf(StateStoreException.class)
                .hasMessageContaining("PostgreSQL 127.0.0.1:")
                .hasMessageContaining("/" + database.name() + " did not answer")
                .hasMessageContaining("caravan.state");
        database.letIn(role);

        assertThat(stream.store.sequence(stream.key)).isEqualTo(1);
        assertThat(stream.store.apply(stream.key, commit(2, 1), keys("b"))).isTrue();
    }

    @Test
    void refusesToStartWithoutItsServer() {
        assertThatThrownBy(() -> StateStore.connect(
                        settings("jdbc:postgresql://127.0.0.1:1/gone?password=s3cret", "ann", "s3cret")))
                .isInstanceOf(StateStoreException.class)
                .hasMessageContaining("PostgreSQL 127.0.0.1:1/gone cannot be reached")
                .hasMessageContaining("refused")
                .hasMessageContaining("Look whether it runs")
                .message()
                .doesNotContain("s3cret");
        assertThatThrownBy(() -> StateStore.connect(settings(database.url(), "nobody", "s3cret")))
                .isInstanceOf(StateStoreException.class)
                .hasMessageContaining("nobody")
                .hasMessageContaining("Correct caravan.state-user")
                .message()
                .doesNotContain("s3cret");
        assertThatThrownBy(() -> StateStore.connect(settings(database.url() + "x", role, null)))
                .isInstanceOf(StateStoreException.class)
                .hasMessageContaining("Create the database");
    }

    @Test
    void makesItsTablesAgainWhenSomebodyRemovesThem() {
        stream.store.apply(stream.key, commit(1, 1), keys("a"));
        stream.store.flush(stream.key);
        database.execute("DROP SCHEMA caravan CASCADE");

        assertThatThrownBy(() -> stream.store.sequence(stream.key))
                .isInstanceOf(StateStoreException.class)
                .hasMessageContaining("made again by the next call");
        assertThat(stream.store.sequence(stream.key)).isZero();
    }

    @Test
    void keepsItsTablesInTheSchemaOfTheAddress() {
        try (StateStore other = StateStore.connect(settings(database.url() + "?currentSchema=elsewhere", role, null))) {
            other.apply(stream.key, commit(1, 1), keys("a"));
        }
        assertThat(database.execute("SELECT sum(keys) FROM elsewhere.seen_segment"))
                .isEqualTo("1");
        assertThat(stream.store.sequence(stream.key)).isZero();
    }

    @Test
    void isMadeReadyByManyMachinesAtOnce() throws Exception {
        PostgresServer.Database empty = PostgresServer.database();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<StateStore>> opened = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                opened.add(threads.submit(() -> StateStore.connect(settings(empty.url(), "postgres", null))));
            }
            for (Future<StateStore> each : opened) {
                each.get(60, TimeUnit.SECONDS).close();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static PostgresSettings settings(String url, String user, @Nullable String password) {
        return new PostgresSettings(url, user, password, "alpha", Duration.ofSeconds(60));
    }
}
