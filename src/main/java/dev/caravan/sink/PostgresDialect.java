package dev.caravan.sink;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.caravan.record.SourceRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.copy.CopyIn;
import org.postgresql.ds.PGSimpleDataSource;

/** PostgreSQL. Sinks of one address and user share a few connections, which go when they are not needed for a while. */
final class PostgresDialect implements Dialect {
    private static final int MOST_CONNECTIONS = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofSeconds(60);
    private static final String ANSWER_SECONDS = "600";
    private static final int BUFFER = 1 << 16;
    private static final byte[] NUL = "\\u0000".getBytes(StandardCharsets.US_ASCII);
    /** Objects made at the same moment by another session; a deadlock; a connection that had broken. */
    private static final Set<String> PASSING =
            Set.of("23505", "42P07", "42710", "42P06", "42701", "40P01", "40001", "08006", "08003", "57P01");

    /** Kinds of what a server says: a user or password it does not know, a database that it does not have. */
    private static final Set<String> STAYING = Set.of("28", "3D");

    /** One for all tables of a database: each would keep connections of its own, of which a server has few. */
    private static final Map<Login, HikariDataSource> POOLS = new ConcurrentHashMap<>();

    private record Login(
            String url, @Nullable String user, @Nullable String password) {}

    private final JdbcSettings settings;

    PostgresDialect(JdbcSettings settings) {
        this.settings = settings;
    }

    @Override
    public String name() {
        return "PostgreSQL " + settings.url();
    }

    @Override
    public int longestName() {
        return 63;
    }

    @Override
    public String type(CellType type) {
        return switch (type.base()) {
            case NONE, TEXT -> "text";
            case BOOLEAN -> "boolean";
            case INT64 -> "bigint";
            // Exact, and wide enough for doubles too.
            case DECIMAL, DOUBLE -> "numeric";
        };
    }

    @Override
    public Held held(String type, int size, int scale) {
        return switch (type.toLowerCase(Locale.ROOT)) {
            case "bool", "boolean" -> Held.of(CellType.Base.BOOLEAN);
            case "int8", "bigserial" -> Held.of(CellType.Base.INT64);
            case "int2", "int4", "serial" -> new Held(CellType.Base.INT64, 0, 0, true);
            // Without a bound it has every digit; what it is widened to is the same again.
            case "numeric" ->
                size > 0 && size <= CellType.MOST_DIGITS
                        ? new Held(CellType.Base.DECIMAL, size - scale, scale, false)
                        : new Held(CellType.Base.DECIMAL, 1, 0, false);
            case "float8" -> Held.of(CellType.Base.DOUBLE);
            default -> Held.of(CellType.Base.TEXT);
        };
    }

    @Override
    public Connection open() throws SQLException {
        Login login = new Login(settings.url(), settings.user(), settings.password());
        if (!POOLS.containsKey(login)) {
            knock(login);
        }
        return POOLS.computeIfAbsent(login, PostgresDialect::pool).getConnection();
    }

    /** Says at once what stays wrong; a pool would ask again until its patience is over. */
    private static void knock(Login login) throws SQLException {
        try (Connection connection = source(login).getConnection()) {
            connection.isReadOnly();
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (STAYING.stream().anyMatch(state::startsWith)) {
                throw e;
            }
        }
    }

    private static PGSimpleDataSource source(Login login) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(login.url());
        if (login.user() != null) {
            source.setUser(login.user());
        }
        if (login.password() != null) {
            source.setPassword(login.password());
        }
        otherwise(source, login, PGProperty.SOCKET_TIMEOUT, ANSWER_SECONDS);
        otherwise(source, login, PGProperty.TCP_KEEP_ALIVE, "true");
        otherwise(source, login, PGProperty.APPLICATION_NAME, "caravan");
        return source;
    }

    private static HikariDataSource pool(Login login) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("caravan-sink");
        config.setDataSource(source(login));
        config.setAutoCommit(false);
        config.setMaximumPoolSize(MOST_CONNECTIONS);
        config.setMinimumIdle(0);
        config.setIdleTimeout(IDLE.toMillis());
        config.setConnectionTimeout(PATIENCE.toMillis());
        config.setInitializationFailTimeout(-1); // the first delivery says what is wrong
        return new HikariDataSource(config);
    }

    private static void otherwise(PGSimpleDataSource source, Login login, PGProperty property, String value) {
        if (!login.url().contains(property.getName() + "=")) {
            source.setProperty(property, value);
        }
    }

    @Override
    public void load(Connection session, TableName table, List<Columns.Column> columns, Rows rows)
            throws SQLException, IOException {
        CopyIn copy =
                session.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY %s FROM STDIN".formatted(table.sql()));
        try {
            Feed feed = new Feed(copy, columns);
            rows.forEach(feed::row);
            feed.flush();
            copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    /** Rows in the form that COPY reads, a buffer at a time. */
    private static final class Feed {
        private final CopyIn copy;
        private final Columns.Places places;
        private final @Nullable String[] values;
        private final Cells cells = new Cells(true);
        private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(2 * BUFFER);

        Feed(CopyIn copy, List<Columns.Column> columns) {
            this.copy = copy;
            this.places = Columns.places(columns);
            this.values = new String[columns.size()];
        }

        void row(byte[] row, int length) throws IOException, SQLException {
            Arrays.fill(values, null);
            cells.read(
                    row,
                    length,
                    (field, kind, text) -> values[places.of(field)] = kind == Cells.Kind.NULL ? null : text);
            for (int i = 0; i < values.length; i++) {
                if (i > 0) {
                    buffer.write('\t');
                }
                write(values[i]);
            }
            buffer.write('\n');
            if (buffer.size() >= BUFFER) {
                flush();
            }
        }

        private void write(@Nullable String value) throws IOException {
            if (value == null) {
                buffer.write('\\');
                buffer.write('N');
                return;
            }
            for (byte each : value.getBytes(StandardCharsets.UTF_8)) {
                switch (each) {
                    case '\\' -> escape('\\');
                    case '\t' -> escape('t');
                    case '\n' -> escape('n');
                    case '\r' -> escape('r');
                    default -> buffer.write(each);
                }
            }
        }

        private void escape(char sign) {
            buffer.write('\\');
            buffer.write(sign);
        }

        void flush() throws SQLException {
            byte[] bytes = buffer.toByteArray();
            copy.writeToCopy(bytes, 0, bytes.length);
            buffer.reset();
        }
    }

    @Override
    public void index(Connection session, TableName table, String column) throws SQLException {
        DuckDb.execute(
                session,
                "CREATE INDEX IF NOT EXISTS %s ON %s (%s)"
                        .formatted(
                                DuckDb.name(Columns.cut(table.table(), 63 - 4) + "_key"),
                                table.sql(),
                                DuckDb.name(column)));
    }

    @Override
    public String place() {
        return "ctid";
    }

    /** JSON has the character as an escape only. */
    @Override
    public boolean mayRefuse(SourceRecord record) {
        byte[] bytes = record.bytes();
        int end = record.offset() + record.length() - NUL.length;
        for (int i = record.offset(); i <= end; i++) {
            if (bytes[i] == '\\' && Arrays.equals(bytes, i, i + NUL.length, NUL, 0, NUL.length)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void check(String text) throws IOException {
        if (text.indexOf('\0') >= 0) {
            throw new UnsuitedRowsException(
                    "a text has the character U+0000, which PostgreSQL does not hold; use 'shape: raw', where it is an escape");
        }
    }

    @Override
    public String temporaryTable() {
        return "CREATE TEMP TABLE ";
    }

    @Override
    public String advice(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        if (state.startsWith("28")) {
            return "Look at the sink's user and password.";
        }
        if (state.startsWith("08") || state.equals("3D000") || state.equals("null")) {
            return "Look at the sink's url, and whether the database answers.";
        }
        if (state.startsWith("22")) {
            return "Give the column a type that takes it, or leave the field out with 'fields'.";
        }
        if (state.equals("42501")) {
            return "Let its user create and change tables in that schema.";
        }
        if (state.equals("3F000")) {
            return "Create the schema, or say another one.";
        }
        return "Look at the table.";
    }

    @Override
    public boolean isPassing(SQLException e) {
        return PASSING.contains(String.valueOf(e.getSQLState()));
    }
}
