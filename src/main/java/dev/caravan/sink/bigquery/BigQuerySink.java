package dev.caravan.sink.bigquery;

import com.google.cloud.bigquery.BigQueryError;
import com.google.cloud.bigquery.BigQueryException;
import com.google.cloud.bigquery.Clustering;
import com.google.cloud.bigquery.Field;
import com.google.cloud.bigquery.FieldValueList;
import com.google.cloud.bigquery.FormatOptions;
import com.google.cloud.bigquery.InsertAllRequest;
import com.google.cloud.bigquery.InsertAllResponse;
import com.google.cloud.bigquery.Job;
import com.google.cloud.bigquery.JobId;
import com.google.cloud.bigquery.JobInfo;
import com.google.cloud.bigquery.Schema;
import com.google.cloud.bigquery.StandardSQLTypeName;
import com.google.cloud.bigquery.StandardTableDefinition;
import com.google.cloud.bigquery.Table;
import com.google.cloud.bigquery.TableDataWriteChannel;
import com.google.cloud.bigquery.TableInfo;
import com.google.cloud.bigquery.WriteChannelConfiguration;
import dev.caravan.batch.Delivery;
import dev.caravan.batch.SealedFile;
import dev.caravan.batch.Sha256;
import dev.caravan.record.RecordForm;
import dev.caravan.record.SourceRecord;
import dev.caravan.sink.Cells;
import dev.caravan.sink.Columns;
import dev.caravan.sink.DeliveryException;
import dev.caravan.sink.Destination;
import dev.caravan.sink.Drift;
import dev.caravan.sink.Gathered;
import dev.caravan.sink.Line;
import dev.caravan.sink.MarkedForm;
import dev.caravan.sink.Rows;
import dev.caravan.sink.Sink;
import dev.caravan.sink.SinkContext;
import dev.caravan.sink.SinkSettings;
import dev.caravan.sink.UnsuitedRowsException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows in a table of BigQuery. A batch is committed as a file first, {@code data/<connection>/<stream>@<sink>/}; commits are gathered, on
 * the disk where they lie, and loaded together: a load job into a table of its own, then one transaction that takes the rows over and adds
 * the rows of the commits. Ids of both jobs come from the commits, so that what is asked for again is found and not done again.
 *
 * <p>What the table cannot hold never counts: columns are added, widened or refused before a batch is committed. Safe for any number of
 * threads.
 */
final class BigQuerySink implements Sink {
    private static final String COMMITS = "_caravan_commits";
    private static final String LOAD = "_caravan_load_";
    private static final Duration LOADED_KEPT = Duration.ofDays(1);

    /** A multiple of 256 KB, all of an upload that is in memory. */
    private static final int CHUNK = 2 << 20;

    private static final int BUFFER = 1 << 16;
    /** Commits of one transaction: a query has a million characters. */
    private static final int MOST_COMMITS = 500;

    /** Characters of rows that are streamed: a request has 10 MB. */
    private static final int MOST_STREAMED = 2 << 20;

    /** How long commits of slices that have ended are gathered at least: each load takes seconds, and a day has so many. */
    private static final Duration GATHERED = Duration.ofMinutes(1);

    /** Transactions of a run of which its log warns: with one an hour, a day has more than is usual. */
    private static final int MANY = 100;

    private static final long UNKNOWN = -1;

    private final BigQuerySettings settings;
    private final SinkContext stream;
    private final BigQueryCalls calls;
    private final BigQueryTable table;
    private final BigQueryScript script;
    private final String log;
    private final Sink files;
    private final Logger logger;
    private final Gathering gathering = new Gathering();

    /** Fields of which the log has said that they are left out. */
    private final Set<String> noted = ConcurrentHashMap.newKeySet();

    BigQuerySink(BigQuerySettings settings, String table, SinkContext stream, BigQueryCalls calls) {
        this.settings = settings;
        this.stream = stream;
        this.calls = calls;
        this.table = new BigQueryTable(settings, table, stream, calls);
        this.log = stream.log(settings.name());
        this.script = new BigQueryScript(calls.sql(table), calls.sql(COMMITS), log);
        this.files = SinkSettings.usual().open(stream);
        this.logger = LoggerFactory.getLogger("dev.caravan.stream." + stream.id());
    }

    @Override
    public String ending() {
        return files.ending();
    }

    @Override
    public boolean isRaw() {
        return true;
    }

    @Override
    public Delivery delivery() {
        return gathering;
    }

    @Override
    public Map<Integer, String> refused(RecordForm form, List<SourceRecord> records) {
        if (settings.drift() != Drift.DISCARD_ROW) {
            return Map.of();
        }
        return trying("looking whether it holds the rows", () -> {
            Map<String, BigQueryColumn> columns = table.byField();
            Map<Integer, String> refused = new HashMap<>();
            Line line = new Line();
            Cells cells = new Cells(true);
            for (int i = 0; i < records.size() && !columns.isEmpty(); i++) {
                int place = i;
                line.reset();
                form.write(records.get(i), line);
                cells.read(line.bytes(), line.size(), (field, kind, text) -> {
                    String reason = misfit(columns.get(field), field, kind, text);
                    if (reason != null) {
                        refused.putIfAbsent(place, reason);
                    }
                });
            }
            return refused;
        });
    }

    private static @Nullable String misfit(
            @Nullable BigQueryColumn column, String field, Cells.Kind kind, String text) {
        if (kind == Cells.Kind.NULL || field.startsWith("_caravan_")) {
            return null;
        }
        if (column == null) {
            return "drift: the table has no column for '%s'".formatted(field);
        }
        return column.holds(kind, text)
                ? null
                : "drift: its '%s' is not %s, as the table's column is".formatted(field, column.type());
    }

    @Override
    public List<SealedFile> write(Destination to, List<SourceRecord> records) {
        Destination marked = to.in(new MarkedForm(to.form(), stream.deleted(), to.portion()));
        List<SealedFile> sealed = files.write(marked, records);
        if (sealed.isEmpty()) {
            return sealed;
        }
        try {
            trying("making it ready", () -> {
                table.makeReady(Rows.of(marked.form(), records), settings.drift());
                return sealed;
            });
            return sealed;
        } catch (RuntimeException e) {
            to.discard(sealed, e);
            throw e;
        }
    }

    /** Takes commits, in order, until there are enough of them. */
    private final class Gathering implements Delivery {
        private final List<Gathered> gathered = new ArrayList<>();
        private long rows;
        /** When something was loaded last, or the lease began. */
        private Instant loaded = Instant.EPOCH;

        private int landings;
        /** The last commit that the table has; not known before it is asked under a lease. */
        private long reached = UNKNOWN;

        @Override
        public synchronized void begin() {
            forget();
            reached = UNKNOWN;
            loaded = stream.patience().now();
            landings = 0;
        }

        private void forget() {
            gathered.forEach(Gathered::close);
            gathered.clear();
            rows = 0;
        }

        @Override
        public synchronized long reached() {
            begin();
            reached = trying("asking what it has", BigQuerySink.this::reachedNow);
            return reached;
        }

        @Override
        public synchronized void deliver(Delivered commit) {
            boolean beside = !commit.replaces() && commit.portion() == null;
            if (beside && reached == UNKNOWN) {
                return; // those before it may be missing, too
            }
            String what = "delivering commit " + commit.sequence();
            if (beside && gathered.stream().anyMatch(each -> each.commit().sequence() == commit.sequence())) {
                return;
            }
            if (trying(what, () -> isDelivered(commit, reached))) {
                return;
            }
            if (!beside) {
                if (commit.replaces()) {
                    forget(); // it takes their place, and their files are gone
                }
                settle();
                land(what, List.of(commit));
                return;
            }
            gathered.add(trying(what, () -> Gathered.of(commit, stream)));
            rows += BigQueryScript.loaded(commit);
            if (rows >= settings.loadRows() || gathered.size() >= MOST_COMMITS) {
                settle();
            }
        }

        @Override
        public synchronized void sliceEnded() {
            if (!loaded.plus(GATHERED).isAfter(stream.patience().now())) {
                settle();
            }
        }

        @Override
        public synchronized void settle() {
            if (gathered.isEmpty()) {
                return;
            }
            List<Delivered> group = gathered.stream().map(Gathered::commit).toList();
            land(
                    "delivering commits %d to %d"
                            .formatted(
                                    group.get(0).sequence(),
                                    group.get(group.size() - 1).sequence()),
                    group);
            forget(); // what failed stays, and goes before what comes
        }

        private void land(String what, List<Delivered> group) {
            trying(what, () -> {
                BigQuerySink.this.land(group);
                return group;
            });
            reached = Math.max(reached, group.get(group.size() - 1).sequence());
            loaded = stream.patience().now();
            if (++landings == MANY) {
                logger.warn(
                        "{}: table {}: {} transactions in this run, and as many jobs that load; quotas count both. Slices that take the place of others are delivered one by one: a longer 'window', or fewer partitions, makes fewer",
                        stream.id(),
                        place(),
                        landings);
            }
        }

        @Override
        public Optional<Tally> tally() {
            return Optional.of(trying("counting its rows", BigQuerySink.this::counted));
        }
    }

    private long reachedNow() {
        return asked("SELECT COALESCE(MAX(sequence), 0) FROM %s WHERE stream = @log".formatted(calls.sql(COMMITS)))
                .get(0)
                .get(0)
                .getLongValue();
    }

    private List<FieldValueList> asked(String sql) {
        try {
            return calls.query(sql, Map.of("log", log));
        } catch (BigQueryException e) {
            if (e.getCode() != 404) {
                throw e;
            }
            makeCommits();
            return calls.query(sql, Map.of("log", log));
        }
    }

    private void makeCommits() {
        Schema schema = Schema.of(
                Field.of("stream", StandardSQLTypeName.STRING),
                Field.of("sequence", StandardSQLTypeName.INT64),
                Field.of("epoch", StandardSQLTypeName.INT64),
                Field.of("run", StandardSQLTypeName.STRING),
                Field.of("loaded", StandardSQLTypeName.INT64),
                Field.of("sha256", StandardSQLTypeName.STRING));
        calls.create(TableInfo.of(
                calls.id(COMMITS),
                StandardTableDefinition.newBuilder()
                        .setSchema(schema)
                        .setClustering(Clustering.newBuilder()
                                .setFields(List.of("stream"))
                                .build())
                        .build()));
    }

    private Delivery.Tally counted() {
        boolean any = table.columns().stream().anyMatch(each -> each.name().equals(BigQueryTable.STREAM));
        String rows = any
                ? "(SELECT COUNT(*) FROM %s WHERE %s = @log)"
                        .formatted(calls.sql(table.name()), BigQueryNames.sql(BigQueryTable.STREAM))
                : "0";
        FieldValueList row = asked("SELECT COALESCE(MAX(sequence), 0), %s FROM %s WHERE stream = @log"
                        .formatted(rows, calls.sql(COMMITS)))
                .get(0);
        return new Delivery.Tally(
                row.get(0).getLongValue(),
                row.get(1).getLongValue(),
                "table " + place(),
                stream.keeps() == SinkContext.Keeps.LATEST);
    }

    /**
     * Returns whether a commit was delivered before.
     *
     * @param reached the last one that the table has, if that is known
     * @throws DeliveryException if the table has commits that this log does not know
     */
    private boolean isDelivered(Delivery.Delivered commit, long reached) {
        if (reached != UNKNOWN && commit.sequence() > reached) {
            return false;
        }
        List<FieldValueList> there = asked("SELECT sequence, sha256 FROM %s WHERE stream = @log AND sequence >= %d"
                .formatted(calls.sql(COMMITS), commit.sequence()));
        boolean other = false;
        for (FieldValueList row : there) {
            if (row.get(0).getLongValue() == commit.sequence()) {
                if (row.get(1).getStringValue().equals(commit.hash())) {
                    return true;
                }
                other = true;
            }
        }
        if (!there.isEmpty() && !other && commit.portion() != null) {
            return true; // what counts was delivered with a later one, after the table had been lost
        }
        if (!there.isEmpty()) {
            throw new DeliveryException(
                    "%s: sink '%s', BigQuery, table %s: it has commits from %d on that are not of this folder of data. Point caravan.data to the folder they are of; or drop the table, and the rows of '%s' in %s, to begin anew"
                            .formatted(stream.id(), settings.name(), place(), commit.sequence(), log, COMMITS),
                    new IllegalStateException("commit " + commit.sequence()));
        }
        return false;
    }

    /** Returns an id that says what is done, the same for whoever does it. */
    private String id(List<String> parts) {
        MessageDigest digest = Sha256.digest();
        for (String each : parts) {
            digest.update(each.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
        }
        return Sha256.hex(digest).substring(0, 32);
    }

    private void land(List<Delivery.Delivered> group) throws IOException, SQLException {
        boolean any = group.stream().anyMatch(each -> !each.files().isEmpty());
        String loaded = null;
        List<BigQueryColumn> columns = List.of();
        if (any) {
            table.makeReady(BigQueryRows.of(group), Drift.EVOLVE);
            columns = table.columns().stream()
                    .filter(each -> each.type() != BigQueryType.OTHER)
                    .filter(each -> !each.name().equals(BigQueryTable.STREAM)
                            && !each.name().equals(BigQueryTable.COMMIT))
                    .toList();
            loaded = isStreamed(group) && stream(group) ? null : load(group, columns);
        }
        List<String> names = columns.stream().map(BigQueryColumn::name).toList();
        Set<String> there = table.columns().stream().map(BigQueryColumn::name).collect(Collectors.toSet());
        boolean latest = stream.keeps() == SinkContext.Keeps.LATEST && names.contains(MarkedForm.KEY);
        BigQueryScript.Bound bound = script.of(
                group,
                loaded == null ? null : calls.sql(loaded),
                names,
                latest,
                there,
                group.stream().map(Delivery.Delivered::hash).toList());
        Delivery.Delivered first = group.get(0);
        // Known by its first commit alone: whoever begins there, with however many, finds what was begun there.
        String base = "caravan_take_" + id(List.of(place(), log, Long.toString(first.sequence()), first.hash()));
        long last = group.get(group.size() - 1).sequence();
        boolean ours = calls.once(
                base,
                job -> calls.client()
                        .create(JobInfo.of(job, BigQueryCalls.configuration(bound.sql(), bound.parameters()))),
                () -> reachedNow() >= first.sequence());
        if (loaded != null) {
            calls.delete(loaded);
        }
        long reached = ours ? last : reachedNow();
        if (reached < last) {
            land(group.stream().filter(each -> each.sequence() > reached).toList());
        }
    }

    /** Few rows of a stream whose rows only ever come need no job. */
    private boolean isStreamed(List<Delivery.Delivered> group) {
        boolean beside = group.stream().noneMatch(each -> each.replaces() || each.portion() != null);
        long rows = group.stream().mapToLong(BigQueryScript::loaded).sum();
        return beside && stream.keeps() == SinkContext.Keeps.ALL && rows < settings.streamBelow();
    }

    /**
     * Streams rows, under ids of which BigQuery takes each once within a minute or so. What breaks off before the commits are noted is
     * sent again: at least once.
     *
     * @return whether it was done; rows may be too large for it, or the table so new that it takes none yet
     */
    private boolean stream(List<Delivery.Delivered> group) throws IOException {
        List<InsertAllRequest.RowToInsert> rows = new ArrayList<>();
        long[] length = new long[1];
        new BigQueryRows(group, table.byField(), this::leftOut).forEach(values -> {
            String sequence = String.valueOf(values.get(BigQueryTable.COMMIT));
            Object key = values.get(MarkedForm.KEY);
            Object place = values.remove(BigQueryRows.PLACE);
            values.put(BigQueryTable.STREAM, log);
            values.values().forEach(each -> length[0] += each.toString().length());
            if (length[0] < MOST_STREAMED) {
                rows.add(InsertAllRequest.RowToInsert.of(
                        id(List.of(log, sequence, String.valueOf(key == null ? place : key))), values));
            }
        });
        if (length[0] >= MOST_STREAMED) {
            return false;
        }
        try {
            InsertAllResponse answer = calls.call(() -> calls.client()
                    .insertAll(InsertAllRequest.newBuilder(calls.id(table.name()), rows)
                            .build()));
            if (answer.hasErrors()) {
                BigQueryError error =
                        answer.getInsertErrors().values().iterator().next().get(0);
                throw new BigQueryException(400, "a row was refused: " + error.getMessage(), error);
            }
            return true;
        } catch (BigQueryException e) {
            if (e.getCode() == 404) {
                return false;
            }
            throw e;
        }
    }

    /** Loads rows into a table of their own and returns its name. */
    private String load(List<Delivery.Delivered> group, List<BigQueryColumn> columns) {
        List<String> parts = new ArrayList<>(List.of(place(), log));
        group.forEach(each -> parts.add(each.sequence() + " " + each.hash()));
        columns.forEach(each -> parts.add(each.name() + " " + each.type()));
        String id = id(parts);
        String name = LOAD + id;
        List<Field> fields = new ArrayList<>();
        columns.forEach(each -> fields.add(Field.of(each.name(), each.type().google())));
        fields.add(Field.of(BigQueryTable.COMMIT, StandardSQLTypeName.INT64));
        fields.add(Field.of(BigQueryRows.PLACE, StandardSQLTypeName.INT64));
        Schema schema = Schema.of(fields);
        TableInfo table = TableInfo.newBuilder(calls.id(name), StandardTableDefinition.of(schema))
                .setExpirationTime(System.currentTimeMillis() + LOADED_KEPT.toMillis())
                .build();
        long rows = group.stream().mapToLong(BigQueryScript::loaded).sum();
        Map<String, BigQueryColumn> byField =
                columns.stream().collect(Collectors.toMap(BigQueryColumn::field, each -> each, (one, two) -> one));
        WriteChannelConfiguration how = WriteChannelConfiguration.newBuilder(calls.id(name))
                .setFormatOptions(FormatOptions.json())
                .setSchema(schema)
                .setCreateDisposition(JobInfo.CreateDisposition.CREATE_IF_NEEDED)
                .setWriteDisposition(JobInfo.WriteDisposition.WRITE_TRUNCATE)
                .build();
        calls.once(
                "caravan_load_" + id,
                job -> {
                    calls.create(table);
                    return upload(job, how, new BigQueryRows(group, byField, this::leftOut));
                },
                () -> isLoaded(name, rows));
        return name;
    }

    /** What an earlier job loaded may have gone since. */
    private boolean isLoaded(String name, long rows) {
        Table there = calls.table(name);
        return there != null
                && (there.getNumRows() == null || there.getNumRows().longValue() == rows);
    }

    private @Nullable Job upload(JobId id, WriteChannelConfiguration how, BigQueryRows rows) throws IOException {
        TableDataWriteChannel channel = calls.client().writer(id, how);
        channel.setChunkSize(CHUNK);
        try (OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER)) {
            rows.write(out);
        }
        return channel.getJob();
    }

    private void leftOut(String field) {
        if (noted.size() < Columns.MOST && noted.add(field)) {
            logger.info(
                    "{}: table {} does not hold what comes as '{}', drift: {}",
                    stream.id(),
                    table.name(),
                    field,
                    settings.drift());
        }
    }

    private String place() {
        return "%s.%s.%s".formatted(settings.project(), settings.dataset(), table.name());
    }

    private interface Work<T> {
        T done() throws IOException, SQLException;
    }

    private <T> T trying(String what, Work<T> work) {
        try {
            return work.done();
        } catch (IOException | SQLException | BigQueryException e) {
            table.forget();
            throw failed(what, e);
        }
    }

    private DeliveryException failed(String what, Exception e) {
        String advice = e instanceof BigQueryException known
                ? calls.advice(known)
                : e instanceof UnsuitedRowsException ? "" : "Look at the files of its commits with 'verify'.";
        return new DeliveryException(
                "%s: sink '%s', BigQuery, table %s: %s failed: %s. %s"
                        .formatted(stream.id(), settings.name(), place(), what, e.getMessage(), advice)
                        .strip(),
                e);
    }
}
