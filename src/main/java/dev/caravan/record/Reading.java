package dev.caravan.record;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.caravan.json.JsonPath;
import dev.caravan.json.PathTree;
import dev.caravan.json.StrictJson;
import dev.caravan.record.RecordsSettings.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One walk over one answer. For one thread, and once.
 *
 * <p>A loose walk is one over an answer that is not JSON throughout, by a parser that takes more than JSON: every record is
 * looked at again, strictly and by itself, and what is left without them is the caller's to check.
 */
final class Reading {
    private static final byte ABSENT = 0;
    private static final byte NULL = 1;
    private static final byte TEXT = 2;
    private static final byte LITERAL = 3;
    private static final byte STRUCTURE = 4;
    private static final byte FAULTY = 5;

    private final RecordPlan plan;
    private final JsonParser parser;
    private final byte[] source;
    private final Beside beside;
    private final Flaws flaws;
    private final byte @Nullable [] rest;
    private final boolean suspicious;
    private final FieldNames names = new FieldNames();
    private final byte[] kinds;
    private final @Nullable String[] texts;
    private final int[] depths;
    private final List<SourceRecord> records = new ArrayList<>();
    private final List<Reject> rejects = new ArrayList<>();
    private int containers;
    private int position;
    private boolean inRecord;
    private @Nullable String problem;

    /**
     * @param parser reads {@code source}, or for a loose walk a copy that differs within texts only
     * @param flaws of {@code source}
     * @param rest for a loose walk: a copy of {@code source}, in which a number is put for every record; otherwise null
     */
    Reading(RecordPlan plan, JsonParser parser, byte[] source, Beside beside, Flaws flaws, byte @Nullable [] rest) {
        this.plan = plan;
        this.parser = parser;
        this.source = source;
        this.beside = beside;
        this.flaws = flaws;
        this.rest = rest;
        this.suspicious = rest != null || !flaws.isEmpty();
        this.kinds = new byte[plan.targets];
        this.texts = new String[plan.targets];
        this.depths = new int[plan.targets];
    }

    RecordPage page() throws IOException {
        if (parser.currentToken() == null && parser.nextToken() == null) {
            throw RecordDecodeException.broken("it is empty", null);
        }
        if (parser.currentLocation().getByteOffset() < 0) {
            throw RecordDecodeException.broken("it is not UTF-8", null);
        }
        value(plan.tree, 0, "0");
        if (parser.nextToken() != null) {
            throw RecordDecodeException.broken("more follows behind its end, at byte " + start(), null);
        }
        if (containers == 0 && !plan.layout.records().optional()) {
            throw RecordDecodeException.unexpected("there is nothing at %s".formatted(path()));
        }
        return new RecordPage(
                records,
                taken(plan.layout.captured(), plan.firstCaptured),
                taken(plan.layout.last(), plan.firstLast),
                rejects);
    }

    private Map<String, String> taken(List<String> paths, int firstTarget) {
        Map<String, String> taken = new HashMap<>();
        for (int i = 0; i < paths.size(); i++) {
            String text = texts[firstTarget + i];
            if (kinds[firstTarget + i] == FAULTY) {
                throw RecordDecodeException.unexpected(
                        "the value at %s, which the next page is asked with, is no text: %s"
                                .formatted(paths.get(i), text));
            }
            if (text != null && kinds[firstTarget + i] > NULL) {
                taken.put(paths.get(i), text);
            }
        }
        return taken;
    }

    /** Walks over the value that the parser stands at, and leaves it at its last token. */
    private void value(@Nullable PathTree at, int depth, Object index) throws IOException {
        if (at == null) {
            children(null, depth);
            return;
        }
        int[] targets = at.targets();
        int mark = 0;
        if (targets.length > mark && targets[mark] == RecordPlan.CONTAINER) {
            mark++;
            if (isRecordInPlaceOfArray()) {
                record(at.element(0), depth, index);
                return;
            }
        }
        if (targets.length > mark && targets[mark] == RecordPlan.RECORD) {
            record(at, depth, index);
        } else {
            tracked(at, depth);
        }
    }

    /** Notes a container, and tells whether it is a lone element instead. */
    private boolean isRecordInPlaceOfArray() {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NULL) {
            return false;
        }
        containers++;
        boolean object = token == JsonToken.START_OBJECT;
        if (plan.shape == Shape.ARRAY && object && plan.objectForArray) {
            return true;
        }
        if (plan.shape == Shape.ARRAY && token != JsonToken.START_ARRAY) {
            throw RecordDecodeException.unexpected(
                    "%s is %s, not a list; 'as: single' takes it for one record, 'as: object' for records by name"
                            .formatted(path(), described(token)));
        }
        if (plan.shape == Shape.OBJECT && !object) {
            throw RecordDecodeException.unexpected(
                    "%s is %s, not an object of records; leave 'as: object' out for a list"
                            .formatted(path(), described(token)));
        }
        if (plan.shape == Shape.EITHER && !object && token != JsonToken.START_ARRAY) {
            throw RecordDecodeException.unexpected(
                    "%s is %s, neither an object nor a list of records".formatted(path(), described(token)));
        }
        return false;
    }

    private void tracked(PathTree at, int depth) throws IOException {
        int[] targets = at.targets();
        if (targets.length == 0 || targets[targets.length - 1] < RecordPlan.FIRST_OF_RECORD) {
            children(at, depth);
            return;
        }
        JsonToken token = parser.currentToken();
        String text = null;
        byte kind = STRUCTURE;
        int start = suspicious || !token.isScalarValue() ? start() : 0;
        if (token.isScalarValue()) {
            kind = token == JsonToken.VALUE_NULL ? NULL : token == JsonToken.VALUE_STRING ? TEXT : LITERAL;
            text = kind == NULL ? null : parser.getText();
        } else {
            children(at, depth);
            text = new String(source, start, end() - start, StandardCharsets.UTF_8);
        }
        String fault = suspicious ? fault(start, end() - start) : null;
        if (fault != null) {
            kind = FAULTY;
            text = fault;
        }
        for (int target : targets) {
            if (!plan.searched[target] || kinds[target] == ABSENT || depth < depths[target]) {
                kinds[target] = kind;
                texts[target] = text;
                depths[target] = depth;
            }
        }
    }

    /** Returns what is wrong with a part of the answer that is not above suspicion, null if nothing is. */
    private @Nullable String fault(int start, int length) {
        String flaw = flaws.between(start, start + length);
        return flaw == null && rest != null ? Strictness.fault(source, start, length) : flaw;
    }

    private void children(@Nullable PathTree at, int depth) throws IOException {
        if (depth > StrictJson.MAX_DEPTH) {
            parser.skipChildren(); // without a stack frame for each level; a record as deep is rejected anyway
            return;
        }
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            members(at, depth);
        } else if (token == JsonToken.START_ARRAY) {
            elements(at, depth);
        }
    }

    private void members(@Nullable PathTree at, int depth) throws IOException {
        long object = names.open();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            if (names.isRepeated(name, depth, object)) {
                repeated(name);
            }
            parser.nextToken();
            value(at == null ? null : at.field(name), depth + 1, name);
        }
    }

    private void elements(@Nullable PathTree at, int depth) throws IOException {
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
            if (at == null) {
                children(null, depth + 1);
                continue;
            }
            for (int target : at.forgotten()) {
                kinds[target] = ABSENT;
            }
            value(at.element(i), depth + 1, i);
        }
    }

    private void repeated(String name) {
        String shown = name.length() <= 60 ? name : name.substring(0, 60) + "…";
        if (!inRecord) {
            throw RecordDecodeException.unexpected("the name '%s' comes twice in one object".formatted(shown));
        }
        if (problem == null) {
            problem = "the name '%s' comes twice in one object".formatted(shown);
        }
    }

    private void record(@Nullable PathTree at, int depth, Object index) throws IOException {
        Arrays.fill(kinds, RecordPlan.FIRST_OF_RECORD, plan.firstCaptured, ABSENT);
        problem = null;
        inRecord = true;
        JsonToken token = parser.currentToken();
        JsonLocation from = parser.currentTokenLocation();
        if (at == null) {
            children(null, depth);
        } else {
            tracked(at, depth);
        }
        parser.finishToken();
        JsonLocation to = parser.currentLocation();
        inRecord = false;
        int start = Math.toIntExact(from.getByteOffset());
        int length = Math.toIntExact(to.getByteOffset()) - start;
        if (rest != null) {
            Arrays.fill(rest, start, start + length, (byte) ' ');
            rest[start] = '0';
        }
        keep(token, start, length, from.getLineNr() != to.getLineNr(), index, depth);
        position++;
    }

    private void keep(JsonToken token, int start, int length, boolean severalLines, Object counted, int depth) {
        Object index = beside.index() == null ? counted : beside.index();
        try {
            check(token, start, length);
            SourceRecord record =
                    new SourceRecord(source, start, length, key(index), cursor(), suspicious ? null : names.at(depth));
            checkSchema(start, length);
            if (severalLines) {
                record = record.withBytes(Compaction.compact(source, start, length));
            }
            records.add(indexed(record, index));
        } catch (IllegalArgumentException e) {
            Object named = plan.layout.records().index() == null ? null : index;
            rejects.add(new Reject(position, named, String.valueOf(e.getMessage()), source, start, length));
        }
    }

    private void check(JsonToken token, int start, int length) {
        if (length > plan.rules.maxSize()) {
            throw new IllegalArgumentException(
                    "it is larger than caravan.max-record, %,d bytes".formatted(plan.rules.maxSize()));
        }
        String fault = suspicious ? fault(start, length) : null;
        if (fault != null) {
            throw new IllegalArgumentException(fault);
        }
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
        if (token != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException("a record is an object, this is " + described(token));
        }
        if (source[start] != '{' || source[start + length - 1] != '}') {
            throw new IllegalStateException("The parser does not read the bytes it was given with");
        }
    }

    private void checkSchema(int start, int length) {
        RecordSchema schema = plan.rules.schema();
        String violation = schema == null ? null : schema.violation(source, start, length);
        if (violation != null) {
            throw new IllegalArgumentException(violation);
        }
    }

    private SourceRecord indexed(SourceRecord record, Object index) {
        String name = plan.layout.records().index();
        if (name == null || kinds[plan.index] != ABSENT) {
            return record;
        }
        return record.withBytes(Splice.into(record, Splice.member(name, index)));
    }

    private @Nullable String key(Object index) {
        List<JsonPath> key = plan.layout.key();
        if (key.isEmpty()) {
            return null;
        }
        if (key.size() == 1) {
            return keyPart(0, index);
        }
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < key.size(); i++) {
            String part = keyPart(i, index);
            all.append(part.length()).append(':').append(part);
        }
        return all.toString();
    }

    /** Returns a text as a quote and its content, anything else as it is written: so {@code "1"} and {@code 1} differ. */
    private String keyPart(int i, Object index) {
        int target = RecordPlan.FIRST_OF_RECORD + i;
        String text = texts[target];
        if (kinds[target] == LITERAL && text != null) {
            return text;
        }
        if (kinds[target] == TEXT && text != null) {
            return '"' + text;
        }
        String field = plan.layout.key().get(i).toString();
        String other = field.equals(plan.layout.records().index())
                ? index.toString()
                : beside.given().get(field);
        if (other == null) {
            String state = kinds[target] == ABSENT ? "missing" : kinds[target] == NULL ? "null" : "a list or an object";
            throw new IllegalArgumentException("the key field '%s' is %s".formatted(field, state));
        }
        return '"' + other;
    }

    private @Nullable Instant cursor() {
        CursorField field = plan.layout.cursor();
        if (field == null) {
            return null;
        }
        int place = kinds[plan.cursor] <= NULL && plan.cursorOr >= 0 ? plan.cursorOr : plan.cursor;
        if (kinds[place] <= NULL) {
            return null;
        }
        String text = texts[place];
        if (kinds[place] == STRUCTURE || text == null) {
            throw new IllegalArgumentException("the cursor '%s' is a list or an object".formatted(field.field()));
        }
        try {
            return field.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the cursor '%s' is not written as %s".formatted(field.field(), field.formatNames()), e);
        }
    }

    private String path() {
        return plan.layout.records().path().toString();
    }

    private int start() {
        return Math.toIntExact(parser.currentTokenLocation().getByteOffset());
    }

    private int end() {
        return Math.toIntExact(parser.currentLocation().getByteOffset());
    }

    private static String described(JsonToken token) {
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "a list";
            case VALUE_STRING -> "a text";
            case VALUE_NULL -> "null";
            case VALUE_TRUE, VALUE_FALSE -> "true or false";
            default -> "a number";
        };
    }
}
