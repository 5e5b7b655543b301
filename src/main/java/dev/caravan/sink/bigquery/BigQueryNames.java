package dev.caravan.sink.bigquery;

import java.util.Locale;
import java.util.Set;

/** Names as BigQuery takes them everywhere: letters, digits and {@code _}, no digit first, none that it keeps for itself. */
final class BigQueryNames {
    /** Bytes of a column's name at most. */
    static final int LONGEST = 300;

    private static final Set<String> RESERVED = Set.of(
            "_table_",
            "_file_",
            "_partition",
            "_row_timestamp",
            "__root__",
            "_colidentifier",
            "_change_sequence_number",
            "_change_type");

    private BigQueryNames() {}

    /** Returns the name of the column for a field. */
    static String column(String field) {
        StringBuilder name = new StringBuilder(field.length());
        field.codePoints().forEach(each -> name.append(isPlain(each) ? (char) each : '_'));
        String lower = name.toString().toLowerCase(Locale.ROOT);
        boolean kept = RESERVED.stream().anyMatch(lower::startsWith);
        boolean digit = name.length() > 0 && Character.isDigit(name.charAt(0));
        return kept ? "f" + name : digit ? "_" + name : name.toString();
    }

    private static boolean isPlain(int point) {
        return (point >= 'a' && point <= 'z')
                || (point >= 'A' && point <= 'Z')
                || (point >= '0' && point <= '9')
                || point == '_';
    }

    /** Returns a name as it is written in SQL. */
    static String sql(String name) {
        return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`";
    }
}
