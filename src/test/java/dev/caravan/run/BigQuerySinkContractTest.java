package dev.caravan.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.caravan.testkit.BigQueryServer;
import dev.caravan.testkit.BigQueryStore;
import dev.caravan.testkit.Tables;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** The contract of sinks, kept by tables of BigQuery: a dataset for each folder of data. */
class BigQuerySinkContractTest {
    private static final BigQueryServer SERVER = BigQueryServer.start();

    @Nested
    class Raw extends OfBigQuery {
        Raw() {
            super("");
        }
    }

    @Nested
    class FlatAndMerged extends OfBigQuery {
        FlatAndMerged() {
            super("\nshape: flat\ndisposition: merge");
        }
    }

    abstract static class OfBigQuery extends SinkContract {
        private final String more;

        OfBigQuery(String more) {
            this.more = more;
        }

        @Override
        protected String sink(Path data) {
            return "{type: bigquery, project: %s, dataset: %s, location: EU, endpoint: \"%s\", stream-below: 0, load-rows: 5}%s"
                    .formatted(BigQueryStore.PROJECT, dataset(data), SERVER.url(), more);
        }

        private static String dataset(Path data) {
            return BigQueryStore.DATASET + Integer.toHexString(data.toString().hashCode());
        }

        @Override
        protected int stride() {
            return 37;
        }

        @Override
        protected List<JsonNode> rows(Path data) {
            return SERVER.store().rows(dataset(data), "acme_orders");
        }

        @Override
        protected JsonNode value(JsonNode row, String field) {
            JsonNode value = Tables.value(row, field);
            // A NUMERIC has no digits behind the point but those it needs.
            return row.has("raw_data") || !field.equals("amount") || value.isMissingNode()
                    ? value
                    : TextNode.valueOf(
                            new BigDecimal(value.asText()).setScale(2).toPlainString());
        }
    }
}
