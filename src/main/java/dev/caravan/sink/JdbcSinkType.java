package dev.caravan.sink;

/** Tables of a PostgreSQL. */
public final class JdbcSinkType extends SinkType {
    /** For the loader of services. */
    public JdbcSinkType() {
        super("jdbc", JdbcSettings.class);
    }
}
