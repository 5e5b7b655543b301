package dev.caravan.sink;

/** Tables of a PostgreSQL. */
public final class JdbcSinkType implements SinkType {
    @Override
    public String name() {
        return "jdbc";
    }

    @Override
    public Class<? extends SinkSettings> settings() {
        return JdbcSettings.class;
    }
}
