package dev.caravan.sink;

import dev.caravan.batch.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The columns that rows need: their names and the narrowest types that hold every value. One thread.
 *
 * <p>Readers of tables do not tell upper case from lower, so of names that differ in case only all but the first get a number.
 */
public final class Columns {
    /** More columns than this are no table any more, but names that are values. */
    public static final int MOST = 2000;

    private static final int HASH = 8;

    private final Map<String, Column> byField = new LinkedHashMap<>();
    private final Map<String, String> taken = new HashMap<>();
    private final Set<String> unclaimed = new HashSet<>();
    private final int longestName;
    private final UnaryOperator<String> naming;

    /** @param longestName bytes of a name at most */
    Columns(Declared declared, int longestName) {
        this(declared, longestName, field -> field.replace('\0', '_'));
    }

    /** @param naming makes a name of a field's, without what names may not have */
    public Columns(Declared declared, int longestName, UnaryOperator<String> naming) {
        this.longestName = longestName;
        this.naming = naming;
        declared.flat().forEach(this::declare);
    }

    /** Makes room for a field that a schema declares. */
    public void declare(String field, CellType.Base base) {
        of(field).type.or(base, 0, 0);
    }

    /**
     * One of the columns.
     *
     * @param field name of the cells that it holds
     * @param name name in the file or table
     * @param position from 0
     */
    public record Column(String field, String name, int position, CellType type) {}

    /** @throws IOException if there are too many */
    static void check(int columns) throws IOException {
        if (columns > MOST) {
            throw new UnsuitedRowsException(
                    "more than %,d columns: names in the records seem to be values; use 'shape: raw', or 'sink: ndjson'"
                            .formatted(MOST));
        }
    }

    /** Takes a cell into account. */
    public void take(String field, Cells.Kind kind, String text) throws IOException {
        of(field).type.take(kind, text);
        check(byField.size());
    }

    /**
     * Makes room for a column that a table has. A field of its name belongs to it; so does one that differs in case only from another
     * column, if this bears its number.
     */
    void put(String name, Dialect.Held held) {
        put(name, name, new CellType().or(held.base(), held.whole(), held.scale()));
        unclaimed.add(name);
    }

    /** Makes room for a column that a table has for a field. */
    public void put(String field, String name, CellType type) {
        byField.put(field, new Column(field, name, byField.size(), type));
        taken.put(name.toLowerCase(Locale.ROOT), name);
    }

    /** Says of a column that was put for a field of its own name that another field may be meant. */
    public void leaveOpen(String name) {
        unclaimed.add(name);
    }

    private Column of(String field) {
        Column known = byField.get(field);
        if (known != null) {
            unclaimed.remove(field);
            return known;
        }
        String base = fitting(field.isEmpty() ? "_" : naming.apply(field));
        String name = base;
        for (int i = 2; taken.containsKey(name.toLowerCase(Locale.ROOT)); i++) {
            String there = taken.getOrDefault(name.toLowerCase(Locale.ROOT), name);
            boolean made = !name.equals(field) && there.equals(name);
            if (made && unclaimed.remove(there)) {
                return claim(field, there);
            }
            String suffix = "_" + i;
            name = cut(base, longestName - suffix.length()) + suffix;
        }
        taken.put(name.toLowerCase(Locale.ROOT), name);
        Column made = new Column(field, name, byField.size(), new CellType());
        byField.put(field, made);
        return made;
    }

    /** The column of a table turns out to be that of a field whose name it could not bear. */
    private Column claim(String field, String name) {
        Column there = byField.remove(name);
        if (there == null) {
            throw new IllegalStateException("Not a column: " + name);
        }
        Column claimed = new Column(field, name, there.position(), there.type());
        byField.put(field, claimed);
        return claimed;
    }

    /** A name that is too long ends with a hash of it. */
    private String fitting(String name) {
        if (name.getBytes(StandardCharsets.UTF_8).length <= longestName) {
            return name;
        }
        MessageDigest digest = Sha256.digest();
        digest.update(name.getBytes(StandardCharsets.UTF_8));
        return cut(name, longestName - HASH - 1) + "_" + Sha256.hex(digest).substring(0, HASH);
    }

    /** Returns as much of a name as fits; a character is not cut in half. */
    public static String cut(String name, int bytes) {
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

    /** Finds the place of a field among columns. */
    interface Places {
        int of(String field) throws IOException;
    }

    static Places places(List<Column> columns) {
        Map<String, Integer> places = new HashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            places.put(columns.get(i).field(), i);
        }
        return field -> {
            Integer place = places.get(field);
            if (place == null) {
                throw new IOException("A record has another field at its second reading: " + field);
            }
            return place;
        };
    }

    /** Returns all columns by their position. */
    public List<Column> all() {
        return byField.values().stream()
                .sorted(Comparator.comparingInt(Column::position))
                .toList();
    }

    /** Returns the columns as DuckDB declares them. */
    String declaration() {
        List<String> columns = new ArrayList<>();
        all().forEach(each -> columns.add(DuckDb.name(each.name()) + " " + DuckDb.type(each.type())));
        return String.join(", ", columns);
    }
}
