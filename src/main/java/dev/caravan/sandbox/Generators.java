package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.caravan.sandbox.Templates.Place;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * The values that a vendor's file can ask for:
 *
 * <ul>
 *   <li>{@code $int: [min, max]}: a number, both included
 *   <li>{@code $pick: [..]}: one of these templates; as {@code {text: weight}}, one of these texts
 *   <li>{@code $each: [..]}: of a table with {@code daily} rows, one for each row of a day in turn
 *   <li>{@code $text: value}: a number as a text
 *   <li>{@code $hex: n}, {@code $digits: n}: a text of that length
 *   <li>{@code $scale: {of: value, times: n, over: n, plus: n}}: whole-number arithmetic, rounded down
 *   <li>{@code $minus: [value, value, ..]}: the first less the others
 *   <li>{@code $epoch}, {@code $iso}, {@code $date: {of: origin|time|earlier, plus: value, floor: seconds}}: a moment of the row,
 *       with {@code offset: -04:00} local to that offset, which {@code $iso} writes as it stands there;
 *       {@code earlier} lies days before {@code origin} and keeps its order
 *   <li>{@code $time: {pattern: "uuuu-MM-dd HH:mm:ss"}}: such a moment in UTC, by a pattern of Java's DateTimeFormatter
 *   <li>{@code $edited: {yes: template, no: template}}: the first for a row that was edited, the other for one that was not
 *   <li>{@code $absent: true}: the field that is nothing but this value's name is left out
 *   <li>{@code $link: table}: a row of that table by chance; {@code $twin: table}: its row of the same index;
 *       {@code $turn: table}: one
 *       for each row of a day in turn; {@code $latest: table}: its last row that was there before. A row that announces an edit leads to the edited
 *       one instead. They are only read through a dot: {@code link.x}
 * </ul>
 */
final class Generators {
    private static final long DAY = 86_400;

    private Generators() {}

    static Value create(Templates templates, Place place, String generator, JsonNode options) {
        return switch (generator) {
            case "$int" ->
                integer(place.salt(), options.path(0).asLong(), options.path(1).asLong());
            case "$pick" -> pick(place.salt(), choices(templates, place, options));
            case "$each" -> each(place, choices(templates, place, options));
            case "$text" -> quoted(place, templates.compile(place.inText(), options));
            case "$hex" -> quoted(place, letters(place.salt(), 16, options.asInt()));
            case "$digits" -> quoted(place, letters(place.salt(), 10, options.asInt()));
            case "$scale" -> scale(templates, place, options);
            case "$minus" -> minus(templates, place, options);
            case "$epoch" -> new Value.Numeric(moment(templates, place, options));
            case "$time" -> time(templates, place, options);
            case "$edited" -> edited(templates, place, options);
            case "$iso" ->
                iso(
                        place,
                        moment(templates, place, options),
                        options.path("offset").asText("Z"));
            case "$date" -> date(place, moment(templates, place, options));
            default -> throw new IllegalArgumentException("Unknown generator: " + generator);
        };
    }

    /** The values that every table has. */
    static Value builtIn(Place place, String name) {
        Table table = place.table();
        return switch (name) {
            case "id" -> {
                Value id = (row, out) -> table.identifier().write(row.index(), table.idSalt(row.scope()), out);
                yield table.identifier().numeric() ? id : quoted(place, id);
            }
            case "number" -> new Value.Numeric(row -> row.index() + 1);
            case "previous" ->
                quoted(place, (row, out) -> table.identifier().write(row.index() - 1, table.idSalt(row.scope()), out));
            case "version" -> new Value.Numeric(Row::version);
            case "revised" ->
                quoted(place, (row, out) -> {
                    if (row.version() > 0) {
                        out.raw(" (revision ").number(row.version()).raw(')');
                    }
                });
            case "kind" -> quoted(place, (row, out) -> out.text(table.kinds().get(row.kind())));
            default -> throw new IllegalArgumentException("No such value in %s: %s".formatted(table.name(), name));
        };
    }

    static Value ofScope(String key, boolean text) {
        return (row, out) -> {
            Object value = row.scope().value(key);
            if (value instanceof String string) {
                if (text) {
                    out.text(string);
                } else {
                    out.quoted(string);
                }
            } else {
                out.raw(String.valueOf(value));
            }
        };
    }

    /** A value of the row that a link leads to. */
    static Value follow(Templates templates, Place place, JsonNode link, String name) {
        String how = link.fieldNames().next();
        Table table = templates.table(link.path(how).asText());
        Value value = templates.named(table, name, place.text());
        long salt = place.salt();
        int daily = Math.max(1, place.table().daily());
        return (row, out) -> {
            Rows rows = templates.linked(table, row);
            Row.Subject subject = row.subject();
            Row target = subject.index() < 0
                    ? rows.row(Hash.below(rows.computed(), place(how, rows, row, salt, daily)), 0)
                    : rows.row(subject.index(), subject.version());
            value.write(target, out);
        };
    }

    private static long place(String how, Rows rows, Row row, long salt, int daily) {
        return switch (how) {
            case "$twin" -> row.index();
            case "$turn" -> row.index() % daily;
            case "$latest" -> Math.max(0, Math.min(rows.computed(), rows.firstAtOrAfter(row.origin() + 1)) - 1);
            case "$link" -> row.roll(salt);
            default -> throw new IllegalArgumentException("Unknown link: " + how);
        };
    }

    private static Value quoted(Place place, Value text) {
        return place.text()
                ? text
                : (row, out) -> {
                    out.raw('"');
                    text.write(row, out);
                    out.raw('"');
                };
    }

    private static Value number(Templates templates, Place place, JsonNode template) {
        if (template.isMissingNode() || template.isIntegralNumber()) {
            long constant = template.asLong();
            return new Value.Numeric(row -> constant);
        }
        return templates.compile(place, template);
    }

    private static Value integer(long salt, long min, long max) {
        return new Value.Numeric(row -> min + Hash.below(max - min + 1, row.roll(salt)));
    }

    private static List<Value> choices(Templates templates, Place place, JsonNode options) {
        List<Value> choices = new ArrayList<>();
        if (options.isArray()) {
            for (int i = 0; i < options.size(); i++) {
                choices.add(templates.compile(place.inside(Integer.toString(i)), options.get(i)));
            }
        } else {
            options.properties().forEach(choice -> {
                Value value = templates.compile(place, TextNode.valueOf(choice.getKey()));
                for (int i = 0; i < choice.getValue().asInt(); i++) {
                    choices.add(value);
                }
            });
        }
        return choices;
    }

    private static Value pick(long salt, List<Value> choices) {
        Value[] values = choices.toArray(Value[]::new);
        return (row, out) -> values[(int) Hash.below(values.length, row.roll(salt))].write(row, out);
    }

    private static Value each(Place place, List<Value> choices) {
        Value[] values = choices.toArray(Value[]::new);
        int daily = Math.max(1, place.table().daily());
        return (row, out) -> values[(int) (row.index() % daily % values.length)].write(row, out);
    }

    private static Value letters(long salt, int base, int length) {
        return (row, out) -> {
            long rest = 0;
            for (int i = 0; i < length; i++) {
                rest = i % 12 == 0 ? row.roll(salt + i) >>> 1 : rest / base;
                out.raw(Character.forDigit((int) (rest % base), base));
            }
        };
    }

    private static Value scale(Templates templates, Place place, JsonNode options) {
        Value of = number(templates, place, options.path("of"));
        long times = options.path("times").asLong(1);
        long over = options.path("over").asLong(1);
        long plus = options.path("plus").asLong();
        return new Value.Numeric(row -> Math.floorDiv(of.number(row) * times, over) + plus);
    }

    private static Value minus(Templates templates, Place place, JsonNode options) {
        List<Value> terms = new ArrayList<>();
        options.forEach(term -> terms.add(number(templates, place, term)));
        return new Value.Numeric(row -> {
            long left = terms.get(0).number(row);
            for (Value term : terms.subList(1, terms.size())) {
                left -= term.number(row);
            }
            return left;
        });
    }

    private static ToLongFunction<Row> moment(Templates templates, Place place, JsonNode options) {
        ToLongFunction<Row> of = basis(options.path("of").asText("origin"));
        Value plus = number(templates, place.inside("plus"), options.path("plus"));
        long floor = options.path("floor").asLong(1);
        return row -> Math.floorDiv(of.applyAsLong(row) + plus.number(row), floor) * floor;
    }

    private static ToLongFunction<Row> basis(String of) {
        return switch (of) {
            case "origin" -> Row::origin;
            case "time" -> Row::time;
            case "earlier" -> Generators::earlier;
            default -> throw new IllegalArgumentException("Unknown moment: " + of);
        };
    }

    /** Twenty days earlier at the start of the data, two at its end: the lead shrinks by a fifth of what passes. */
    private static long earlier(Row row) {
        long passed = row.origin() - Sandbox.FIRST_DAY.getEpochSecond();
        return row.origin() - 20 * DAY + Math.floorDiv(passed, 5);
    }

    private static Value time(Templates templates, Place place, JsonNode options) {
        ToLongFunction<Row> moment = moment(templates, place, options);
        DateTimeFormatter pattern = DateTimeFormatter.ofPattern(
                        options.path("pattern").asText(), Locale.ROOT)
                .withZone(ZoneOffset.UTC);
        return quoted(place, (row, out) -> out.text(pattern.format(Instant.ofEpochSecond(moment.applyAsLong(row)))));
    }

    private static Value edited(Templates templates, Place place, JsonNode options) {
        Value edited = templates.compile(place.inside("yes"), options.path("yes"));
        Value fresh = templates.compile(place.inside("no"), options.path("no"));
        return (row, out) -> (row.version() > 0 ? edited : fresh).write(row, out);
    }

    private static Value date(Place place, ToLongFunction<Row> moment) {
        return quoted(place, (row, out) -> out.date(LocalDate.ofEpochDay(Math.floorDiv(moment.applyAsLong(row), DAY))));
    }

    private static Value iso(Place place, ToLongFunction<Row> moment, String offset) {
        long seconds = ZoneOffset.of(offset).getTotalSeconds();
        return quoted(place, (row, out) -> out.local(moment.applyAsLong(row) + seconds)
                .raw(offset));
    }
}
