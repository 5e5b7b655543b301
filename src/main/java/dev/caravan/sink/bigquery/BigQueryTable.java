package dev.caravan.sink.bigquery;

import com.google.cloud.bigquery.Clustering;
import com.google.cloud.bigquery.Field;
import com.google.cloud.bigquery.Schema;
import com.google.cloud.bigquery.StandardTableDefinition;
import com.google.cloud.bigquery.Table;
import com.google.cloud.bigquery.TableInfo;
import com.google.cloud.bigquery.TimePartitioning;
import dev.caravan.sink.Cells;
import dev.caravan.sink.Columns;
import dev.caravan.sink.Declared;
import dev.caravan.sink.Drift;
import dev.caravan.sink.MarkedForm;
import dev.caravan.sink.Rows;
import dev.caravan.sink.SinkContext;
import dev.caravan.sink.UnsuitedRowsException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The columns of a stream's table: looked at, made, added, and widened where BigQuery widens: INT64 to NUMERIC, and either to
 * BIGNUMERIC. Safe for any number of threads.
 */
final class BigQueryTable {
    static final String STREAM = "_caravan_stream";
    static final String COMMIT = "_caravan_commit";
    private static final String OURS = "_caravan_";
    private static final int SHOWN = 5;

    private final BigQuerySettings settings;
    private final String name;
    private final SinkContext stream;
    private final BigQueryCalls calls;
    private final Logger logger;
    /** As it was last seen or made; null if it was not looked at, empty if there is no table. */
    private volatile @Nullable List<BigQueryColumn> known;

    BigQueryTable(BigQuerySettings settings, String name, SinkContext stream, BigQueryCalls calls) {
        this.settings = settings;
        this.name = name;
        this.stream = stream;
        this.calls = calls;
        this.logger = LoggerFactory.getLogger("dev.caravan.stream." + stream.id());
    }

    String name() {
        return name;
    }

    void forget() {
        known = null;
    }

    /** Returns its columns, none if there is no table. */
    List<BigQueryColumn> columns() {
        List<BigQueryColumn> there = known;
        return there == null ? look() : there;
    }

    private List<BigQueryColumn> look() {
        Table table = calls.table(name);
        Schema schema = table == null ? null : table.getDefinition().getSchema();
        List<BigQueryColumn> there = schema == null
                ? List.of()
                : schema.getFields().stream().map(BigQueryColumn::of).toList();
        known = there;
        return there;
    }

    /** Returns the column of each field, by the field. */
    Map<String, BigQueryColumn> byField() {
        Map<String, BigQueryColumn> fields = new HashMap<>();
        columns().forEach(each -> fields.put(each.field(), each));
        return fields;
    }

    /** Whether it stays as it is once it is there, and what it does not hold is left out. */
    boolean isFixed() {
        return settings.drift() == Drift.DISCARD_ROW || settings.drift() == Drift.DISCARD_VALUE;
    }

    /**
     * Makes the table hold rows.
     *
     * @param how what becomes of it if it does not
     * @throws UnsuitedRowsException if it cannot, or must not
     */
    void makeReady(Rows rows, Drift how) throws IOException, SQLException {
        Plan plan = plan(columns(), rows);
        if (!plan.isReady()) {
            forget(); // others may have changed it
            plan = plan(columns(), rows);
        }
        if (isFixed() && !plan.before.isEmpty()) {
            plan = plan.onlyOurs();
        }
        if (how == Drift.FREEZE && !plan.before.isEmpty()) {
            refuseDrift(plan);
        }
        refuse(plan);
        if (!isFixed() || plan.before.isEmpty()) {
            check(plan.after(), rows);
        }
        if (plan.before.isEmpty()) {
            make(plan);
        } else {
            change(plan);
        }
    }

    /** What a table has, and what it lacks. */
    private record Plan(
            List<BigQueryColumn> before, List<BigQueryColumn> added, Map<BigQueryColumn, BigQueryType> wider) {
        boolean isReady() {
            return !before.isEmpty() && added.isEmpty() && wider.isEmpty();
        }

        /** What Caravan adds to rows has columns in every table. */
        Plan onlyOurs() {
            return new Plan(
                    before,
                    added.stream().filter(each -> each.name().startsWith(OURS)).toList(),
                    Map.of());
        }

        List<BigQueryColumn> after() {
            List<BigQueryColumn> after = new ArrayList<>();
            for (BigQueryColumn each : before) {
                BigQueryType type = wider.get(each);
                after.add(type == null ? each : BigQueryColumn.of(each.field(), each.name(), type));
            }
            after.addAll(added);
            return after;
        }
    }

    private Plan plan(List<BigQueryColumn> before, Rows rows) throws IOException, SQLException {
        Columns columns = new Columns(Declared.NOTHING, BigQueryNames.LONGEST, BigQueryNames::column);
        Map<String, BigQueryColumn> there = new HashMap<>();
        for (BigQueryColumn each : before) {
            there.put(each.name(), each);
            if (!each.name().equals(STREAM) && !each.name().equals(COMMIT)) {
                columns.put(each.field(), each.name(), each.type().seed());
                if (each.field().equals(each.name())) {
                    columns.leaveOpen(each.name());
                }
            }
        }
        Declared.of(stream.schema()).flat().forEach(columns::declare);
        Cells cells = new Cells(true);
        rows.forEach((row, length) -> cells.read(row, length, columns::take));
        List<BigQueryColumn> added = new ArrayList<>();
        Map<BigQueryColumn, BigQueryType> wider = new LinkedHashMap<>();
        for (Columns.Column each : columns.all()) {
            BigQueryColumn column = there.get(each.name());
            BigQueryType type = BigQueryType.of(each.type());
            if (column == null) {
                boolean partition = before.isEmpty() && each.field().equals(settings.partitionBy());
                added.add(BigQueryColumn.of(each.field(), each.name(), partition ? BigQueryType.TIMESTAMP : type));
            } else if (!column.type().isForeign()
                    && (column.isNarrow() || !column.type().holds(type))) {
                wider.put(column, column.type().holds(type) ? column.type() : type);
            }
        }
        addOurs(before, added);
        return new Plan(before, added, wider);
    }

    private void addOurs(List<BigQueryColumn> before, List<BigQueryColumn> added) {
        Set<String> names = new HashSet<>();
        before.forEach(each -> names.add(each.name()));
        added.forEach(each -> names.add(each.name()));
        String partition = settings.partitionBy();
        if (before.isEmpty()
                && partition != null
                && added.stream().noneMatch(each -> each.field().equals(partition))) {
            added.add(BigQueryColumn.of(partition, BigQueryNames.column(partition), BigQueryType.TIMESTAMP));
        }
        if (!names.contains(STREAM)) {
            added.add(BigQueryColumn.of(STREAM, STREAM, BigQueryType.STRING));
        }
        if (!names.contains(COMMIT)) {
            added.add(BigQueryColumn.of(COMMIT, COMMIT, BigQueryType.INT64));
        }
    }

    private void refuseDrift(Plan plan) throws UnsuitedRowsException {
        List<String> lacking = new ArrayList<>();
        for (BigQueryColumn each : plan.added) {
            if (!each.name().startsWith(OURS)) {
                lacking.add("'%s' is missing, %s".formatted(each.name(), each.type()));
            }
        }
        plan.wider.forEach((column, type) -> {
            if (column.type() != type) {
                lacking.add("'%s' is %s, and %s comes".formatted(column.name(), column.type(), type));
            }
        });
        if (!lacking.isEmpty()) {
            throw new UnsuitedRowsException(
                    "drift: freeze keeps its columns, and they do not hold what comes: %s. Change the table, choose 'fields', or say drift: evolve"
                            .formatted(some(lacking)));
        }
    }

    private static String some(List<String> all) {
        return String.join("; ", all.subList(0, Math.min(SHOWN, all.size())));
    }

    /** BigQuery changes a number into a wider one, and nothing into a text. */
    private void refuse(Plan plan) throws UnsuitedRowsException {
        List<String> narrow = new ArrayList<>();
        plan.wider.forEach((column, type) -> {
            if (!type.holds(column.type())) {
                narrow.add("'%s' is %s, and %s comes".formatted(column.name(), column.type(), type));
            }
        });
        if (!narrow.isEmpty()) {
            throw new UnsuitedRowsException(
                    "BigQuery does not widen columns so far: %s. Declare the fields in the stream's 'schema' as string and have the table made anew: drop it together with the rows of '%s' in _caravan_commits; or say drift: discard-value, discard-row, or shape: raw"
                            .formatted(some(narrow), stream.id()));
        }
    }

    /** Looks at values of columns whose types somebody chose: one that is not taken would stop every delivery. */
    private void check(List<BigQueryColumn> after, Rows rows) throws IOException, SQLException {
        Map<String, BigQueryColumn> foreign = new HashMap<>();
        Set<String> needed = new HashSet<>();
        for (BigQueryColumn each : after) {
            if (each.type().isForeign()) {
                foreign.put(each.field(), each);
            }
            if (each.needed() && !each.name().equals(STREAM) && !each.name().equals(COMMIT)) {
                needed.add(each.field());
            }
        }
        if (foreign.isEmpty() && needed.isEmpty()) {
            return;
        }
        Cells cells = new Cells(true);
        rows.forEach((row, length) -> {
            Set<String> missing = new HashSet<>(needed);
            cells.read(row, length, (field, kind, text) -> {
                BigQueryColumn column = foreign.get(field);
                if (column != null && !column.holds(kind, text)) {
                    throw new UnsuitedRowsException(
                            "column '%s' is %s and does not take '%s'. Give the column a type that takes it, or leave the field out with 'fields'"
                                    .formatted(column.name(), column.type(), Columns.cut(text, 100)));
                }
                if (kind != Cells.Kind.NULL) {
                    missing.remove(field);
                }
            });
            if (!missing.isEmpty()) {
                throw new UnsuitedRowsException(
                        "column '%s' takes no null, and a row has none of it. Relax the column to NULLABLE"
                                .formatted(missing.iterator().next()));
            }
        });
    }

    private void make(Plan plan) throws UnsuitedRowsException {
        List<BigQueryColumn> all = plan.added;
        StandardTableDefinition.Builder definition = StandardTableDefinition.newBuilder()
                .setSchema(Schema.of(all.stream().map(BigQueryColumn::toGoogle).toArray(Field[]::new)));
        String partition = settings.partitionBy();
        if (partition != null) {
            String column = all.stream()
                    .filter(each -> each.field().equals(partition))
                    .map(BigQueryColumn::name)
                    .findFirst()
                    .orElseThrow();
            definition.setTimePartitioning(TimePartitioning.newBuilder(
                            TimePartitioning.Type.valueOf(settings.per().name()))
                    .setField(column)
                    .build());
        }
        List<String> clusters = clusters(all);
        if (!clusters.isEmpty()) {
            definition.setClustering(Clustering.newBuilder().setFields(clusters).build());
        }
        calls.create(TableInfo.newBuilder(calls.id(name), definition.build()).build());
        forget();
        logger.info("{}: BigQuery, table {} is made, with {} columns", stream.id(), name, all.size());
    }

    private List<String> clusters(List<BigQueryColumn> all) throws UnsuitedRowsException {
        Map<String, BigQueryColumn> fields = new HashMap<>();
        all.forEach(each -> fields.put(each.field(), each));
        List<String> said = settings.clusterBy();
        if (said == null) {
            List<String> usual =
                    switch (stream.keeps()) {
                        case ALL -> List.of();
                        case LATEST -> List.of(STREAM, MarkedForm.KEY);
                        case PULLED -> List.of(STREAM, MarkedForm.PARTITION, MarkedForm.DAY);
                    };
            return usual.stream().filter(fields::containsKey).toList();
        }
        List<String> names = new ArrayList<>();
        for (String each : said) {
            BigQueryColumn column = fields.get(each);
            if (column == null || column.type() == BigQueryType.FLOAT64) {
                throw new UnsuitedRowsException(
                        "cluster-by '%s' is %s. Name fields of the first records, which are texts, numbers or times; of nested ones as address__city"
                                .formatted(
                                        each,
                                        column == null
                                                ? "no field of theirs"
                                                : "FLOAT64, by which BigQuery does not cluster"));
            }
            names.add(column.name());
        }
        return names;
    }

    private void change(Plan plan) {
        if (!plan.added.isEmpty()) {
            String columns = plan.added.stream()
                    .map(each -> "ADD COLUMN IF NOT EXISTS %s %s%s"
                            .formatted(BigQueryNames.sql(each.name()), each.type(), options(each)))
                    .collect(Collectors.joining(", "));
            calls.query("ALTER TABLE %s %s".formatted(calls.sql(name), columns), Map.of());
            for (BigQueryColumn each : plan.added) {
                logger.info("{}: table {} has a new column {}, {}", stream.id(), name, each.name(), each.type());
            }
        }
        plan.wider.forEach((column, type) -> {
            calls.query(
                    "ALTER TABLE %s ALTER COLUMN %s SET DATA TYPE %s"
                            .formatted(calls.sql(name), BigQueryNames.sql(column.name()), type),
                    Map.of());
            logger.info(
                    "{}: table {}, column {} is {} now and was {}",
                    stream.id(),
                    name,
                    column.name(),
                    type,
                    column.isNarrow() ? "bounded" : column.type().toString().toUpperCase(Locale.ROOT));
        });
        if (!plan.isReady()) {
            forget();
        }
    }

    private static String options(BigQueryColumn column) {
        String description = column.description();
        return description == null ? "" : " OPTIONS(description=%s)".formatted(text(description));
    }

    /** A text of SQL, with nothing in it but what stands for itself. */
    private static String text(String value) {
        StringBuilder text = new StringBuilder("'");
        value.codePoints().forEach(each -> {
            if (each < 0x80 && (Character.isLetterOrDigit(each) || each == ' ' || each == '_' || each == '-')) {
                text.append((char) each);
            } else {
                text.append("\\U%08x".formatted(each));
            }
        });
        return text.append('\'').toString();
    }
}
