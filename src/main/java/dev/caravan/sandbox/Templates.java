package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the record templates of a vendor's file, once, into values that write bytes.
 *
 * <p>A template is the record itself, with {@code ${name}} where a value goes. A string that is nothing but one such
 * name becomes whatever JSON the value is; inside a longer string it becomes text. Names are {@code id},
 * {@code version}, {@code revised} (empty until the row is edited), {@code kind}, {@code scope.x}, those of the
 * table's {@code values}, and {@code link.x} or {@code link.record} of a linked row. A value is a template again, or a
 * generator; those are listed at {@link Generators}.
 */
final class Templates {
    private final Map<String, Table> tables;
    private final Ledger ledger;

    Templates(Map<String, Table> tables, Ledger ledger) {
        this.tables = tables;
        this.ledger = ledger;
    }

    /** The record of a table. */
    Value record(Table table) {
        return named(table, "record", false);
    }

    /** A template that belongs to no table and reads nothing but the scope. */
    Value loose(JsonNode template) {
        Table none = new Table("", template.path("none"));
        return compile(new Place(none, 0, "", template.isTextual()), template);
    }

    /** A value by its name, whatever the row's kind; {@code text} for the inside of a string. */
    Value named(Table table, String name, boolean text) {
        Value[] perKind = new Value[table.kinds().size()];
        for (int kind = 0; kind < perKind.length; kind++) {
            perKind[kind] = named(new Place(table, kind, name, text), name);
        }
        return perKind.length == 1 ? perKind[0] : (row, out) -> perKind[row.kind()].write(row, out);
    }

    /** A template where it stands. */
    Value compile(Place place, JsonNode template) {
        if (template.isTextual()) {
            return text(place, template.textValue());
        }
        if (template.isObject() && template.size() == 1) {
            String only = template.fieldNames().next();
            if (only.startsWith("$")) {
                return Generators.create(this, place, only, template.path(only));
            }
        }
        Pieces pieces = new Pieces();
        if (template.isObject()) {
            String before = "{";
            for (var field : template.properties()) {
                if (isAbsent(place, field.getValue())) {
                    continue;
                }
                pieces.literal(before + "\"").escaped(field.getKey()).literal("\":");
                pieces.value(compile(place.inside(field.getKey()), field.getValue()));
                before = ",";
            }
            return pieces.literal(before.equals("{") ? "{}" : "}").join();
        }
        if (template.isArray()) {
            String before = "[";
            for (int i = 0; i < template.size(); i++) {
                pieces.literal(before).value(compile(place.inside(Integer.toString(i)), template.get(i)));
                before = ",";
            }
            return pieces.literal(template.isEmpty() ? "[]" : "]").join();
        }
        return pieces.literal(template.asText()).join();
    }

    /** The rows that a link leads to. */
    Rows linked(Table table, Row from) {
        return ledger.list(table, from.scope());
    }

    Table table(String name) {
        Table table = tables.get(name);
        if (table == null) {
            throw new IllegalArgumentException("No such table: " + name);
        }
        return table;
    }

    private static boolean isAbsent(Place place, JsonNode template) {
        String text = template.asText();
        JsonNode meaning = text.startsWith("${") && text.endsWith("}")
                ? place.meaning(text.substring(2, text.length() - 1))
                : null;
        return meaning != null && meaning.path("$absent").asBoolean();
    }

    private Value text(Place place, String template) {
        int end = template.indexOf('}');
        if (template.startsWith("${") && end == template.length() - 1) {
            return named(place, template.substring(2, end));
        }
        Pieces pieces = new Pieces();
        String quote = place.text() ? "" : "\"";
        pieces.literal(quote);
        int from = 0;
        for (int start = template.indexOf("${"); start >= 0; start = template.indexOf("${", from)) {
            int close = template.indexOf('}', start);
            pieces.escaped(template.substring(from, start));
            pieces.value(named(place.inText(), template.substring(start + 2, close)));
            from = close + 1;
        }
        return pieces.escaped(template.substring(from)).literal(quote).join();
    }

    private Value named(Place place, String name) {
        int dot = name.indexOf('.');
        if (dot > 0) {
            String head = name.substring(0, dot);
            String rest = name.substring(dot + 1);
            return head.equals("scope") ? Generators.ofScope(rest, place.text()) : linked(place, head, rest);
        }
        JsonNode meaning = name.equals("record") ? place.table().record() : place.meaning(name);
        return meaning == null ? Generators.builtIn(place, name) : compile(place.at(name), meaning);
    }

    private Value linked(Place place, String link, String name) {
        JsonNode meaning = place.meaning(link);
        if (meaning == null) {
            throw new IllegalArgumentException(
                    "No such link in %s: %s".formatted(place.table().name(), link));
        }
        return Generators.follow(this, place.at(link), meaning, name);
    }

    /**
     * Where a template stands.
     *
     * @param kind the kind of row it is compiled for
     * @param path what tells its chance from that of others
     * @param text whether it is inside a string
     */
    record Place(Table table, int kind, String path, boolean text) {
        Place at(String newPath) {
            return new Place(table, kind, newPath, text);
        }

        Place inside(String key) {
            return new Place(table, kind, path + "/" + key, text);
        }

        Place inText() {
            return new Place(table, kind, path, true);
        }

        long salt() {
            return Hash.of(path);
        }

        @Nullable
        JsonNode meaning(String name) {
            return table.meaning(name, kind);
        }
    }

    /** Joins literals and values; literals that meet become one. */
    private static final class Pieces {
        private final List<Value> values = new ArrayList<>();
        private final JsonBuffer pending = new JsonBuffer(256);

        Pieces literal(String json) {
            pending.raw(json);
            return this;
        }

        Pieces escaped(String text) {
            pending.text(text);
            return this;
        }

        Pieces value(Value value) {
            if (value instanceof Literal literal) {
                pending.raw(literal.bytes());
            } else if (value instanceof Sequence sequence) {
                sequence.values().forEach(this::value);
            } else {
                flush();
                values.add(value);
            }
            return this;
        }

        Value join() {
            flush();
            return values.size() == 1 ? values.get(0) : new Sequence(List.copyOf(values));
        }

        private void flush() {
            if (pending.size() > 0) {
                values.add(new Literal(pending.toByteArray()));
                pending.clear();
            }
        }
    }

    /** Bytes that are the same for every row. */
    @SuppressWarnings("ArrayRecordComponent") // the bytes are never compared and never handed out
    private record Literal(byte[] bytes) implements Value {
        @Override
        public void write(Row row, JsonBuffer out) {
            out.raw(bytes);
        }
    }

    private record Sequence(List<Value> values) implements Value {
        @Override
        public void write(Row row, JsonBuffer out) {
            for (Value value : values) {
                value.write(row, out);
            }
        }
    }
}
