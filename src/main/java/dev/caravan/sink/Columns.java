package dev.caravan.sink;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The columns that rows need: their names and the narrowest types that hold every value. One thread.
 *
 * <p>Readers of tables do not tell upper case from lower, so of names that differ in case only all but the first get a number.
 */
final class Columns {
    /** More columns than this are no table any more, but names that are values. */
    static final int MOST = 2000;

    private final Map<String, Column> byField = new LinkedHashMap<>();
    private final Set<String> taken = new HashSet<>();
    private final int longestName;

    /** @param longestName bytes of a name at most */
    Columns(Declared declared, int longestName) {
        this.longestName = longestName;
        declared.flat().forEach((field, base) -> of(field).type.or(base, 0, 0));
    }

    /**
     * One of the columns.
     *
     * @param field name of the cells that it holds
     * @param name name in the file or table
     * @param position from 0
     */
    record Column(String field, String name, int position, CellType type) {}

    /** @throws IOException if there are too many */
    static void check(int columns) throws IOException {
        if (columns > MOST) {
            throw new UnsuitedRowsException(
                    "more than %,d columns: names in the records seem to be values; use 'shape: raw', or 'sink: ndjson'"
                            .formatted(MOST));
        }
    }

    /** Takes a cell into account. */
    void take(String field, Cells.Kind kind, String text) throws IOException {
        of(field).type.take(kind, text);
        check(byField.size());
    }

    private Column of(String field) {
        Column known = byField.get(field);
        if (known == null) {
            known = new Column(field, free(field), byField.size(), new CellType());
            byField.put(field, known);
        }
        return known;
    }

    private String free(String field) {
        String base = cut(field.isEmpty() ? "_" : field.replace('\0', '_'), longestName);
        String name = base;
        for (int i = 2; !taken.add(name.toLowerCase(Locale.ROOT)); i++) {
            String suffix = "_" + i;
            name = cut(base, longestName - suffix.length()) + suffix;
        }
        return name;
    }

    /** A character is not cut in half. */
    private static String cut(String name, int bytes) {
        int length = 0;
        for (int i = 0; i < name.length(); ) {
            int point = name.codePointAt(i);
            length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
            if (length > bytes) {
                return name.substring(0, i);
            }
            i += Character.charCount(point);
        }
        return name;
    }

    /** Returns the column of a field that was taken into account. */
    Column column(String field) throws IOException {
        Column column = byField.get(field);
        if (column == null) {
            throw new IOException("A record has another field at its second reading: " + field);
        }
        return column;
    }

    Collection<Column> all() {
        return List.copyOf(byField.values());
    }

    /** Returns the columns as DuckDB declares them. */
    String declaration() {
        List<String> columns = new ArrayList<>();
        byField.values().forEach(each -> columns.add(DuckDb.name(each.name()) + " " + DuckDb.type(each.type())));
        return String.join(", ", columns);
    }
}
