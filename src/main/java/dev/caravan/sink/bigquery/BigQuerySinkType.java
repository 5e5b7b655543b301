package dev.caravan.sink.bigquery;

import dev.caravan.sink.SinkType;

/** Tables of Google BigQuery. */
public final class BigQuerySinkType extends SinkType {
    /** For the loader of services. */
    public BigQuerySinkType() {
        super("bigquery", BigQuerySettings.class);
    }
}
