package dev.caravan.sink;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * A table of a PostgreSQL. Its text shows no password.
 *
 * @param name tells several sinks of one stream apart; default {@code jdbc}
 * @param url address of the database, {@code jdbc:postgresql://host:5432/name}, without a password
 * @param user of the database, null if the url says it
 * @param password of that user, null for none
 * @param schema of the table, null for the first of the user's search path
 * @param table name of the table, null for {@code <connection>_<stream>}
 * @param drift what becomes of a table that does not hold what comes; default is {@code evolve}
 * @param batch when a batch is full; default is 1,000 records
 */
record JdbcSettings(
        String name,
        String url,
        @Nullable String user,
        @Nullable String password,
        @Nullable String schema,
        @Nullable String table,
        Drift drift,
        BatchSettings batch)
        implements SinkSettings {
    private static final String POSTGRESQL = "jdbc:postgresql:";

    JdbcSettings {
        SinkSettings.checkName(name);
        if (!url.startsWith(POSTGRESQL)) {
            String begin = url.replaceFirst("^(jdbc:\\w+:).*", "$1");
            throw new IllegalArgumentException(
                    "sink: url begins with '%s', write jdbc:postgresql://host:5432/database%s"
                            .formatted(
                                    begin.length() > 20 ? begin.substring(0, 20) : begin,
                                    begin.equals("jdbc:duckdb:") ? ", or type: duckdb with a 'file'" : ""));
        }
        if (url.matches("(?i).*[?&](ssl)?password=.*") || url.matches(".*//[^/?]*@.*")) {
            throw new IllegalArgumentException(
                    "sink: url has a user or password in it, which would be shown; use 'user' and 'password'");
        }
    }

    @JsonCreator
    static JdbcSettings of(
            @JsonProperty("name") String name,
            @JsonProperty("url") @Nullable String url,
            @JsonProperty("user") @Nullable String user,
            @JsonProperty("password") @Nullable String password,
            @JsonProperty("schema") @Nullable String schema,
            @JsonProperty("table") @Nullable String table,
            @JsonProperty("drift") @Nullable Drift drift,
            @JsonProperty("batch") @Nullable BatchSettings batch) {
        if (url == null) {
            throw new IllegalArgumentException("sink: jdbc needs a 'url', jdbc:postgresql://host:5432/database");
        }
        return new JdbcSettings(
                name,
                url,
                user,
                password,
                schema,
                table,
                drift == null ? Drift.EVOLVE : drift,
                batch == null ? BatchSettings.USUAL : batch);
    }

    @Override
    public Sink open(SinkContext stream) {
        return new TableSink(
                new PostgresDialect(this),
                new TableName(schema, stream.table(table, stream.stub())),
                stream,
                name,
                drift);
    }

    @Override
    public String toString() {
        return "JdbcSettings[name=%s, url=%s, user=%s, schema=%s, table=%s]".formatted(name, url, user, schema, table);
    }
}
