package dev.caravan.sink;

import dev.caravan.batch.Delivery;
import dev.caravan.batch.Portion;
import dev.caravan.batch.SealedFile;
import dev.caravan.record.RecordForm;
import dev.caravan.record.SourceRecord;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows in a table. A batch is committed as a file first, {@code data/<connection>/<stream>@<sink>/}, and then delivered: its rows and
 * the row of its commit in one transaction, so that a commit which is delivered again adds nothing. From the files the table can
 * be made again.
 *
 * <p>A column that is missing is added, and one that is too narrow is widened, before the batch is committed: what the table
 * cannot hold never counts. Safe for any number of threads.
 */
final class TableSink implements Sink {
    private static final String COMMITS = "_caravan_commits";
    private static final String STREAM = "_caravan_stream";
    private static final String COMMIT = "_caravan_commit";
    private static final String OURS = "_caravan_";
    private static final int USUAL_ROWS = 1000;

    /** One delivery at a time into a database of this process, whose tables may be changed by it. */
    private static final Map<String, Object> TURNS = new ConcurrentHashMap<>();

    private final Dialect dialect;
    private final Drift drift;
    private final TableName table;
    private final TableName commits;
    private final String log;
    private final SinkContext stream;
    private final Sink files;
    private final Object turn;
    private final Logger logger;
    /** What the columns hold by now, so that most batches need not ask. */
    private final Map<String, CellType> known = new ConcurrentHashMap<>();

    /** Whether the table has columns of types that somebody chose. */
    private volatile boolean casts;

    /** Fields of which the log has said that they are left out. */
    private final Set<String> noted = ConcurrentHashMap.newKeySet();

    TableSink(Dialect dialect, TableName table, SinkContext stream, String name, Drift drift) {
        this.drift = drift;
        this.dialect = dialect;
        this.table = table;
        this.commits = table.beside(COMMITS);
        this.stream = stream;
        this.log = stream.log(name);
        this.files = new FileSink(FileSettings.USUAL, stream);
        this.turn = TURNS.computeIfAbsent(dialect.name(), any -> new Object());
        this.logger = LoggerFactory.getLogger("dev.caravan.stream." + stream.id());
    }

    @Override
    public String ending() {
        return files.ending();
    }

    @Override
    public int usualRows() {
        return USUAL_ROWS;
    }

    @Override
    public boolean isRaw() {
        return true;
    }

    @Override
    public Delivery delivery() {
        return new Delivery() {
            @Override
            public void deliver(Delivered commit) {
                TableSink.this.deliver(commit);
            }

            @Override
            public long reached() {
                return TableSink.this.reached();
            }

            @Override
            public Optional<Tally> tally() {
                return Optional.of(counted());
            }
        };
    }

    @Override
    public Map<Integer, String> refused(RecordForm form, List<SourceRecord> records) {
        Map<Integer, String> refused = new HashMap<>();
        try {
            Map<String, CellType> fixed = drift == Drift.DISCARD_ROW ? held() : Map.of();
            Line line = new Line();
            Cells cells = new Cells(true);
            for (int i = 0; i < records.size(); i++) {
                SourceRecord record = records.get(i);
                if (!fixed.isEmpty() || dialect.mayRefuse(record)) {
                    line.reset();
                    form.write(record, line);
                    String reason = refusal(cells, line, fixed);
                    if (reason != null) {
                        refused.put(i, reason);
                    }
                }
            }
            return refused;
        } catch (IOException e) {
            throw failed("looking whether it holds the rows", e);
        }
    }

    private @Nullable String refusal(Cells cells, Line row, Map<String, CellType> fixed) throws IOException {
        String[] reason = new String[1];
        try {
            cells.read(row.bytes(), row.size(), (field, kind, text) -> {
                dialect.check(text);
                if (!fixed.isEmpty() && reason[0] == null && !field.startsWith(OURS)) {
                    reason[0] = misfit(fixed.get(field), field, kind, text);
                }
            });
            return reason[0];
        } catch (UnsuitedRowsException e) {
            return e.getMessage();
        }
    }

    private @Nullable String misfit(@Nullable CellType column, String field, Cells.Kind kind, String text) {
        if (column == null) {
            return kind == Cells.Kind.NULL ? null : "drift: the table has no column for '%s'".formatted(field);
        }
        return holds(column, kind, text)
                ? null
                : "drift: its '%s' is not %s, as the table's column is".formatted(field, dialect.type(column));
    }

    private boolean holds(CellType column, Cells.Kind kind, String text) {
        if (column.base() == CellType.Base.NONE) {
            return true; // nothing but null came so far, so it is a text
        }
        CellType with = new CellType().or(column);
        with.take(kind, text);
        return dialect.type(with).equals(dialect.type(new CellType().or(column)));
    }

    /** Returns what the columns of the table hold; nothing if there is no table yet. */
    private Map<String, CellType> held() {
        if (known.isEmpty()) {
            inTransaction("looking at its columns", session -> {
                List<Existing> there = existing(session);
                casts = there.stream().anyMatch(Existing::isForeign);
                known.putAll(types(there));
            });
        }
        return known;
    }

    private Delivery.Tally counted() {
        long[] counted = new long[2];
        inTransaction("counting its rows", session -> {
            makeCommits(session);
            boolean any = has(session, Set.of(STREAM));
            String sql = "SELECT coalesce(max(sequence), 0), %s FROM %s WHERE stream = ?"
                    .formatted(
                            any
                                    ? "(SELECT count(*) FROM %s WHERE %s = ?)"
                                            .formatted(table.sql(), DuckDb.name(STREAM))
                                    : "0",
                            commits.sql());
            try (PreparedStatement statement = session.prepareStatement(sql)) {
                statement.setString(1, log);
                if (any) {
                    statement.setString(2, log);
                }
                try (ResultSet row = statement.executeQuery()) {
                    counted[0] = row.next() ? row.getLong(1) : 0;
                    counted[1] = row.getLong(2);
                }
            }
        });
        return new Delivery.Tally(counted[0], counted[1], "table " + table, stream.keeps() == SinkContext.Keeps.LATEST);
    }

    private long reached() {
        long[] reached = new long[1];
        inTransaction("asking what it has", session -> {
            makeCommits(session);
            try (PreparedStatement statement = session.prepareStatement(
                    "SELECT coalesce(max(sequence), 0) FROM " + commits.sql() + " WHERE stream = ?")) {
                statement.setString(1, log);
                try (ResultSet row = statement.executeQuery()) {
                    reached[0] = row.next() ? row.getLong(1) : 0;
                }
            }
        });
        return reached[0];
    }

    @Override
    public List<SealedFile> write(Destination to, List<SourceRecord> records) {
        Destination marked = to.in(new MarkedForm(to.form(), stream.deleted(), to.portion()));
        List<SealedFile> sealed = files.write(marked, records);
        if (sealed.isEmpty()) {
            return sealed;
        }
        try {
            makeReady(marked, records);
            return sealed;
        } catch (RuntimeException e) {
            to.discard(sealed, e);
            throw e;
        }
    }

    private void makeReady(Destination to, List<SourceRecord> records) {
        Rows rows = Rows.of(to.form(), records);
        try {
            Columns columns = new Columns(Declared.of(stream.schema()), dialect.longestName());
            see(rows, columns);
            boolean ready =
                    isFixed() ? !held().isEmpty() : columns.all().stream().allMatch(this::fits);
            if (!ready) {
                inTransaction("making it ready", session -> columns(session, rows, drift));
            }
            if (casts) {
                tryTypes(rows);
            }
        } catch (IOException | SQLException e) {
            throw failed("making it ready", e);
        }
    }

    private boolean fits(Columns.Column column) {
        CellType held = known.get(column.field());
        return held != null
                && dialect.type(new CellType().or(held).or(column.type())).equals(dialect.type(held));
    }

    private void see(Rows rows, Columns columns) throws IOException, SQLException {
        Cells cells = new Cells(true);
        rows.forEach((row, length) -> cells.read(row, length, (field, kind, text) -> {
            dialect.check(text);
            columns.take(field, kind, text);
        }));
    }

    private void deliver(Delivery.Delivered commit) {
        inTransaction("delivering commit " + commit.sequence(), session -> {
            if (isDelivered(session, commit)) {
                return;
            }
            Rows all = taker -> LandedRows.read(commit, row -> taking(taker, row));
            Rows rows = fitting(session, all);
            Portion portion = commit.portion();
            if (commit.replaces()) {
                clear(session);
            } else if (portion != null) {
                clear(session, portion);
            }
            if (!commit.files().isEmpty()) {
                Columns columns = columns(session, rows, Drift.EVOLVE);
                TableName loaded = new TableName(null, DuckDb.temporary());
                List<Columns.Column> each = columns.all();
                DuckDb.execute(session, dialect.temporaryTable() + loaded.sql() + " (" + declaration(each) + ")");
                dialect.load(session, loaded, each, rows);
                insert(session, loaded, each, commit);
                DuckDb.execute(session, "DROP TABLE " + loaded.sql());
            }
            note(session, commit);
        });
    }

    /** Returns what columns hold, by their name. */
    private static Map<String, CellType> types(List<Existing> columns) {
        Map<String, CellType> types = new HashMap<>();
        for (Existing each : columns) {
            Dialect.Held held = each.held();
            types.put(each.name(), new CellType().or(held.base(), held.whole(), held.scale()));
        }
        return types;
    }

    /** Whether a table that is there stays as it is, and what it does not hold is left out. */
    private boolean isFixed() {
        return drift == Drift.DISCARD_ROW || drift == Drift.DISCARD_VALUE;
    }

    /** Returns rows without what a table that stays as it is does not hold; of rows that were let through, fields that are null. */
    private Rows fitting(Connection session, Rows rows) throws SQLException {
        Map<String, CellType> columns = isFixed() ? types(existing(session)) : Map.of();
        return columns.isEmpty() ? rows : new FittingRows(rows, columns, this::holds, this::leftOut);
    }

    private void leftOut(String field) {
        if (noted.size() < Columns.MOST && noted.add(field)) {
            logger.info("{}: table {} does not hold what comes as '{}', drift: {}", stream.id(), table, field, drift);
        }
    }

    /** Deletes the stream's rows, if there is a table that may have some. */
    private void clear(Connection session) throws SQLException {
        if (has(session, Set.of(STREAM))) {
            execute(session, "DELETE FROM " + table.sql() + " WHERE " + DuckDb.name(STREAM) + " = ?", log);
        }
    }

    /** The same for a portion of them. */
    private void clear(Connection session, Portion portion) throws SQLException {
        boolean ofDays = portion.from() != null;
        Set<String> marks =
                ofDays ? Set.of(STREAM, MarkedForm.PARTITION, MarkedForm.DAY) : Set.of(STREAM, MarkedForm.PARTITION);
        if (!has(session, marks)) {
            return; // none was ever delivered
        }
        String days = ofDays ? " AND %s >= ? AND %1$s < ?".formatted(DuckDb.name(MarkedForm.DAY)) : "";
        try (PreparedStatement statement = session.prepareStatement("DELETE FROM %s WHERE %s = ? AND %s = ?%s"
                .formatted(table.sql(), DuckDb.name(STREAM), DuckDb.name(MarkedForm.PARTITION), days))) {
            statement.setString(1, log);
            statement.setString(2, MarkedForm.shortened(portion.partition()));
            if (ofDays) {
                statement.setString(3, String.valueOf(portion.from()));
                statement.setString(4, String.valueOf(portion.to()));
            }
            statement.executeUpdate();
        }
    }

    private boolean has(Connection session, Set<String> columns) throws SQLException {
        return existing(session).stream().map(Existing::name).toList().containsAll(columns);
    }

    private static void taking(Rows.Taker taker, byte[] row) throws IOException {
        try {
            taker.take(row, row.length);
        } catch (SQLException e) {
            throw new UncheckedSqlException(e);
        }
    }

    private static final class UncheckedSqlException extends RuntimeException {
        private final transient SQLException cause;

        UncheckedSqlException(SQLException cause) {
            super(cause);
            this.cause = cause;
        }
    }

    /**
     * Returns whether a commit was delivered before.
     *
     * @throws DeliveryException if the table has commits that this log does not know
     */
    private boolean isDelivered(Connection session, Delivery.Delivered commit) throws SQLException {
        makeCommits(session);
        try (PreparedStatement statement = session.prepareStatement(
                "SELECT sequence, epoch, sha256 FROM " + commits.sql() + " WHERE stream = ? AND sequence >= ?")) {
            statement.setString(1, log);
            statement.setLong(2, commit.sequence());
            boolean later = false;
            boolean other = false;
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    boolean same = row.getLong(1) == commit.sequence();
                    if (same && row.getString(3).equals(commit.hash())) {
                        return true;
                    }
                    other |= same;
                    later = true;
                }
            }
            if (later && !other && commit.portion() != null) {
                return true; // what counts was delivered with a later one, after the table had been lost
            }
            if (later) {
                throw new DeliveryException(
                        "%s: %s, table %s: it has commits from %d on that are not of this folder of data. Point caravan.data to the folder they are of; or drop the table, and the rows of '%s' in %s, to begin anew"
                                .formatted(stream.id(), dialect.name(), table, commit.sequence(), log, commits),
                        new SQLException("commit " + commit.sequence()));
            }
            return false;
        }
    }

    private void makeCommits(Connection session) throws SQLException {
        createSchema(session);
        DuckDb.execute(
                session,
                "CREATE TABLE IF NOT EXISTS %s (stream %s, sequence BIGINT, epoch BIGINT, run %2$s, loaded BIGINT, sha256 %2$s, PRIMARY KEY (stream, sequence))"
                        .formatted(commits.sql(), "VARCHAR(400)"));
    }

    private void note(Connection session, Delivery.Delivered commit) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement("INSERT INTO " + commits.sql()
                + " (stream, sequence, epoch, run, loaded, sha256) VALUES (?, ?, ?, ?, ?, ?)")) {
            statement.setString(1, log);
            statement.setLong(2, commit.sequence());
            statement.setLong(3, commit.epoch());
            statement.setString(4, commit.run());
            statement.setLong(
                    5, commit.files().stream().mapToLong(Delivery.Part::rows).sum());
            statement.setString(6, commit.hash());
            statement.executeUpdate();
        }
    }

    /** Takes rows over from where they were loaded. */
    private void insert(Connection session, TableName loaded, List<Columns.Column> all, Delivery.Delivered commit)
            throws SQLException {
        Map<String, String> taken = values(all, foreignTypes(session));
        String names = String.join(", ", taken.keySet());
        String values = String.join(", ", taken.values());
        String from = loaded.sql();
        if (stream.keeps() == SinkContext.Keeps.LATEST
                && all.stream().anyMatch(each -> each.name().equals(MarkedForm.KEY))) {
            boolean cursored = all.stream().anyMatch(each -> each.name().equals(MarkedForm.CURSOR));
            String key = DuckDb.name(MarkedForm.KEY);
            String cursor = cursored ? DuckDb.name(MarkedForm.CURSOR) : "0";
            String rank = "row_number() OVER (PARTITION BY %s ORDER BY %s DESC NULLS LAST, %s DESC)"
                    .formatted(key, cursored ? cursor : key, dialect.place());
            String best = loaded.table() + "_best";
            DuckDb.execute(
                    session,
                    "%s%s AS SELECT * FROM (SELECT %s, %s AS _caravan_rank FROM %s) ranked WHERE _caravan_rank = 1"
                            .formatted(dialect.temporaryTable(), DuckDb.name(best), names, rank, from));
            String newer = cursored ? " AND (old.%1$s IS NULL OR new.%1$s >= old.%1$s)".formatted(cursor) : "";
            execute(
                    session,
                    "DELETE FROM %s AS old USING %s AS new WHERE old.%s = ? AND old.%s = new.%4$s%s"
                            .formatted(table.sql(), DuckDb.name(best), DuckDb.name(STREAM), key, newer),
                    log);
            String unless = " WHERE NOT EXISTS (SELECT 1 FROM %s AS old WHERE old.%s = ? AND old.%s = loaded.%3$s)"
                    .formatted(table.sql(), DuckDb.name(STREAM), key);
            insert(session, names, values, DuckDb.name(best), commit, unless);
            DuckDb.execute(session, "DROP TABLE " + DuckDb.name(best));
        } else {
            insert(session, names, values, from, commit, "");
        }
    }

    private void insert(
            Connection session, String names, String values, String from, Delivery.Delivered commit, String where)
            throws SQLException {
        try (PreparedStatement statement = session.prepareStatement(
                "INSERT INTO %s (%s, %s, %s) SELECT %s, CAST(? AS VARCHAR(400)), CAST(? AS BIGINT) FROM %s AS loaded%s"
                        .formatted(
                                table.sql(), names, DuckDb.name(STREAM), DuckDb.name(COMMIT), values, from, where))) {
            statement.setString(1, log);
            statement.setLong(2, commit.sequence());
            if (!where.isEmpty()) {
                statement.setString(3, log);
            }
            statement.executeUpdate();
        }
    }

    private static void execute(Connection session, String sql, String parameter) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement(sql)) {
            statement.setString(1, parameter);
            statement.executeUpdate();
        }
    }

    private String declaration(List<Columns.Column> columns) {
        return columns.stream()
                .map(each -> DuckDb.name(each.name()) + " " + dialect.type(each.type()))
                .collect(Collectors.joining(", "));
    }

    /** A column as the table has it. */
    private record Existing(String name, String type, Dialect.Held held) {
        private static final Set<String> TEXTS = Set.of("text", "varchar", "bpchar", "string");

        boolean isForeign() {
            return held.base() == CellType.Base.TEXT && !TEXTS.contains(type.toLowerCase(Locale.ROOT));
        }
    }

    private List<Existing> existing(Connection session) throws SQLException {
        List<Existing> columns = new ArrayList<>();
        try (ResultSet row = session.getMetaData()
                .getColumns(
                        session.getCatalog(),
                        table.schema() == null ? session.getSchema() : table.schema(),
                        pattern(session, table.table()),
                        null)) {
            while (row.next()) {
                if (row.getString("TABLE_NAME").equals(table.table())) {
                    String type = row.getString("TYPE_NAME");
                    columns.add(new Existing(
                            row.getString("COLUMN_NAME"),
                            type,
                            dialect.held(type, row.getInt("COLUMN_SIZE"), row.getInt("DECIMAL_DIGITS"))));
                }
            }
        }
        return columns;
    }

    private static String pattern(Connection session, String name) throws SQLException {
        String escape = session.getMetaData().getSearchStringEscape();
        return name.replace(escape, escape + escape).replace("_", escape + "_").replace("%", escape + "%");
    }

    /** Columns that somebody made of another type than texts and numbers: what is loaded is cast to it. */
    private Map<String, String> foreignTypes(Connection session) throws SQLException {
        Map<String, String> types = new HashMap<>();
        for (Existing each : existing(session)) {
            if (each.isForeign()) {
                types.put(each.name(), each.type());
            }
        }
        return types;
    }

    /** Casts the rows of a batch before it is committed: a value that its column does not take would stop every delivery. */
    private void tryTypes(Rows rows) {
        inTransaction("casting what comes to the types of its columns", session -> {
            Rows fitting = fitting(session, rows);
            List<Columns.Column> all = columns(session, fitting, Drift.EVOLVE).all();
            TableName loaded = new TableName(null, DuckDb.temporary());
            DuckDb.execute(session, dialect.temporaryTable() + loaded.sql() + " (" + declaration(all) + ")");
            dialect.load(session, loaded, all, fitting);
            String cast = DuckDb.name(loaded.table() + "_cast");
            DuckDb.execute(
                    session,
                    "%s%s AS SELECT %s FROM %s"
                            .formatted(
                                    dialect.temporaryTable(),
                                    cast,
                                    values(all, foreignTypes(session)).entrySet().stream()
                                            .map(each -> each.getValue() + " AS " + each.getKey())
                                            .collect(Collectors.joining(", ")),
                                    loaded.sql()));
            DuckDb.execute(session, "DROP TABLE " + cast);
            DuckDb.execute(session, "DROP TABLE " + loaded.sql());
        });
    }

    /** Returns how each column is taken over from where it was loaded, by its name. */
    private static Map<String, String> values(List<Columns.Column> all, Map<String, String> foreign) {
        Map<String, String> values = new LinkedHashMap<>();
        for (Columns.Column each : all) {
            String name = DuckDb.name(each.name());
            String type = foreign.get(each.name());
            values.put(name, type == null ? name : "CAST(%s AS %s)".formatted(name, type));
        }
        return values;
    }

    /** Returns the columns of the table and of rows together, and makes the table have them. */
    private Columns columns(Connection session, Rows rows, Drift how) throws SQLException, IOException {
        List<Existing> before = existing(session);
        casts = before.stream().anyMatch(Existing::isForeign);
        Columns columns = new Columns(Declared.NOTHING, dialect.longestName());
        for (Existing each : before) {
            if (!each.name().equals(STREAM) && !each.name().equals(COMMIT)) {
                columns.put(each.name(), each.held());
            }
        }
        for (Map.Entry<String, CellType.Base> declared :
                Declared.of(stream.schema()).flat().entrySet()) {
            columns.declare(declared.getKey(), declared.getValue());
        }
        see(rows, columns);
        if (before.isEmpty()) {
            create(session, columns);
        } else {
            if (how == Drift.FREEZE) {
                refuseDrift(columns, before);
            }
            widen(session, columns, before);
        }
        for (Columns.Column each : columns.all()) {
            known.put(each.field(), each.type());
        }
        return columns;
    }

    private void create(Connection session, Columns columns) throws SQLException {
        createSchema(session);
        List<Columns.Column> all = columns.all();
        DuckDb.execute(
                session,
                "CREATE TABLE %s (%s%s%s VARCHAR(400), %s BIGINT)"
                        .formatted(
                                table.sql(),
                                declaration(all),
                                all.isEmpty() ? "" : ", ",
                                DuckDb.name(STREAM),
                                DuckDb.name(COMMIT)));
        Set<String> names = all.stream().map(Columns.Column::name).collect(Collectors.toSet());
        if (stream.keeps() == SinkContext.Keeps.LATEST && names.contains(MarkedForm.KEY)) {
            dialect.index(session, table, MarkedForm.KEY);
        }
        if (stream.keeps() == SinkContext.Keeps.PULLED) {
            dialect.index(session, table, names.contains(MarkedForm.DAY) ? MarkedForm.DAY : MarkedForm.PARTITION);
        }
        logger.info("{}: {}, table {} is made, with {} columns", stream.id(), dialect.name(), table, all.size() + 2);
    }

    private void createSchema(Connection session) throws SQLException {
        String schema = table.schema();
        if (schema != null) {
            DuckDb.execute(session, "CREATE SCHEMA IF NOT EXISTS " + DuckDb.name(schema));
        }
    }

    private void widen(Connection session, Columns columns, List<Existing> before) throws SQLException {
        Map<String, Existing> there =
                before.stream().collect(Collectors.toMap(Existing::name, each -> each, (one, other) -> one));
        for (String ours : List.of(STREAM, COMMIT)) {
            if (!there.containsKey(ours)) {
                add(session, ours, ours.equals(STREAM) ? "VARCHAR(400)" : "BIGINT");
            }
        }
        for (Columns.Column each : columns.all()) {
            Existing column = there.get(each.name());
            String type = dialect.type(each.type());
            if (column == null) {
                add(session, each.name(), type);
            } else if (column.held().narrow() || !type.equals(type(column.held()))) {
                DuckDb.execute(
                        session,
                        "ALTER TABLE %s ALTER COLUMN %s TYPE %s USING CAST(%2$s AS %3$s)"
                                .formatted(table.sql(), DuckDb.name(each.name()), type));
                logger.info(
                        "{}: table {}, column {} is {} now and was {}",
                        stream.id(),
                        table,
                        each.name(),
                        type,
                        column.type());
            }
        }
    }

    /** Asked before the commit only: what is committed is delivered, or the stream would stand still. */
    private void refuseDrift(Columns columns, List<Existing> before) throws UnsuitedRowsException {
        Map<String, Existing> there =
                before.stream().collect(Collectors.toMap(Existing::name, each -> each, (one, other) -> one));
        List<String> lacking = new ArrayList<>();
        for (Columns.Column each : columns.all()) {
            Existing column = there.get(each.name());
            String type = dialect.type(each.type());
            if (column == null && !each.name().startsWith("_caravan_")) {
                lacking.add("'%s' is missing, %s".formatted(each.name(), type));
            } else if (column != null && !type.equals(type(column.held()))) {
                lacking.add("'%s' is %s, and %s comes".formatted(each.name(), column.type(), type));
            }
        }
        if (!lacking.isEmpty()) {
            throw new UnsuitedRowsException(
                    "drift: freeze keeps its columns, and they do not hold what comes: %s. Change the table, choose 'fields', or say drift: evolve"
                            .formatted(String.join("; ", lacking.subList(0, Math.min(5, lacking.size())))));
        }
    }

    private String type(Dialect.Held held) {
        return dialect.type(new CellType().or(held.base(), held.whole(), held.scale()));
    }

    private void add(Connection session, String column, String type) throws SQLException {
        DuckDb.execute(session, "ALTER TABLE %s ADD COLUMN %s %s".formatted(table.sql(), DuckDb.name(column), type));
        logger.info("{}: table {} has a new column {}, {}", stream.id(), table, column, type);
    }

    private interface Work {
        void in(Connection session) throws SQLException, IOException;
    }

    private void inTransaction(String what, Work work) {
        synchronized (turn) {
            try {
                once(work);
            } catch (SQLException e) {
                if (!dialect.isPassing(e)) {
                    throw failed(what, e);
                }
                again(what, work);
            } catch (IOException e) {
                throw failed(what, e);
            }
        }
    }

    private void again(String what, Work work) {
        try {
            once(work);
        } catch (SQLException | IOException e) {
            throw failed(what, e);
        }
    }

    private void once(Work work) throws SQLException, IOException {
        try (Connection session = dialect.open()) {
            try {
                work.in(session);
                session.commit();
            } catch (UncheckedSqlException e) {
                rollback(session, e);
                throw e.cause;
            } catch (SQLException | IOException | RuntimeException e) {
                rollback(session, e);
                throw e;
            }
        }
    }

    private static void rollback(Connection session, Exception failure) {
        try {
            session.rollback();
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
    }

    private DeliveryException failed(String what, Exception e) {
        known.clear();
        String advice = e instanceof SQLException sql
                ? dialect.advice(sql)
                : e instanceof UnsuitedRowsException ? "" : "Look at the files of its commits with 'verify'.";
        return new DeliveryException(
                "%s: %s, table %s: %s failed: %s. %s"
                        .formatted(stream.id(), dialect.name(), table, what, e.getMessage(), advice)
                        .strip(),
                e);
    }
}
