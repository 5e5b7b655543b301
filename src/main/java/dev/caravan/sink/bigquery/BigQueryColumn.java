package dev.caravan.sink.bigquery;

import com.google.cloud.bigquery.Field;
import dev.caravan.sink.Cells;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A column as the table has it, or will have it.
 *
 * @param field name of the cells that it holds
 * @param name in the table
 * @param needed whether it takes no null
 * @param digits before and behind the point, for a decimal that somebody has bounded, 0 for the usual
 * @param scale digits behind the point of such a decimal
 * @param longest characters of a text that somebody has bounded, 0 for no bound
 */
record BigQueryColumn(
        String field, String name, BigQueryType type, boolean needed, int digits, int scale, int longest) {
    /** Bytes of a description at most. */
    private static final int LONGEST_DESCRIPTION = 1000;

    /** A column that a table gets. */
    static BigQueryColumn of(String field, String name, BigQueryType type) {
        return new BigQueryColumn(field, name, type, false, 0, 0, 0);
    }

    /** The name of the field is in the description where it is not that of the column. */
    static BigQueryColumn of(Field column) {
        String description = column.getDescription();
        String name = column.getName();
        boolean repeated = Field.Mode.REPEATED.equals(column.getMode());
        boolean other = description != null
                && !description.isEmpty()
                && !description.equals(name)
                && BigQueryNames.column(description).equalsIgnoreCase(withoutNumber(name, description));
        return new BigQueryColumn(
                other ? description : name,
                name,
                repeated
                        ? BigQueryType.OTHER
                        : BigQueryType.shown(column.getType().name()),
                Field.Mode.REQUIRED.equals(column.getMode()),
                number(column.getPrecision()),
                number(column.getScale()),
                number(column.getMaxLength()));
    }

    private static String withoutNumber(String name, String field) {
        String plain = BigQueryNames.column(field);
        return name.toLowerCase(Locale.ROOT).startsWith(plain.toLowerCase(Locale.ROOT) + "_")
                        && name.substring(plain.length() + 1).matches("\\d+")
                ? name.substring(0, plain.length())
                : name;
    }

    private static int number(@Nullable Long value) {
        return value == null ? 0 : (int) Math.min(value, Integer.MAX_VALUE);
    }

    /** Returns what describes it in the table, null if its name says all. */
    @Nullable
    String description() {
        return field.equals(name) || field.getBytes(StandardCharsets.UTF_8).length > LONGEST_DESCRIPTION ? null : field;
    }

    /** Whether it has a bound that its type has not. */
    boolean isNarrow() {
        return digits > 0 || longest > 0;
    }

    boolean holds(Cells.Kind kind, String text) {
        if (kind == Cells.Kind.NULL) {
            return true;
        }
        if (!type.holds(kind, text) || (longest > 0 && text.codePointCount(0, text.length()) > longest)) {
            return false;
        }
        if (digits == 0) {
            return true;
        }
        BigDecimal value = new BigDecimal(text);
        return value.scale() <= scale && value.precision() - value.scale() <= digits - scale;
    }

    Field toGoogle() {
        Field.Builder column = Field.newBuilder(name, type.google());
        String description = description();
        return (description == null ? column : column.setDescription(description)).build();
    }
}
