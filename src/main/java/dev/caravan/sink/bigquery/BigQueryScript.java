package dev.caravan.sink.bigquery;

import dev.caravan.batch.Delivery;
import dev.caravan.batch.Portion;
import dev.caravan.sink.MarkedForm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The transaction that takes rows over from where they were loaded, together with the rows of their commits. Done a second time it
 * changes nothing: each statement looks whether the commits are there.
 *
 * @param table as SQL has it
 * @param commits table of the commits, as SQL has it
 * @param log name of the log of commits
 */
record BigQueryScript(String table, String commits, String log) {
    private static final String STREAM = BigQueryNames.sql(BigQueryTable.STREAM);
    private static final String COMMIT = BigQueryNames.sql(BigQueryTable.COMMIT);

    /** A script and its parameters. */
    record Bound(String sql, Map<String, String> parameters) {}

    /**
     * @param loaded where the rows are, as SQL has it; null if there are none
     * @param columns names of the columns that are loaded, without stream and commit
     * @param latest whether of each key the latest version is kept
     * @param there names of the columns that the table has
     * @param hashes what each commit is known by
     */
    Bound of(
            List<Delivery.Delivered> group,
            @Nullable String loaded,
            List<String> columns,
            boolean latest,
            Set<String> there,
            List<String> hashes) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("log", log);
        StringBuilder sql = new StringBuilder("BEGIN TRANSACTION;\n");
        Delivery.Delivered first = group.get(0);
        String unless = "NOT EXISTS (SELECT 1 FROM %s AS done WHERE done.stream = @log AND done.sequence >= %d)"
                .formatted(commits, first.sequence());
        delete(sql, first, unless, there, parameters);
        if (loaded != null) {
            sql.append(latest ? merge(loaded, columns, unless) : insert(loaded, columns, unless));
        }
        note(sql, group, unless, hashes, parameters);
        sql.append("COMMIT TRANSACTION;\n");
        return new Bound(sql.toString(), parameters);
    }

    private void delete(
            StringBuilder sql,
            Delivery.Delivered commit,
            String unless,
            Set<String> there,
            Map<String, String> parameters) {
        Portion portion = commit.portion();
        String where = "";
        if (!commit.replaces() && portion != null) {
            where = " AND kept.%s = @portion".formatted(BigQueryNames.sql(MarkedForm.PARTITION));
            parameters.put("portion", MarkedForm.shortened(portion.partition()));
            if (portion.from() != null) {
                String day = BigQueryNames.sql(MarkedForm.DAY);
                where += " AND kept.%s >= @from_day AND kept.%s < @to_day".formatted(day, day);
                parameters.put("from_day", String.valueOf(portion.from()));
                parameters.put("to_day", String.valueOf(portion.to()));
            }
        } else if (!commit.replaces()) {
            return;
        }
        if (!there.containsAll(marks(commit.replaces() ? null : portion))) {
            return; // none was ever delivered
        }
        sql.append("DELETE FROM %s kept WHERE kept.%s = @log%s AND %s;\n".formatted(table, STREAM, where, unless));
    }

    private static Set<String> marks(@Nullable Portion portion) {
        if (portion == null) {
            return Set.of(BigQueryTable.STREAM);
        }
        return portion.from() == null
                ? Set.of(BigQueryTable.STREAM, MarkedForm.PARTITION)
                : Set.of(BigQueryTable.STREAM, MarkedForm.PARTITION, MarkedForm.DAY);
    }

    private String insert(String loaded, List<String> columns, String unless) {
        String names =
                columns.stream().map(each -> BigQueryNames.sql(each) + ", ").collect(Collectors.joining());
        return "INSERT INTO %s (%s%s, %s) SELECT %s@log, %s FROM %s WHERE %s;\n"
                .formatted(table, names, STREAM, COMMIT, names, COMMIT, loaded, unless);
    }

    private String merge(String loaded, List<String> columns, String unless) {
        String key = BigQueryNames.sql(MarkedForm.KEY);
        boolean cursored = columns.contains(MarkedForm.CURSOR);
        String cursor = BigQueryNames.sql(MarkedForm.CURSOR);
        String order = (cursored ? cursor + " DESC, " : "") + COMMIT + " DESC, " + BigQueryNames.sql(BigQueryRows.PLACE)
                + " DESC";
        String newer = cursored ? " AND (kept.%s IS NULL OR came.%1$s >= kept.%1$s)".formatted(cursor) : "";
        List<String> names = columns.stream().map(BigQueryNames::sql).toList();
        return """
                MERGE INTO %s AS kept
                USING (SELECT * FROM %s WHERE %s QUALIFY ROW_NUMBER() OVER (PARTITION BY %s ORDER BY %s) = 1) AS came
                ON kept.%s = @log AND kept.%s = came.%4$s
                WHEN MATCHED%s THEN UPDATE SET %s, %s = came.%10$s
                WHEN NOT MATCHED THEN INSERT (%s, %s, %s) VALUES (%s, @log, came.%13$s);
                """.formatted(
                        table,
                        loaded,
                        unless,
                        key,
                        order,
                        STREAM,
                        key,
                        newer,
                        names.stream().map(each -> each + " = came." + each).collect(Collectors.joining(", ")),
                        COMMIT,
                        String.join(", ", names),
                        STREAM,
                        COMMIT,
                        names.stream().map(each -> "came." + each).collect(Collectors.joining(", ")));
    }

    private void note(
            StringBuilder sql,
            List<Delivery.Delivered> group,
            String unless,
            List<String> hashes,
            Map<String, String> parameters) {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < group.size(); i++) {
            Delivery.Delivered each = group.get(i);
            parameters.put("run_" + i, each.run());
            parameters.put("hash_" + i, hashes.get(i));
            rows.append(i == 0 ? "" : " UNION ALL ")
                    .append(
                            "SELECT @log AS stream, %d AS sequence, %d AS epoch, @run_%d AS run, %d AS loaded, @hash_%3$d AS sha256"
                                    .formatted(each.sequence(), each.epoch(), i, loaded(each)));
        }
        sql.append(
                "INSERT INTO %s (stream, sequence, epoch, run, loaded, sha256) SELECT * FROM (%s) AS made WHERE %s;\n"
                        .formatted(commits, rows, unless));
    }

    static long loaded(Delivery.Delivered commit) {
        return commit.files().stream().mapToLong(Delivery.Part::rows).sum();
    }
}
