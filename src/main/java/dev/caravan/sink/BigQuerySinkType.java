package dev.caravan.sink;

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
