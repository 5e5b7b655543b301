package dev.caravan.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.testkit.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresSinkTest extends TableSinkContract {
    private final PostgresServer.Database database = PostgresServer.database();

    @Override
    Dialect dialect() {
        return new PostgresDialect(settings(database.url(), "postgres"));
    }

    @Override
    String url() {
        return database.url() + "?user=postgres";
    }

    @Override
    String place() {
        return database.name();
    }

    private static JdbcSettings settings(String url, String user) {
        return JdbcSettings.of("jdbc", url, user, "s3cret", null, null, null, null);
    }

    @Test
    void isGivenTheSameCommitByManyAtOnceAndTakesItOnce() throws Exception {
        deliver(sink(SinkContext.Keeps.ALL), 1, "{\"id\":1}");
        List<CompletableFuture<Void>> all = new ArrayList<>();
        var commit = commit(sink(SinkContext.Keeps.ALL), 2, false, "{\"id\":2}");
        for (int i = 0; i < 6; i++) {
            // Each with a name of its own, as processes that do not know each other.
            Dialect dialect = new PostgresDialect(settings(database.url() + "?ApplicationName=p" + i, "postgres"));
            TableSink sink = sink(dialect);
            all.add(CompletableFuture.supplyAsync(() -> {
                try {
                    sink.delivery().deliver(commit);
                    return null;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();

        assertThat(texts("id")).containsExactly("1", "2");
    }

    @Test
    void refusesATextThatPostgresqlDoesNotHold() {
        assertThatThrownBy(() -> deliver(sink(SinkContext.Keeps.ALL), 1, "{\"id\":1,\"a\":\"x\\u0000y\"}"))
                .isInstanceOf(DeliveryException.class)
                .hasMessageContaining("U+0000")
                .hasMessageContaining("shape: raw");
        assertThat(folder.resolve("_staging/7")).isEmptyDirectory();
    }

    @Test
    void namesTheCauseAndTheRemedy() {
        database.execute("CREATE ROLE reader" + database.name() + " LOGIN");
        Dialect reader = new PostgresDialect(settings(database.url(), "reader" + database.name()));
        database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        assertThatThrownBy(() -> deliver(sink(reader), 1, "{\"id\":1}"))
                .hasMessageContaining("permission denied")
                .hasMessageContaining("Let its user create and change tables")
                .message()
                .doesNotContain("s3cret");

        Dialect wrong = new PostgresDialect(settings(database.url() + "gone", "postgres"));
        assertThatThrownBy(() -> deliver(sink(wrong), 1, "{\"id\":1}"))
                .hasMessageContaining("acme-orders: PostgreSQL " + database.url() + "gone, table acme_orders")
                .hasMessageContaining("gone\" does not exist")
                .hasMessageContaining("Look at the sink's url")
                .message()
                .doesNotContain("s3cret");
    }

    private TableSink sink(Dialect dialect) {
        return new TableSink(dialect, new TableName(null, "acme_orders"), context("orders"), "x", Drift.EVOLVE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "jdbc:mysql://x/y | begins with 'jdbc:mysql:'",
                "jdbc:duckdb:x | type: duckdb",
                "jdbc:postgresql://x/y?user=a&password=s3cret | has a user or password in it",
                "jdbc:postgresql://a:s3cret@x/y | has a user or password in it",
                "s3cret-s3cret-s3cret-s3cret | begins with",
            })
    void refusesOtherAddresses(String url, String message) {
        assertThatThrownBy(() -> settings(url, "a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
        assertThat(settings("jdbc:postgresql://x/y", "a").toString()).doesNotContain("s3cret");
    }
}
