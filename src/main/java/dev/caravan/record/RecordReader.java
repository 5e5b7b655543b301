package dev.caravan.record;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.caravan.json.JsonPath;
import dev.caravan.json.LooseJson;
import dev.caravan.json.StrictJson;
import dev.caravan.record.RecordsSettings.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a JSON answer into records without building trees: a record is a slice of the answer's own bytes, so every number
 * and text comes out as it came in.
 *
 * <p>Strict: a document that is empty, cut off, followed by more, not UTF-8 or not RFC 8259 is refused as a whole. Where what
 * is wrong lies within records whose ends can be told, only these are rejected: a name that comes twice in one object, a byte
 * that is not UTF-8, {@code NaN}, too deep a nesting. Records that were written over several lines lose the white space
 * between their tokens, and only that.
 *
 * <p>Immutable; safe for any number of threads.
 */
public final class RecordReader {
    private final RecordPlan plan;
    private final RecordPlan single;
    private final RecordPlan alone;
    private final @Nullable RecordPlan envelope;
    private final @Nullable MadeRows made;
    private final @Nullable Lift lift;
    private final List<JsonPath> needed;

    public RecordReader(RecordLayout layout) {
        this(layout, RecordRules.NONE);
    }

    public RecordReader(RecordLayout layout, RecordRules rules) {
        this(layout, rules, false);
    }

    /** @param lone whether an object in the place of a list is taken for its only element, as formats without lists have it */
    public RecordReader(RecordLayout layout, RecordRules rules, boolean lone) {
        RecordsSettings records = layout.records();
        boolean making = records.as().isMade();
        String lifted = records.lift();
        lift = lifted == null ? null : new Lift(lifted);
        needed = records.paths().size() > 1 && !records.optional() ? records.paths() : List.of();
        if (making) {
            JsonPath holders = records.path().upToEach().orElse(JsonPath.ROOT);
            Shape shape = holders.isRoot() ? Shape.SINGLE : Shape.ARRAY;
            RecordsSettings holder = RecordsSettings.at(List.of(holders), shape, records.optional(), null);
            RecordLayout held = new RecordLayout(holder, List.of(), null, layout.captured(), List.of());
            envelope = new RecordPlan(held, RecordRules.NONE, true);
            plan = new RecordPlan(
                    new RecordLayout(RecordsSettings.at("$"), layout.key(), layout.cursor(), List.of(), layout.last()),
                    rules,
                    false);
            made = new MadeRows(records);
        } else {
            envelope = lift == null
                    ? null
                    : new RecordPlan(
                            new RecordLayout(records.unlifted(), List.of(), null, layout.captured(), List.of()),
                            rules.withoutSchema(),
                            lone);
            made = null;
            plan = lift == null
                    ? new RecordPlan(layout, rules, lone)
                    : new RecordPlan(
                            new RecordLayout(
                                    RecordsSettings.at("$"), layout.key(), layout.cursor(), List.of(), layout.last()),
                            rules,
                            false);
        }
        // Rows made of columns have their index already.
        String index = making ? null : records.index();
        RecordsSettings alone = RecordsSettings.at(List.of(JsonPath.ROOT), Shape.ARRAY, false, index);
        this.alone = new RecordPlan(
                new RecordLayout(alone, List.of(), null, List.of(), List.of()), rules.withoutSchema(), false);
        single = new RecordPlan(
                new RecordLayout(alone, layout.key(), layout.cursor(), List.of(), List.of()), rules, false);
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
     *     detection of duplicate names is best left off, as it knows no records. Of an answer that is JSON throughout it
     *     has read all at the end, and is still open
     * @throws RecordDecodeException if {@code source} is not what the layout says
     */
    public RecordPage read(JsonParser parser, byte[] source, Map<String, String> given) {
        checkEncoding(source);
        Flaws flaws = Flaws.in(source);
        for (JsonPath path : needed) {
            if (path.container().find(source).isEmpty()) {
                throw RecordDecodeException.unexpected("there is nothing at %s".formatted(path));
            }
        }
        if (envelope == null) {
            return read(plan, parser, source, new Beside(given, null), flaws);
        }
        if (lift != null) {
            return lifted(lift, read(envelope, parser, source, new Beside(given, null), flaws), given);
        }
        MadeRows making = Objects.requireNonNull(made, "an envelope is for records that are made or lifted");
        if (flaws.firstWrong() >= 0) {
            throw notUtf8(flaws);
        }
        try {
            RecordPage holders = new Reading(envelope, parser, source, Beside.NOTHING, Flaws.NONE, null).page();
            return rows(making.rows(holders, source), given, holders.captured());
        } catch (IOException e) {
            throw refused(e);
        }
    }

    /**
     * Reads one record that was rejected before.
     *
     * @param raw what was received, byte for byte
     * @param given see {@link #read(byte[], Map)}
     * @param index what {@link Reject#index} was
     * @return a page with the record, or with the reject that it still is
     */
    public RecordPage readOne(byte[] raw, Map<String, String> given, @Nullable Object index) {
        byte[] list = new byte[raw.length + 2];
        list[0] = '[';
        System.arraycopy(raw, 0, list, 1, raw.length);
        list[list.length - 1] = ']';
        try (JsonParser parser = StrictJson.factory().createParser(list)) {
            RecordPage page = lift == null
                    ? read(single, parser, list, new Beside(given, index), Flaws.in(list))
                    : lifted(lift, read(alone, parser, list, new Beside(given, index), Flaws.in(list)), given);
            return page.size() == 1 ? page : rejected(raw, index, "it is not one record");
        } catch (RecordDecodeException | IOException e) {
            return rejected(raw, index, "it cannot be told where the record ends");
        }
    }

    private static RecordPage rejected(byte[] raw, @Nullable Object index, String reason) {
        Reject reject = new Reject(0, index, reason, raw, 0, raw.length);
        return new RecordPage(List.of(), Map.of(), Map.of(), List.of(reject));
    }

    private static void checkEncoding(byte[] source) {
        if (source.length < 2) {
            return;
        }
        int mark = (source[0] & 0xff) << 8 | (source[1] & 0xff);
        if (mark == 0xfeff || mark == 0xfffe || source[0] == 0 || source[1] == 0) {
            throw RecordDecodeException.broken("it is UTF-16 or UTF-32, JSON is UTF-8", null);
        }
    }

    private static RecordPage read(RecordPlan plan, JsonParser parser, byte[] source, Beside beside, Flaws flaws) {
        if (flaws.firstWrong() >= 0) {
            return loosely(plan, source, beside, flaws, notUtf8(flaws));
        }
        try {
            return new Reading(plan, parser, source, beside, flaws, null).page();
        } catch (JsonProcessingException e) {
            return loosely(plan, source, beside, flaws, refused(e));
        } catch (IOException e) {
            throw refused(e);
        }
    }

    /** Reads an answer that is not JSON throughout, and tells whether all that is wrong lies within records. */
    private static RecordPage loosely(
            RecordPlan plan, byte[] source, Beside beside, Flaws flaws, RecordDecodeException refusal) {
        byte[] rest = source.clone();
        try (JsonParser parser = LooseJson.parser(flaws.legible(source))) {
            RecordPage page = new Reading(plan, parser, source, beside, flaws, rest).page();
            if (Flaws.in(rest).firstWrong() < 0 && Strictness.fault(rest, 0, rest.length) == null) {
                return page;
            }
        } catch (IOException | RecordDecodeException e) {
            refusal.addSuppressed(e);
        }
        throw refusal;
    }

    private static RecordDecodeException notUtf8(Flaws flaws) {
        return RecordDecodeException.broken("byte %d is not UTF-8".formatted(flaws.firstWrong()), null);
    }

    private static RecordDecodeException refused(IOException e) {
        if (e instanceof StreamConstraintsException bound) {
            return RecordDecodeException.unexpected(bound.getOriginalMessage());
        }
        if (e instanceof JsonProcessingException syntax) {
            long at = syntax.getLocation() == null ? 0 : syntax.getLocation().getByteOffset();
            return RecordDecodeException.broken("%s, at byte %d".formatted(syntax.getOriginalMessage(), at), e);
        }
        return RecordDecodeException.broken(String.valueOf(e.getMessage()), e);
    }

    /** Reads records again once they are lifted; what is rejected then is shown as it was received. */
    private RecordPage lifted(Lift lifting, RecordPage page, Map<String, String> given) {
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        List<Integer> places = new ArrayList<>();
        List<SourceRecord> originals = new ArrayList<>();
        List<Reject> rejects = new ArrayList<>(page.rejects());
        Set<Integer> rejected = new HashSet<>();
        page.rejects().forEach(each -> rejected.add(each.position()));
        int place = -1;
        for (SourceRecord record : page.records()) {
            do {
                place++;
            } while (rejected.contains(place));
            byte[] bytes = Arrays.copyOfRange(record.bytes(), record.offset(), record.offset() + record.length());
            try {
                byte[] lifted = lifting.lifted(bytes);
                list.write(places.isEmpty() ? '[' : ',');
                list.writeBytes(lifted);
                places.add(place);
                originals.add(record);
            } catch (IOException | IllegalArgumentException e) {
                rejects.add(new Reject(place, null, String.valueOf(e.getMessage()), bytes, 0, bytes.length));
            }
        }
        if (places.isEmpty()) {
            return new RecordPage(List.of(), page.captured(), Map.of(), rejects);
        }
        list.write(']');
        try {
            RecordPage again = rows(list.toByteArray(), given, page.captured());
            for (Reject each : again.rejects()) {
                SourceRecord record = originals.get(each.position());
                rejects.add(new Reject(
                        places.get(each.position()),
                        each.index(),
                        each.reason(),
                        record.bytes(),
                        record.offset(),
                        record.length()));
            }
            rejects.sort(Comparator.comparingInt(Reject::position));
            return new RecordPage(again.records(), page.captured(), again.last(), rejects);
        } catch (IOException e) {
            throw refused(e);
        }
    }

    private RecordPage rows(byte[] source, Map<String, String> given, Map<String, String> captured) throws IOException {
        try (JsonParser parser = StrictJson.factory().createParser(source)) {
            RecordPage rows = new Reading(plan, parser, source, new Beside(given, null), Flaws.in(source), null).page();
            return new RecordPage(rows.records(), captured, rows.last(), rows.rejects());
        }
    }
}
