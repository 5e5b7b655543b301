package dev.caravan.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testkit.PostgresServer;
import dev.caravan.testkit.Tables;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** The contract of sinks, kept by tables of PostgreSQL: a schema for each folder of data. */
class PostgresSinkContractTest {
    @Nested
    class Raw extends OfPostgres {
        Raw() {
            super("");
        }
    }

    @Nested
    class FlatAndMerged extends OfPostgres {
        FlatAndMerged() {
            super("\nshape: flat\ndisposition: merge");
        }
    }

    private static final PostgresServer.Database DATABASE = PostgresServer.database();

    abstract static class OfPostgres extends SinkContract {
        private final String more;

        OfPostgres(String more) {
            this.more = more;
        }

        @Override
        protected String sink(Path data) {
            return "{type: jdbc, url: \"%s\", user: postgres, schema: %s}%s"
                    .formatted(DATABASE.url(), schema(data), more);
        }

        private static String schema(Path data) {
            return "s" + Integer.toHexString(data.toString().hashCode());
        }

        @Override
        protected int stride() {
            return 17;
        }

        @Override
        protected List<JsonNode> rows(Path data) {
            return Tables.rows(DATABASE.url() + "?user=postgres", schema(data) + ".acme_orders");
        }

        @Override
        protected JsonNode value(JsonNode row, String field) {
            return Tables.value(row, field);
        }
    }
}
