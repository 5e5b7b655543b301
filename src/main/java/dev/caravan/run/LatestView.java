package dev.caravan.run;

import dev.caravan.Stream;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.json.JsonPath;
import dev.caravan.slice.Where;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * SQL for DuckDB: a view of the latest row of each key over the files of a stream, whatever their format. It reads folders, so it
 * sees what is committed a moment after its commit. Immutable.
 */
final class LatestView {
    private final StreamDefinition definition;
    private final Stream.Shape shape;
    private final String folder;
    private final String ending;

    /**
     * @param folder of the stream's files, a path or the address of a bucket
     * @param ending of the files, {@code ndjson.gz} or {@code parquet} for example
     * @throws PullException if the stream has no key, and rows of it may be versions of one record
     */
    LatestView(StreamDefinition definition, Stream.Shape shape, String folder, String ending) {
        this.definition = definition;
        this.shape = shape;
        this.folder = folder;
        this.ending = ending;
        if (definition.stream().key().isEmpty()
                && !definition.stream().disposition().replaces()) {
            throw new PullException(
                    Remedy.STOP, "%s: a view of the latest rows needs a 'key'".formatted(definition.id()));
        }
    }

    /** Returns the statement. */
    String sql() {
        Stream stream = definition.stream();
        if (stream.disposition().replaces()) {
            return "CREATE OR REPLACE VIEW %s AS SELECT * EXCLUDE (filename) FROM %s;%n"
                    .formatted(name(definition.id().replace('-', '_')), source());
        }
        Stream.Cursor cursor = stream.cursor();
        Where deleted = stream.deleted();
        return """
                CREATE OR REPLACE VIEW %s AS
                SELECT * EXCLUDE (filename, _caravan_rank) FROM (
                  SELECT *, row_number() OVER (PARTITION BY %s ORDER BY %s_caravan_extracted_at DESC, filename DESC)
                    AS _caravan_rank
                  FROM %s
                ) WHERE _caravan_rank = 1%s;
                """.formatted(
                        name(definition.id().replace('-', '_')),
                        stream.key().stream().map(this::text).collect(Collectors.joining(", ")),
                        cursor == null
                                ? ""
                                : order("coalesce(%s)"
                                                .formatted(cursor.places().stream()
                                                        .map(this::text)
                                                        .collect(Collectors.joining(", "))))
                                        + " DESC NULLS LAST, ",
                        source(),
                        deleted == null ? "" : " AND NOT coalesce(" + holds(deleted) + ", false)");
    }

    private String source() {
        String files = quoted(folder + "/[!_]*/*." + ending);
        String both = "union_by_name = true, filename = true, hive_partitioning = true";
        if (ending.equals("parquet")) {
            return "read_parquet(%s, %s)".formatted(files, both);
        }
        return ending.startsWith("csv")
                ? "read_csv(%s, header = true, all_varchar = true, allow_quoted_nulls = false, %s)"
                        .formatted(files, both)
                : "read_json(%s, format = 'newline_delimited', maximum_object_size = 33554432, sample_size = -1, %s)"
                        .formatted(files, both);
    }

    /** Returns the text of a field of the record, as SQL. */
    private String text(JsonPath path) {
        String plain = path.toString();
        List<String> steps = Arrays.asList((plain.startsWith("$.") ? plain.substring(2) : plain).split("\\.", -1));
        if (shape == Stream.Shape.RAW) {
            return "json_extract_string(raw_data, %s)".formatted(quoted(pointer(steps)));
        }
        if (steps.size() == 1) {
            return "CAST(%s AS VARCHAR)".formatted(name(steps.get(0)));
        }
        if (ending.equals("parquet")) {
            return "CAST(%s AS VARCHAR)".formatted(name(String.join("__", steps)));
        }
        String first = name(steps.get(0));
        return "json_extract_string(%s, %s)"
                .formatted(
                        ending.startsWith("csv") ? first : "to_json(" + first + ")",
                        quoted(pointer(steps.subList(1, steps.size()))));
    }

    private static String pointer(List<String> steps) {
        return steps.stream()
                .map(step -> "/" + step.replace("~", "~0").replace("/", "~1"))
                .collect(Collectors.joining());
    }

    /** Times are compared as times, numbers as numbers. */
    private static String order(String text) {
        return "coalesce(try_cast(%s AS DECIMAL(38, 9)), epoch_us(try_cast(%1$s AS TIMESTAMPTZ)))".formatted(text);
    }

    private String holds(Where where) {
        String value = text(where.path());
        String sign = where.sign();
        if (sign == null) {
            return "(%s IS NOT NULL AND %1$s NOT IN ('', 'false', '0'))".formatted(value);
        }
        String other = quoted(where.value());
        String numbers = "try_cast(%s AS DOUBLE) %s try_cast(%s AS DOUBLE)"
                .formatted(value, sign.equals("==") ? "=" : sign, other);
        boolean isNull = where.value().equals("null");
        return switch (sign) {
            case "==" ->
                isNull ? value + " IS NULL" : "(%s = %s OR coalesce(%s, false))".formatted(value, other, numbers);
            case "!=" -> isNull ? value + " IS NOT NULL" : "(%s IS DISTINCT FROM %s)".formatted(value, other);
            default -> "(" + numbers + ")";
        };
    }

    private static String name(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
