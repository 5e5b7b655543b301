package dev.caravan.record;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.caravan.json.JsonPath;
import dev.caravan.json.JsonPath.Place;
import dev.caravan.json.PathSearch;
import dev.caravan.json.StrictJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of containers that hold none: of columns, of rows of cells, of plain values. Each value keeps the bytes it came
 * in. Immutable.
 */
final class MadeRows {
    private final RecordsSettings settings;
    private final JsonPath inner;

    /**
     * What was made of one container.
     *
     * @param names the fields that its rows may have
     * @param rows objects; what is none will be rejected as it is
     * @param places of the rows in their list, from 1; empty where that is nobody's concern
     */
    record Made(Set<String> names, List<byte[]> rows, List<Integer> places) {
        Made(Set<String> names, List<byte[]> rows) {
            this(names, rows, List.of());
        }
    }

    /** A field that rows get: one value for all, or one for each. */
    private record Field(byte[] name, byte @Nullable [] shared, List<byte[]> each) {}

    MadeRows(RecordsSettings settings) {
        this.settings = settings;
        this.inner = settings.path().afterEach();
    }

    /**
     * Returns the rows of all {@code holders} as one JSON array.
     *
     * @param holders objects that hold containers, as records
     * @param source the answer that holds them
     * @throws RecordDecodeException if one of them has no container, or one of another form
     */
    byte[] rows(RecordPage holders, byte[] source) throws IOException {
        for (Reject reject : holders.rejects()) {
            throw RecordDecodeException.unexpected(reject.reason());
        }
        ByteArrayOutputStream rows = new ByteArrayOutputStream();
        rows.write('[');
        int index = 0;
        for (SourceRecord holder : holders.records()) {
            byte[] bytes = Arrays.copyOfRange(holder.bytes(), holder.offset(), holder.offset() + holder.length());
            append(bytes, source, index++, rows);
        }
        rows.write(']');
        return rows.toByteArray();
    }

    private void append(byte[] holder, byte[] source, int index, ByteArrayOutputStream rows) throws IOException {
        Optional<Place> place = inner.find(holder);
        if (place.isEmpty() || holder[place.get().start()] == 'n') {
            if (settings.optional()) {
                return;
            }
            throw RecordDecodeException.unexpected("there is nothing at " + settings.path());
        }
        byte[] container =
                Arrays.copyOfRange(holder, place.get().start(), place.get().end());
        Made made = made(container, source);
        List<Field> beside = beside(holder, source, index, made);
        for (int row = 0; row < made.rows().size(); row++) {
            rows.write(rows.size() > 1 ? ',' : ' ');
            byte[] bytes = made.rows().get(row);
            rows.writeBytes(bytes[0] == '{' ? with(bytes, beside, row) : bytes);
        }
    }

    private Made made(byte[] container, byte[] source) throws IOException {
        return switch (settings.as()) {
            case COLUMNS -> ColumnZip.rows(container, settings.path());
            case ROWS -> CellRows.rows(container, settings.path(), columns(source));
            default -> values(container);
        };
    }

    private List<String> columns(byte[] source) throws IOException {
        RecordsSettings.Columns columns = settings.columns();
        if (columns == null) {
            return List.of();
        }
        JsonPath path = columns.path();
        if (path == null) {
            return columns.names();
        }
        JsonPath each = path.upToEach().isPresent() ? path : path.elements();
        List<String> names = new PathSearch(List.of(each)).in(source).getOrDefault(each, List.of());
        if (names.isEmpty()) {
            throw RecordDecodeException.unexpected("there are no names of columns at " + path);
        }
        return names;
    }

    private Made values(byte[] container) throws IOException {
        String name = String.valueOf(settings.name());
        List<byte[]> rows = new ArrayList<>();
        for (byte[] value : cells(container, settings.path())) {
            ByteArrayOutputStream row = new ByteArrayOutputStream();
            row.write('{');
            row.writeBytes(Splice.name(name));
            row.writeBytes(value);
            row.write('}');
            rows.add(row.toByteArray());
        }
        return new Made(Set.of(name), rows);
    }

    /** Returns the bytes of each element of a list. */
    static List<byte[]> cells(byte[] list, JsonPath path) throws IOException {
        try (JsonParser parser = StrictJson.factory().createParser(list)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw RecordDecodeException.unexpected("%s is not a list".formatted(path));
            }
            return cells(parser, list);
        }
    }

    static List<byte[]> cells(JsonParser parser, byte[] source) throws IOException {
        List<byte[]> cells = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            Place cell = Place.at(parser);
            cells.add(Arrays.copyOfRange(source, cell.start(), cell.end()));
        }
        return cells;
    }

    /** Returns the fields that the rows of {@code holder} get; one that they have themselves stands. */
    private List<Field> beside(byte[] holder, byte[] source, int index, Made made) throws IOException {
        List<Field> fields = new ArrayList<>();
        for (Map.Entry<String, String> each : settings.with().entrySet()) {
            boolean fromRoot = each.getValue().trim().startsWith("$");
            byte[] document = fromRoot ? source : holder;
            Optional<Place> place = JsonPath.parse(each.getValue()).find(document);
            if (place.isPresent() && !made.names().contains(each.getKey())) {
                byte[] value = Arrays.copyOfRange(
                        document, place.get().start(), place.get().end());
                fields.add(field(
                        each.getKey(),
                        value,
                        fromRoot && value[0] == '[',
                        made.rows().size()));
            }
        }
        String rowName = settings.row();
        if (rowName != null && !made.names().contains(rowName)) {
            List<byte[]> each = made.places().stream()
                    .map(place -> Integer.toString(place).getBytes(StandardCharsets.UTF_8))
                    .toList();
            fields.add(new Field(Splice.name(rowName), null, each));
        }
        String indexName = settings.index();
        if (indexName != null && !made.names().contains(indexName)) {
            byte[] value = Integer.toString(index).getBytes(StandardCharsets.UTF_8);
            fields.add(new Field(Splice.name(indexName), value, List.of()));
        }
        return fields;
    }

    private static Field field(String name, byte[] value, boolean list, int rows) throws IOException {
        if (!list) {
            return new Field(Splice.name(name), value, List.of());
        }
        List<byte[]> each = cells(value, JsonPath.named(name));
        if (each.size() != rows) {
            throw RecordDecodeException.unexpected(
                    "'%s' has %d values where there are %d rows".formatted(name, each.size(), rows));
        }
        return new Field(Splice.name(name), null, each);
    }

    private static byte[] with(byte[] row, List<Field> beside, int number) {
        if (beside.isEmpty()) {
            return row;
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(row, 0, row.length - 1);
        boolean first = row.length == 2;
        for (Field field : beside) {
            if (!first) {
                all.write(',');
            }
            first = false;
            all.writeBytes(field.name());
            byte[] shared = field.shared();
            all.writeBytes(shared != null ? shared : field.each().get(number));
        }
        all.write('}');
        return all.toByteArray();
    }

    /** Names columns in an order, for those who look for one by its place. */
    static Map<String, Integer> places(List<String> names) {
        Map<String, Integer> places = new LinkedHashMap<>();
        for (String name : names) {
            if (places.put(name, places.size()) != null) {
                throw RecordDecodeException.unexpected("the column '%s' comes twice".formatted(name));
            }
        }
        return places;
    }
}
