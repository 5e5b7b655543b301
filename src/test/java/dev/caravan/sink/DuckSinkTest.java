package dev.caravan.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class DuckSinkTest extends TableSinkContract {
    @Override
    Dialect dialect() {
        return new DuckDialect(folder.resolve("warehouse.duckdb"), 64L << 20);
    }

    @Override
    String url() {
        return "jdbc:duckdb:" + folder.resolve("warehouse.duckdb");
    }

    @Override
    String place() {
        return "warehouse.duckdb";
    }

    @Test
    void saysThatAFileIsNoDatabase() throws Exception {
        Files.writeString(folder.resolve("warehouse.duckdb"), "something else".repeat(1000));

        assertThatThrownBy(() -> deliver(sink(SinkContext.Keeps.ALL), 1, "{\"id\":1}"))
                .isInstanceOf(DeliveryException.class)
                .hasMessageContaining("DuckDB " + folder.resolve("warehouse.duckdb") + ", table acme_orders")
                .hasMessageContaining("Look at the file");
    }

    @Test
    void saysThatItsFolderCannotBeMade() throws Exception {
        Files.writeString(folder.resolve("lake"), "a file, not a folder");
        TableSink sink = new TableSink(
                new DuckDialect(folder.resolve("lake/warehouse.duckdb"), 64L << 20),
                new TableName(null, "acme_orders"),
                context("orders"),
                "x",
                Drift.EVOLVE);

        assertThatThrownBy(() -> deliver(sink, 1, "{\"id\":1}"))
                .isInstanceOf(DeliveryException.class)
                .hasMessageContaining("DuckDB " + folder.resolve("lake/warehouse.duckdb") + ", table acme_orders")
                .hasMessageContaining("Its folder cannot be made")
                .hasMessageContaining("Look at the file and its folder");
    }

    @Test
    void keepsNamesThatDifferInCaseApartFromBatchToBatch() throws Exception {
        TableSink sink = sink(SinkContext.Keeps.ALL);
        deliver(sink, 1, "{\"id\":1,\"Case\":1,\"case\":2}");
        deliver(sink, 2, "{\"id\":2,\"case\":4,\"Case\":3}");
        deliver(sink, 3, "{\"id\":3,\"case\":6}");

        assertThat(texts("Case")).containsExactly("1", "3", null);
        assertThat(texts("case_2")).containsExactly("2", "4", "6");
    }

    @Test
    void goesOnInAnotherFileThatWasPutInItsPlace() throws Exception {
        TableSink sink = sink(SinkContext.Keeps.ALL);
        deliver(sink, 1, "{\"id\":1}");
        Path file = folder.resolve("warehouse.duckdb");
        Files.move(file, folder.resolve("saved.duckdb"));

        deliver(sink, 2, "{\"id\":2}");
        assertThat(file).exists();
        assertThat(texts("id")).containsExactly("2");
    }

    @Test
    void saysWhatDoesNotFitIntoItsMemory() {
        SQLException refused = new SQLException("Out of Memory Error: could not allocate block of size 256.0 KiB");
        assertThat(dialect().advice(refused)).contains("set 'memory' of the sink, 128MB");
    }
}
