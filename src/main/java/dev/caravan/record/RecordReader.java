package dev.caravan.record;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.caravan.json.JsonPath;
import dev.caravan.json.StrictJson;
import dev.caravan.record.RecordsSettings.Shape;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a JSON answer into records without building trees: a record is a slice of the answer's own bytes, so every number
 * and text comes out as it came in.
 *
 * <p>Strict: a document that is empty, cut off, followed by more, not UTF-8 or not RFC 8259 is refused as a whole. A name that
 * comes twice in one object rejects the record it is in, and refuses the answer if it is in none. Records that were
 * written over several lines lose the white space between their tokens, and only that.
 *
 * <p>Immutable; safe for any number of threads.
 */
public final class RecordReader {
    private final RecordPlan plan;
    private final @Nullable RecordPlan envelope;
    private final @Nullable ColumnZip zip;

    public RecordReader(RecordLayout layout) {
        RecordsSettings records = layout.records();
        if (records.as() == Shape.COLUMNS) {
            JsonPath holders = records.path().upToEach().orElse(JsonPath.ROOT);
            Shape shape = holders.isRoot() ? Shape.SINGLE : Shape.ARRAY;
            RecordsSettings holder = new RecordsSettings(holders, shape, List.of(), records.optional(), null);
            envelope = new RecordPlan(new RecordLayout(holder, List.of(), null, layout.captured(), List.of()), true);
            plan = new RecordPlan(
                    new RecordLayout(RecordsSettings.at("$"), layout.key(), layout.cursor(), List.of(), layout.last()),
                    false);
            zip = new ColumnZip(records);
        } else {
            envelope = null;
            zip = null;
            plan = new RecordPlan(layout, false);
        }
    }
    /** Reads a whole answer, see {@link #read(byte[], Map)}. */
    public RecordPage read(byte[] body) {
        return read(body, Map.of());
    }

    /**
     * Reads a whole answer.
     *
     * @param body must not change as long as the records are used: they share it
     * @param given values known beside the records, such as those of the partition; a key field that a record lacks is
     *     looked up here
     * @throws RecordDecodeException if {@code body} is not what the layout says
     */
    public RecordPage read(byte[] body, Map<String, String> given) {
        try (JsonParser parser = StrictJson.factory().createParser(body)) {
            return read(parser, body, given);
        } catch (IOException e) {
            throw RecordDecodeException.broken(String.valueOf(e.getMessage()), e);
        }
    }

    /** Reads a whole answer with a parser of someone else's making, see {@link #read(JsonParser, byte[], Map)}. */
    public RecordPage read(JsonParser parser, byte[] source) {
        return read(parser, source, Map.of());
    }

    /**
     * Reads a whole answer with a parser of someone else's making.
     *
     * @param parser reads {@code source} as bytes from its beginning, and stands before or at the first token; its own
     *     detection of duplicate names is best left off, as it knows no records. At the end it is exhausted and still open
     * @throws RecordDecodeException if {@code source} is not what the layout says
     */
    public RecordPage read(JsonParser parser, byte[] source, Map<String, String> given) {
        int wrong = Utf8.firstWrong(source);
        if (wrong >= 0) {
            throw RecordDecodeException.broken("byte %d is not UTF-8".formatted(wrong), null);
        }
        try {
            if (envelope == null || zip == null) {
                return new Reading(plan, parser, source, given).page();
            }
            RecordPage holders = new Reading(envelope, parser, source, Map.of()).page();
            return rows(zip.rows(holders), given, holders.captured());
        } catch (StreamConstraintsException e) {
            throw RecordDecodeException.unexpected(e.getOriginalMessage());
        } catch (JsonProcessingException e) {
            throw RecordDecodeException.broken(
                    "%s, at byte %d"
                            .formatted(
                                    e.getOriginalMessage(),
                                    e.getLocation() == null
                                            ? 0
                                            : e.getLocation().getByteOffset()),
                    e);
        } catch (IOException e) {
            throw RecordDecodeException.broken(String.valueOf(e.getMessage()), e);
        }
    }

    private RecordPage rows(byte[] source, Map<String, String> given, Map<String, String> captured) throws IOException {
        try (JsonParser parser = StrictJson.factory().createParser(source)) {
            RecordPage rows = new Reading(plan, parser, source, given).page();
            return new RecordPage(rows.records(), captured, rows.last(), rows.rejects());
        }
    }
}
