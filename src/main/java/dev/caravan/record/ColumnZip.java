package dev.caravan.record;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.caravan.json.JsonPath;
import dev.caravan.json.StrictJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Makes rows of columns, each value with the bytes it came in. */
final class ColumnZip {
    private ColumnZip() {}

    /**
     * @param name quoted, with the colon
     * @param cells the bytes of each value
     */
    private record Column(String title, byte[] name, List<byte[]> cells) {}

    /**
     * @param path of {@code container}, for messages
     * @throws RecordDecodeException if it is no object of lists of equal length
     */
    static MadeRows.Made rows(byte[] container, JsonPath path) throws IOException {
        List<Column> columns = columns(container, path);
        Set<String> names = new LinkedHashSet<>();
        columns.forEach(column -> names.add(column.title()));
        List<byte[]> rows = new ArrayList<>();
        int length = columns.isEmpty() ? 0 : columns.get(0).cells().size();
        for (int row = 0; row < length; row++) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            char before = '{';
            for (Column column : columns) {
                bytes.write(before);
                bytes.writeBytes(column.name());
                bytes.writeBytes(column.cells().get(row));
                before = ',';
            }
            bytes.write('}');
            rows.add(bytes.toByteArray());
        }
        return new MadeRows.Made(names, rows);
    }

    private static List<Column> columns(byte[] object, JsonPath path) throws IOException {
        List<Column> columns = new ArrayList<>();
        try (JsonParser parser = StrictJson.factory().createParser(object)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw RecordDecodeException.unexpected("%s is not an object of columns".formatted(path));
            }
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                if (parser.nextToken() != JsonToken.START_ARRAY) {
                    throw RecordDecodeException.unexpected("the column '%s' of %s is not a list".formatted(name, path));
                }
                columns.add(new Column(name, Splice.name(name), MadeRows.cells(parser, object)));
            }
        }
        for (Column column : columns) {
            Column first = columns.get(0);
            if (column.cells().size() != first.cells().size()) {
                throw RecordDecodeException.unexpected("the column '%s' has %d values where '%s' has %d"
                        .formatted(
                                column.title(),
                                column.cells().size(),
                                first.title(),
                                first.cells().size()));
            }
        }
        return columns;
    }
}
