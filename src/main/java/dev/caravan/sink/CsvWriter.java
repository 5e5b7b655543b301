package dev.caravan.sink;

import dev.caravan.batch.SealedFile;
import dev.caravan.record.SourceRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes CSV as RFC 4180 has it, with a line of names. Columns are those that the schema declares, in its order; then those of the
 * batch, as they first come; and those that begin with {@code _caravan_} last. Null is nothing, an empty text is {@code ""}, an
 * object or array is its JSON.
 */
final class CsvWriter implements RowWriter {
    private static final String OURS = "_caravan_";
    private static final byte[] BREAK = {'\r'};

    private final Compression compression;
    private final boolean spreadsheetSafe;
    private final Declared declared;

    CsvWriter(Compression compression, boolean spreadsheetSafe, Declared declared) {
        this.compression = compression;
        this.spreadsheetSafe = spreadsheetSafe;
        this.declared = declared;
    }

    @Override
    public String suffix() {
        return ".csv" + compression.suffix();
    }

    @Override
    public SealedFile write(Path file, String path, Destination to, List<SourceRecord> records) throws IOException {
        Cells cells = new Cells(false);
        Line line = new Line();
        Map<String, Integer> columns = columns(cells, line, to, records);
        try (StagedFile writing = StagedFile.create(file, compression)) {
            OutputStream out = writing.out();
            String[] row = new String[columns.size()];
            columns.forEach((name, at) -> row[at] = quoted(name));
            write(row, out);
            writing.endHead();
            for (SourceRecord record : records) {
                Arrays.fill(row, null);
                line.reset();
                to.form().write(record, line);
                cells.read(line.bytes(), line.size(), (name, kind, text) -> row[at(columns, name)] = cell(kind, text));
                write(row, out);
                writing.endRow(record.cursor());
            }
            return writing.seal(path, to.folder());
        }
    }

    private static int at(Map<String, Integer> columns, String name) throws IOException {
        Integer at = columns.get(name);
        if (at == null) {
            throw new IOException("A record has another field at its second reading: " + name);
        }
        return at;
    }

    private Map<String, Integer> columns(Cells cells, Line line, Destination to, List<SourceRecord> records)
            throws IOException {
        Set<String> names = new LinkedHashSet<>(declared.names());
        for (SourceRecord record : records) {
            line.reset();
            to.form().write(record, line);
            cells.read(line.bytes(), line.size(), (name, kind, text) -> names.add(name));
            Columns.check(names.size());
        }
        List<String> ours = new ArrayList<>();
        Map<String, Integer> columns = new HashMap<>();
        for (String name : names) {
            if (name.startsWith(OURS)) {
                ours.add(name);
            } else {
                columns.put(name, columns.size());
            }
        }
        ours.forEach(name -> columns.put(name, columns.size()));
        return columns;
    }

    private static void write(@Nullable String[] row, OutputStream out) throws IOException {
        for (int i = 0; i < row.length; i++) {
            if (i > 0) {
                out.write(',');
            }
            String cell = row[i];
            if (cell != null) {
                out.write(cell.getBytes(StandardCharsets.UTF_8));
            }
        }
        out.write(BREAK);
    }

    private @Nullable String cell(Cells.Kind kind, String text) {
        return switch (kind) {
            case NULL -> null;
            case BOOLEAN, NUMBER -> text;
            case TEXT, JSON -> quoted(spreadsheetSafe && isFormula(text) ? "'" + text : text);
        };
    }

    /** What spreadsheets take for the beginning of a formula (OWASP, CSV injection). */
    private static boolean isFormula(String text) {
        return !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0;
    }

    /** An empty text is quoted too, so that it is told from null. */
    private static String quoted(String text) {
        boolean plain = !text.isEmpty();
        for (int i = 0; plain && i < text.length(); i++) {
            char each = text.charAt(i);
            boolean inside = i > 0 && i < text.length() - 1;
            plain = each != ',' && each != '"' && (each > ' ' || (each == ' ' && inside));
        }
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
