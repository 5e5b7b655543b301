package dev.caravan.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testkit.Tables;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** The contract of sinks, kept by tables of DuckDB. */
class DuckSinkContractTest {
    @Nested
    class Raw extends OfDuck {
        Raw() {
            super("duckdb");
        }
    }

    @Nested
    class Flat extends OfDuck {
        Flat() {
            super("duckdb\nshape: flat");
        }
    }

    @Nested
    class Merged extends OfDuck {
        Merged() {
            super("{type: duckdb, schema: lake, table: Orders of Acme}\ndisposition: merge");
        }
    }

    abstract static class OfDuck extends SinkContract {
        private final String sink;

        OfDuck(String sink) {
            this.sink = sink;
        }

        @Override
        protected String sink(Path data) {
            return sink;
        }

        @Override
        protected int stride() {
            return 37;
        }

        @Override
        protected List<JsonNode> rows(Path data) {
            Path file = data.resolve("warehouse.duckdb");
            String table = sink.contains("lake") ? "lake.\"Orders of Acme\"" : "acme_orders";
            return Files.exists(file) ? Tables.rows("jdbc:duckdb:" + file, table) : List.of();
        }

        @Override
        protected JsonNode value(JsonNode row, String field) {
            return Tables.value(row, field);
        }
    }
}
