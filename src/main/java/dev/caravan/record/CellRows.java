package dev.caravan.record;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.caravan.json.JsonPath;
import dev.caravan.json.StrictJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Makes records of rows of cells. Tables leave out empty cells at the end of a row, so a shorter row has fewer fields, and one
 * without any cell is no record. A longer one has cells that nothing names: it stays a list, and is rejected as one.
 */
final class CellRows {
    private CellRows() {}

    /** @param names of the columns; empty if the first row has them */
    static MadeRows.Made rows(byte[] container, JsonPath path, List<String> names) throws IOException {
        List<byte[]> lines = MadeRows.cells(container, path);
        List<String> columns = names;
        int first = 0;
        if (columns.isEmpty() && !lines.isEmpty()) {
            columns = header(lines.get(0), path);
            first = 1;
        }
        Set<String> unique = MadeRows.places(columns).keySet();
        List<byte[]> rows = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (int i = first; i < lines.size(); i++) {
            byte[] line = lines.get(i);
            List<byte[]> cells = line[0] == '[' ? MadeRows.cells(line, path) : List.of(line);
            if (!cells.isEmpty()) {
                rows.add(line[0] != '[' || cells.size() > columns.size() ? line : row(columns, cells));
                places.add(i + 1);
            }
        }
        return new MadeRows.Made(unique, rows, places);
    }

    private static List<String> header(byte[] line, JsonPath path) throws IOException {
        List<String> names = new ArrayList<>();
        try (JsonParser parser = StrictJson.factory().createParser(line)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw RecordDecodeException.unexpected("the first row of %s is not a list of names".formatted(path));
            }
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                String name =
                        parser.currentToken().isScalarValue() ? parser.getText().strip() : "";
                parser.skipChildren();
                names.add(name.isEmpty() ? "column_" + (names.size() + 1) : name);
            }
        }
        return names;
    }

    private static byte[] row(List<String> columns, List<byte[]> cells) {
        ByteArrayOutputStream row = new ByteArrayOutputStream();
        row.write('{');
        for (int i = 0; i < cells.size(); i++) {
            if (i > 0) {
                row.write(',');
            }
            row.writeBytes(Splice.name(columns.get(i)));
            row.writeBytes(cells.get(i));
        }
        row.write('}');
        return row.toByteArray();
    }
}
