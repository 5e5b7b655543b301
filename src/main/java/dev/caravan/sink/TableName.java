package dev.caravan.sink;

import org.jspecify.annotations.Nullable;

/**
 * A table.
 *
 * @param schema where it is, null for where the connection begins
 */
record TableName(@Nullable String schema, String table) {
    /** Returns it as it is written in SQL. */
    String sql() {
        return schema == null ? DuckDb.name(table) : DuckDb.name(schema) + "." + DuckDb.name(table);
    }

    /** Returns another table of the same schema. */
    TableName beside(String other) {
        return new TableName(schema, other);
    }

    @Override
    public String toString() {
        return schema == null ? table : schema + "." + table;
    }
}
