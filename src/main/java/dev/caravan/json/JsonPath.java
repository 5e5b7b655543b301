package dev.caravan.json;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A place in a JSON document: {@code $.data.items}, {@code data[0].id}, {@code $.data[-1].id} or {@code data.-1.id} for
 * the last element, {@code $[*].daily} for each one, {@code ['a.b']} for a name with signs in it; the empty text and
 * {@code $} are the root. {@code $..pageInfo.endCursor} looks for {@code pageInfo} at any depth: of several places the one
 * nearest to the root counts, of those as near the first.
 */
public final class JsonPath {
    public static final JsonPath ROOT = new JsonPath("$", List.of());

    private static final Pattern INDEX = Pattern.compile("-1|\\d{1,3}");

    private final String text;
    private final List<Step> steps;

    private JsonPath(String text, List<Step> steps) {
        this.text = text;
        this.steps = List.copyOf(steps);
    }

    /**
     * One step down. Without brackets, {@code 0} and {@code -1} may be a field or an element, so such a step is both.
     *
     * @param name the field it takes of an object, {@link #ANY_NAME} for each, null for none
     * @param index the element it takes of an array, or {@link #EACH}, {@link #LAST}, {@link #NONE}
     * @param anywhere whether it takes the field at any depth
     */
    record Step(@Nullable String name, int index, boolean anywhere) {
        static final int LAST = -1;
        static final int EACH = -2;
        static final int NONE = -3;
        static final String ANY_NAME = "*";

        Step(@Nullable String name, int index) {
            this(name, index, false);
        }

        boolean isEachElement() {
            return index == EACH;
        }

        boolean isEachMember() {
            return name != null && name.equals(ANY_NAME) && index == EACH;
        }

        boolean takesName(String other) {
            return isEachMember() || (name != null && index != EACH && name.equals(other));
        }
    }

    /**
     * Reads a path.
     *
     * @throws IllegalArgumentException if {@code text} is not one
     */
    @JsonCreator
    public static JsonPath parse(String text) {
        String trimmed = text.trim();
        List<Step> steps = new ArrayList<>();
        int at = trimmed.startsWith("$") ? 1 : 0;
        while (at < trimmed.length()) {
            if (trimmed.charAt(at) == '[') {
                at = bracket(trimmed, at, steps);
            } else if (at > 0 && trimmed.startsWith("..", at) && trimmed.startsWith("$")) {
                at = searched(trimmed, at + 2, steps);
            } else {
                boolean dot = trimmed.charAt(at) == '.';
                if (dot == (at == 0)) {
                    throw refused(trimmed);
                }
                at = name(trimmed, dot ? at + 1 : at, steps);
            }
        }
        return new JsonPath(trimmed.isEmpty() ? "$" : trimmed, steps);
    }

    /** Returns the path of the field {@code name}, whatever signs it has. */
    public static JsonPath named(String name) {
        List<Step> steps = List.of(new Step(name, Step.NONE));
        return new JsonPath(written(steps), steps);
    }

    private static int name(String text, int from, List<Step> steps) {
        int end = from;
        while (end < text.length() && text.charAt(end) != '.' && text.charAt(end) != '[') {
            end++;
        }
        String name = text.substring(from, end);
        if (name.isEmpty() || name.indexOf(']') >= 0) {
            throw refused(text);
        }
        if (name.equals(Step.ANY_NAME)) {
            steps.add(new Step(Step.ANY_NAME, Step.EACH));
        } else {
            steps.add(new Step(name, INDEX.matcher(name).matches() ? Integer.parseInt(name) : Step.NONE));
        }
        return end;
    }

    private static int searched(String text, int from, List<Step> steps) {
        int end = name(text, from, steps);
        Step plain = steps.remove(steps.size() - 1);
        if (plain.isEachMember()) {
            throw refused(text);
        }
        steps.add(new Step(plain.name(), Step.NONE, true));
        return end;
    }

    private static int bracket(String text, int from, List<Step> steps) {
        char quote = from + 1 < text.length() ? text.charAt(from + 1) : ']';
        boolean quoted = quote == '\'' || quote == '"';
        int end = quoted ? text.indexOf(quote + "]", from + 2) : text.indexOf(']', from);
        if (end < 0) {
            throw refused(text);
        }
        String inside = text.substring(quoted ? from + 2 : from + 1, end);
        if (quoted) {
            steps.add(new Step(inside, Step.NONE));
            return end + 2;
        }
        if (inside.equals("*")) {
            steps.add(new Step(null, Step.EACH));
        } else if (INDEX.matcher(inside).matches()) {
            steps.add(new Step(null, Integer.parseInt(inside)));
        } else {
            throw refused(text);
        }
        return end + 1;
    }

    private static IllegalArgumentException refused(String text) {
        return new IllegalArgumentException(
                "'%s' is not a path, write $.data.items, data[0].id, $.data[-1].id, $[*].daily or $..endCursor"
                        .formatted(text));
    }

    List<Step> steps() {
        return steps;
    }

    /** Whether it looks for a name at any depth. */
    public boolean isSearch() {
        return steps.stream().anyMatch(Step::anywhere);
    }

    public boolean isRoot() {
        return steps.isEmpty();
    }

    /** Returns the name of the field this leads to, empty for the root and for elements. */
    public Optional<String> field() {
        return isRoot()
                ? Optional.empty()
                : Optional.ofNullable(steps.get(steps.size() - 1).name());
    }

    /** Returns {@code below}, seen from where this begins. */
    public JsonPath then(JsonPath below) {
        return with(below.steps);
    }

    /** Returns the path of each element of the array that this leads to. */
    public JsonPath elements() {
        return with(List.of(new Step(null, Step.EACH)));
    }

    /** Returns the path of each value of the object that this leads to. */
    public JsonPath members() {
        return with(List.of(new Step(Step.ANY_NAME, Step.EACH)));
    }

    /** Returns the path of the array whose elements this leads to, or this if it does not end in {@code [*]}. */
    public JsonPath container() {
        boolean each = !isRoot() && steps.get(steps.size() - 1).isEachElement();
        return each ? part(0, steps.size() - 1) : this;
    }

    /** Returns the path of what holds the value that this leads to; the root holds itself. */
    public JsonPath parent() {
        return isRoot() ? this : part(0, steps.size() - 1);
    }

    /** Returns the path up to its last {@code [*]}, or empty if there is none. */
    public Optional<JsonPath> upToEach() {
        for (int i = steps.size(); i > 0; i--) {
            if (steps.get(i - 1).isEachElement()) {
                return Optional.of(part(0, i));
            }
        }
        return Optional.empty();
    }

    /** Returns the path behind its last {@code [*]}, or all of it if there is none. */
    public JsonPath afterEach() {
        return part(upToEach().map(head -> head.steps.size()).orElse(0), steps.size());
    }

    private JsonPath part(int from, int to) {
        return new JsonPath(written(steps.subList(from, to)), steps.subList(from, to));
    }

    private JsonPath with(List<Step> more) {
        List<Step> all = new ArrayList<>(steps);
        all.addAll(more);
        return new JsonPath(written(all), all);
    }

    private static String written(List<Step> steps) {
        StringBuilder text = new StringBuilder("$");
        for (Step step : steps) {
            if (step.anywhere()) {
                text.append("..").append(step.name());
            } else if (step.isEachMember()) {
                text.append(".*");
            } else if (step.name() == null) {
                text.append('[')
                        .append(step.isEachElement() ? "*" : Integer.toString(step.index()))
                        .append(']');
            } else if (step.index() == Step.NONE && !step.name().matches("[\\w@-]+")) {
                text.append("['").append(step.name()).append("']");
            } else {
                text.append('.').append(step.name());
            }
        }
        return text.toString();
    }

    /**
     * Returns the text of the first value this leads to: of a string its content, of anything else its JSON; empty if there
     * is none or it is null. Reads no further than it must, so a broken document may go unnoticed.
     */
    public Optional<String> textIn(byte[] document) {
        return find(document).flatMap(found -> found.text(document));
    }

    /** Returns where in {@code document} the first value is that this leads to. */
    public Optional<Place> find(byte[] document) {
        try (JsonParser parser = StrictJson.factory().createParser(document)) {
            parser.nextToken();
            return Optional.ofNullable(isSearch() ? new Search(this, parser).nearest() : find(parser, 0));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** A walk over a whole document for the place nearest to its root. */
    private static final class Search {
        private final PathTree tree;
        private final JsonParser parser;
        private int depth = StrictJson.MAX_DEPTH;
        private @Nullable Place found;

        Search(JsonPath path, JsonParser parser) {
            this.tree = PathTree.of(List.of(path));
            this.parser = parser;
        }

        @Nullable
        Place nearest() {
            try {
                look(tree, 0);
            } catch (IOException e) {
                // What comes before the break counts.
            }
            return found;
        }

        private void look(@Nullable PathTree at, int here) throws IOException {
            if (at == null || here >= depth) {
                parser.skipChildren();
            } else if (at.targets().length > 0) {
                depth = here;
                found = Place.at(parser);
            } else if (parser.currentToken() == JsonToken.START_OBJECT) {
                for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                    parser.nextToken();
                    look(at.field(name), here + 1);
                }
            } else if (parser.currentToken() == JsonToken.START_ARRAY) {
                for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                    look(at.element(i), here + 1);
                }
            }
        }
    }

    private @Nullable Place find(JsonParser parser, int depth) throws IOException {
        if (depth == steps.size()) {
            return Place.at(parser);
        }
        Step step = steps.get(depth);
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                parser.nextToken();
                Place found = step.takesName(name) ? find(parser, depth + 1) : skip(parser);
                if (found != null) {
                    return found;
                }
            }
        } else if (parser.currentToken() == JsonToken.START_ARRAY) {
            return findInArray(parser, step, depth);
        }
        return null;
    }

    private @Nullable Place findInArray(JsonParser parser, Step step, int depth) throws IOException {
        int nesting = parser.getParsingContext().getNestingDepth();
        Place last = null;
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
            boolean taken = step.index() < 0 ? step.index() != Step.NONE : step.index() == i;
            Place found = taken ? find(parser, depth + 1) : skip(parser);
            if (found != null && step.index() != Step.LAST) {
                return found;
            }
            last = found;
            while (parser.getParsingContext().getNestingDepth() > nesting) {
                parser.nextToken();
            }
        }
        return last;
    }

    private static @Nullable Place skip(JsonParser parser) throws IOException {
        parser.skipChildren();
        return null;
    }

    /**
     * A value's bytes within its document.
     *
     * @param start its first byte
     * @param end the byte behind it
     */
    public record Place(int start, int end) {
        /** Returns where the value is that {@code parser} stands at, and moves it to the value's last token. */
        public static Place at(JsonParser parser) throws IOException {
            int start = Math.toIntExact(parser.currentTokenLocation().getByteOffset());
            parser.skipChildren();
            parser.finishToken();
            return new Place(start, Math.toIntExact(parser.currentLocation().getByteOffset()));
        }

        private Optional<String> text(byte[] document) {
            try (JsonParser parser = StrictJson.factory().createParser(document, start, end - start)) {
                JsonToken token = parser.nextToken();
                if (token == JsonToken.VALUE_NULL) {
                    return Optional.empty();
                }
                return Optional.of(
                        token.isScalarValue()
                                ? parser.getText()
                                : new String(document, start, end - start, StandardCharsets.UTF_8));
            } catch (IOException e) {
                return Optional.empty();
            }
        }
    }

    @JsonValue
    @Override
    public String toString() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JsonPath path && steps.equals(path.steps);
    }

    @Override
    public int hashCode() {
        return steps.hashCode();
    }
}
