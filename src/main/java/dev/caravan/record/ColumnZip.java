package dev.caravan.record;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.caravan.json.JsonPath;
import dev.caravan.json.JsonPath.Place;
import dev.caravan.json.StrictJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Makes rows of columns, each value with the bytes it came in. Immutable. */
final class ColumnZip {
    private final RecordsSettings settings;
    private final JsonPath inner;

    /**
     * @param name quoted, with the colon
     * @param cells the bytes of each value
     */
    private record Column(String title, byte[] name, List<byte[]> cells) {}

    ColumnZip(RecordsSettings settings) {
        this.settings = settings;
        this.inner = settings.path().afterEach();
    }

    /**
     * Returns the rows of all {@code holders} as one JSON array.
     *
     * @param holders objects that hold columns, as records
     * @throws RecordDecodeException if one of them has no columns, or columns of different lengths
     */
    byte[] rows(RecordPage holders) throws IOException {
        for (Reject reject : holders.rejects()) {
            throw RecordDecodeException.unexpected(reject.reason());
        }
        ByteArrayOutputStream rows = new ByteArrayOutputStream();
        rows.write('[');
        int index = 0;
        for (SourceRecord holder : holders.records()) {
            byte[] bytes = Arrays.copyOfRange(holder.bytes(), holder.offset(), holder.offset() + holder.length());
            append(bytes, index++, rows);
        }
        rows.write(']');
        return rows.toByteArray();
    }

    private void append(byte[] holder, int index, ByteArrayOutputStream rows) throws IOException {
        Optional<Place> place = inner.find(holder);
        if (place.isEmpty() || holder[place.get().start()] == 'n') {
            if (settings.optional()) {
                return;
            }
            throw RecordDecodeException.unexpected("there is nothing at " + settings.path());
        }
        List<Column> columns = columns(
                Arrays.copyOfRange(holder, place.get().start(), place.get().end()));
        byte[] beside = beside(holder, index, columns);
        int length = columns.isEmpty() ? 0 : columns.get(0).cells().size();
        for (int row = 0; row < length; row++) {
            rows.write(rows.size() > 1 ? ',' : ' ');
            char before = '{';
            for (Column column : columns) {
                rows.write(before);
                rows.writeBytes(column.name());
                rows.writeBytes(column.cells().get(row));
                before = ',';
            }
            rows.writeBytes(beside);
            rows.write('}');
        }
    }

    private List<Column> columns(byte[] object) throws IOException {
        List<Column> columns = new ArrayList<>();
        try (JsonParser parser = StrictJson.factory().createParser(object)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw RecordDecodeException.unexpected("%s is not an object of columns".formatted(settings.path()));
            }
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                if (parser.nextToken() != JsonToken.START_ARRAY) {
                    throw RecordDecodeException.unexpected(
                            "the column '%s' of %s is not a list".formatted(name, settings.path()));
                }
                columns.add(new Column(name, Splice.name(name), cells(parser, object)));
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

    private static List<byte[]> cells(JsonParser parser, byte[] object) throws IOException {
        List<byte[]> cells = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            Place cell = Place.at(parser);
            cells.add(Arrays.copyOfRange(object, cell.start(), cell.end()));
        }
        return cells;
    }

    /** Returns the members that every row of {@code holder} gets, a comma before each; a column of the same name stands. */
    private byte[] beside(byte[] holder, int index, List<Column> columns) {
        ByteArrayOutputStream beside = new ByteArrayOutputStream();
        for (JsonPath path : settings.with()) {
            String name = path.field().orElseThrow();
            Optional<Place> place = path.find(holder);
            if (place.isPresent() && !isColumn(name, columns)) {
                beside.write(',');
                beside.writeBytes(Splice.name(name));
                beside.write(
                        holder,
                        place.get().start(),
                        place.get().end() - place.get().start());
            }
        }
        String indexName = settings.index();
        if (indexName != null && !isColumn(indexName, columns)) {
            beside.write(',');
            beside.writeBytes(Splice.member(indexName, index));
        }
        return beside.toByteArray();
    }

    private static boolean isColumn(String name, List<Column> columns) {
        return columns.stream().anyMatch(column -> column.title().equals(name));
    }
}
