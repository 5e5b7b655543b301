package dev.caravan.record.decode;

import com.fasterxml.jackson.core.JsonParser;
import dev.caravan.json.JsonPath;
import dev.caravan.json.StrictJson;
import dev.caravan.record.RecordDecodeException;
import dev.caravan.record.RecordLayout;
import dev.caravan.record.RecordPage;
import dev.caravan.record.RecordReader;
import dev.caravan.record.RecordRules;
import dev.caravan.record.Reject;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of an answer, whatever it is written in. JSON in UTF-8 is read as it stands, everything else is made JSON
 * first. Immutable; safe for any number of threads.
 */
public final class Decoder {
    private final DecodeSettings settings;
    private final RecordReader reader;
    private final RecordReader empty;
    private final JsonPath container;
    private final long most;
    private final RecordLayout layout;
    private final RecordReader elements;

    /** @param most bytes that an answer may have when it is unpacked */
    public Decoder(DecodeSettings settings, RecordLayout layout, RecordRules rules, long most) {
        this.settings = settings;
        boolean lone = settings.as() == Format.XML;
        this.reader = new RecordReader(layout, rules, lone);
        this.empty = new RecordReader(layout.withOptional(), rules, lone);
        this.container = layout.records().path().container();
        this.most = most;
        this.layout = layout;
        this.elements =
                settings.largest() > 0 ? new RecordReader(checked(layout).ofElements(), rules) : reader;
    }

    private static RecordLayout checked(RecordLayout layout) {
        if (!layout.isPlainList()) {
            throw new IllegalArgumentException(
                    "decode: largest is for 'records' that are one list, without index and [*]; this is %s"
                            .formatted(layout.records().path()));
        }
        if (layout.key().isEmpty()) {
            throw new IllegalArgumentException(
                    "decode: largest needs a 'key': after an interruption the answer is read again, and what came before is"
                            + " known by it");
        }
        return layout;
    }

    /** Returns how large an answer may be that is kept on disk, 0 if none is. */
    public long largest() {
        return settings.largest();
    }

    /**
     * Goes through a large answer.
     *
     * @throws RecordDecodeException if it is not whole, or not what the settings say
     */
    public Parts parts(FileChannel file) {
        try {
            Parts.Index index = settings.as() == Format.JSON_LINES
                    ? PartIndex.ofLines(file, most)
                    : PartIndex.ofJson(file, container, layout.records().optional(), most);
            return new Parts(file, this, index);
        } catch (RuntimeException e) {
            Parts.close(file);
            throw e;
        }
    }

    /** Reads what an answer has beside its records. */
    RecordPage beside(byte[] rest, Map<String, String> given) {
        return rest.length == 0 ? new RecordPage(List.of(), Map.of(), Map.of(), List.of()) : records(rest, given);
    }

    /** Reads records that stand behind each other, as they do in a list or on lines. */
    RecordPage part(byte[] bytes, Map<String, String> given, boolean first, boolean last) {
        if (settings.as() == Format.JSON_LINES) {
            Decoded decoded = JsonLines.decode(bytes, first, last);
            return decoded.merged(reader.read(decoded.json(), given));
        }
        byte[] list = new byte[bytes.length + 2];
        list[0] = '[';
        System.arraycopy(bytes, 0, list, 1, bytes.length);
        list[list.length - 1] = ']';
        return elements.read(list, given);
    }

    /** Returns what reads single records, as JSON. */
    public RecordReader reader() {
        return reader;
    }

    /**
     * Reads an answer.
     *
     * @param body must not change as long as the records are used
     * @param contentType what its head says, null if it says nothing
     * @param given see {@link RecordReader#read(byte[], Map)}
     * @param room is told of the bytes that are needed beside {@code body}, and may throw to end the reading
     * @throws RecordDecodeException if it is not what the settings say
     */
    public RecordPage read(byte[] body, @Nullable String contentType, Map<String, String> given, LongConsumer room) {
        if (!Zip.isAt(body)) {
            return file(body, contentType, given, room);
        }
        List<RecordPage> pages = new ArrayList<>();
        for (byte[] each : Zip.entries(body, most, settings.entries())) {
            room.accept(each.length);
            pages.add(file(each, null, given, room));
        }
        return joined(pages);
    }

    private RecordPage file(byte[] body, @Nullable String contentType, Map<String, String> given, LongConsumer room) {
        checkType(body, contentType == null ? "" : contentType.toLowerCase(Locale.ROOT));
        boolean known = settings.as() != Format.XML || settings.encoding() != null || names(contentType);
        byte[] text = known ? Encodings.utf8(body, settings.encoding(), contentType) : body;
        if (text != body) {
            room.accept(text.length);
        }
        Decoded decoded =
                switch (settings.as()) {
                    case JSON -> Decoded.document(text);
                    case JSON_LINES -> JsonLines.decode(text);
                    case CSV -> Csv.decode(settings, text);
                    case XML -> Xml.decode(settings, text, known);
                };
        if (decoded.json() != text) {
            room.accept(decoded.json().length);
        }
        return decoded.merged(records(decoded.json(), given));
    }

    private static boolean names(@Nullable String contentType) {
        return contentType != null && contentType.toLowerCase(Locale.ROOT).contains("charset");
    }

    private RecordPage records(byte[] json, Map<String, String> given) {
        RecordReader fitting = settings.as() == Format.XML && isWithoutRecords(json) ? empty : reader;
        try (JsonParser parser = StrictJson.factory().createParser(json)) {
            return fitting.read(parser, json, given);
        } catch (IOException e) {
            throw RecordDecodeException.broken(String.valueOf(e.getMessage()), e);
        }
    }

    /** An element of no records looks as if it had no such elements at all. */
    private boolean isWithoutRecords(byte[] json) {
        return !container.isRoot()
                && container.find(json).isEmpty()
                && container.parent().find(json).isPresent();
    }

    /** What is plainly something else would be read as one odd row, or as no row at all. */
    private void checkType(byte[] body, String type) {
        boolean other =
                switch (settings.as()) {
                    case JSON -> false;
                    case JSON_LINES -> type.contains("html") || type.contains("xml");
                    case CSV ->
                        type.contains("html")
                                || type.contains("xml")
                                || type.contains("json")
                                || Csv.isLikelyJson(body);
                    case XML -> type.contains("json") || Csv.isLikelyJson(body);
                };
        if (other) {
            throw RecordDecodeException.unexpected("it is %s where %s was expected"
                    .formatted(
                            type.isEmpty() || !type.contains("/") ? "JSON" : type.replaceFirst(";.*", ""),
                            settings.as()));
        }
    }

    private static RecordPage joined(List<RecordPage> pages) {
        if (pages.size() == 1) {
            return pages.get(0);
        }
        List<dev.caravan.record.SourceRecord> records = new ArrayList<>();
        List<Reject> rejects = new ArrayList<>();
        Map<String, String> captured = new HashMap<>();
        Map<String, String> last = Map.of();
        int before = 0;
        for (RecordPage page : pages) {
            for (Reject each : page.rejects()) {
                rejects.add(new Reject(
                        before + each.position(),
                        each.index(),
                        each.reason(),
                        each.bytes(),
                        each.offset(),
                        each.length()));
            }
            before += page.size();
            records.addAll(page.records());
            captured.putAll(page.captured());
            last = page.size() > 0 ? page.last() : last;
        }
        return new RecordPage(records, captured, last, rejects);
    }
}
