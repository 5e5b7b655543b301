package dev.caravan.sink.bigquery;

import dev.caravan.sink.SinkSettings;
import dev.caravan.sink.SinkType;

/** Tables of Google BigQuery. */
public final class BigQuerySinkType implements SinkType {
    @Override
    public String name() {
        return "bigquery";
    }

    @Override
    public Class<? extends SinkSettings> settings() {
        return BigQuerySettings.class;
    }
}
