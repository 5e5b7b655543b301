package dev.caravan.sink;

/** Tables of a DuckDB file, the warehouse of a single machine. */
public final class DuckSinkType implements SinkType {
    @Override
    public String name() {
        return "duckdb";
    }

    @Override
    public Class<? extends SinkSettings> settings() {
        return DuckSettings.class;
    }
}
