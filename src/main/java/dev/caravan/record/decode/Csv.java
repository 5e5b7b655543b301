package dev.caravan.record.decode;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.caravan.json.StrictJson;
import dev.caravan.record.RecordDecodeException;
import dev.caravan.record.Reject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * Makes objects of the rows of a CSV file: cells by the names of their columns, as texts, or of their declared types.
 *
 * <p>A row that does not fit its columns or types is rejected by itself, with what it was in the file. Quotes that do not close,
 * or that something else follows than a separator, leave nobody sure where the next row begins: the answer is refused.
 */
final class Csv {
    private static final char NO_CHARACTER = '\ufffd';

    private final DecodeSettings settings;
    private final String text;
    private final ByteArrayOutputStream array;
    private final List<Reject> rejects = new ArrayList<>();
    private final List<Integer> places = new ArrayList<>();

    private Csv(DecodeSettings settings, byte[] body) {
        this.settings = settings;
        String all = new String(body, StandardCharsets.UTF_8);
        this.text = all.startsWith("\ufeff") ? all.substring(1) : all;
        this.array = new ByteArrayOutputStream(body.length * 2);
    }

    static Decoded decode(DecodeSettings settings, byte[] body) {
        Csv csv = new Csv(settings, body);
        try {
            csv.read();
        } catch (IOException e) {
            throw RecordDecodeException.broken("as CSV, " + e.getMessage(), e);
        }
        return new Decoded(csv.array.toByteArray(), csv.rejects, csv.places);
    }

    private void read() throws IOException {
        int begin = behindSkipped();
        String rows = text.substring(begin);
        CSVFormat format = CSVFormat.Builder.create()
                .setDelimiter(settings.csv().separator())
                .setQuote(settings.csv().quote())
                .setEscape(settings.csv().escape())
                .setIgnoreEmptyLines(true)
                .get();
        try (CSVParser parser = CSVParser.builder()
                        .setReader(new StringReader(rows))
                        .setFormat(format)
                        .get();
                JsonGenerator json = StrictJson.factory().createGenerator(array)) {
            json.writeStartArray();
            Iterator<CSVRecord> all = parser.iterator();
            List<String> columns = columns(all);
            CSVRecord row = next(all);
            for (int place = 0; row != null; place++) {
                CSVRecord following = next(all);
                int end = following == null ? rows.length() : (int) following.getCharacterPosition();
                row(row, columns, place, rows, end, json);
                row = following;
            }
            json.writeEndArray();
        }
    }

    /** The parser wraps what it cannot read. */
    private static @Nullable CSVRecord next(Iterator<CSVRecord> all) throws IOException {
        try {
            return all.hasNext() ? all.next() : null;
        } catch (java.io.UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private int behindSkipped() {
        int at = 0;
        for (int i = 0; i < settings.csv().skip(); i++) {
            int end = text.indexOf('\n', at);
            if (end < 0) {
                throw RecordDecodeException.unexpected("there are fewer lines than the %d to skip"
                        .formatted(settings.csv().skip()));
            }
            at = end + 1;
        }
        return at;
    }

    private List<String> columns(Iterator<CSVRecord> all) throws IOException {
        if (!settings.csv().columns().isEmpty()) {
            return settings.csv().columns();
        }
        CSVRecord header = next(all);
        List<String> names = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; header != null && i < header.size(); i++) {
            String name = header.get(i).strip();
            String given = name.isEmpty() ? "column_" + (i + 1) : name;
            if (!seen.add(given)) {
                throw RecordDecodeException.unexpected(
                        "the column '%s' comes twice in the header; name them with 'columns', and 'skip: 1' the header"
                                .formatted(given));
            }
            names.add(given);
        }
        return names;
    }

    private void row(CSVRecord row, List<String> columns, int place, String rows, int end, JsonGenerator json)
            throws IOException {
        String reason = fault(row, columns);
        if (reason != null) {
            byte[] raw = rows.substring((int) row.getCharacterPosition(), end)
                    .stripTrailing()
                    .getBytes(StandardCharsets.UTF_8);
            rejects.add(new Reject(place, null, reason, raw, 0, raw.length));
            return;
        }
        places.add(place);
        json.writeStartObject();
        for (int i = 0; i < columns.size(); i++) {
            Values.write(columns.get(i), i < row.size() ? row.get(i) : "", settings, json);
        }
        json.writeEndObject();
    }

    private @Nullable String fault(CSVRecord row, List<String> columns) {
        if (row.size() > columns.size()
                || (row.size() < columns.size() && !settings.csv().fill())) {
            return "it has %d cells where there are %d columns".formatted(row.size(), columns.size());
        }
        for (int i = 0; i < row.size(); i++) {
            String cell = row.get(i);
            if (cell.indexOf(NO_CHARACTER) >= 0) {
                return "a byte is not UTF-8, or a character is none; if the file is in another encoding, say 'encoding'";
            }
            ValueType type = settings.types().get(columns.get(i));
            if (type != null && !cell.isEmpty() && !type.fits(cell)) {
                return "the column '%s' is not %s".formatted(columns.get(i), type.described());
            }
        }
        return null;
    }

    static boolean isLikelyJson(byte[] body) {
        String start = new String(Arrays.copyOf(body, Math.min(body.length, 64)), StandardCharsets.ISO_8859_1).strip();
        return start.startsWith("{\"") || start.startsWith("[{");
    }
}
