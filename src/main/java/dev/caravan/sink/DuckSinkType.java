package dev.caravan.sink;

/** Tables of a DuckDB file, the warehouse of a single machine. */
public final class DuckSinkType extends SinkType {
    /** For the loader of services. */
    public DuckSinkType() {
        super("duckdb", DuckSettings.class);
    }
}
