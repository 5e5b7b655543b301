package dev.caravan.connection.outcome;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/**
 * What a header, or the values at a place of a body, must be: {@code 17}, {@code "*too much data*"} with {@code *} for any
 * text, a list of which one must fit, {@code {matches: "^17\\d"}}, {@code {not: 2026-10}}, {@code present}, {@code absent}.
 *
 * <p>Of several values one must fit. Immutable.
 */
final class ValueMatch {
    private static final String FORMS = "write a value, \"*part of a text*\", a list of values, {matches: regexp},"
            + " {not: value}, present or absent";
    /** What vendors write where there is nothing. */
    private static final Set<String> NOTHING = Set.of("", "[]", "{}");

    private final JsonNode written;
    private final String text;
    private final Predicate<List<String>> fits;

    private ValueMatch(JsonNode written, String text, Predicate<List<String>> fits) {
        this.written = written;
        this.text = text;
        this.fits = fits;
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static ValueMatch of(JsonNode node) {
        if (node.isArray() && !node.isEmpty()) {
            List<ValueMatch> each = new ArrayList<>();
            node.forEach(value -> each.add(scalar(value)));
            return new ValueMatch(node, node.toString(), values -> each.stream().anyMatch(match -> match.fits(values)));
        }
        if (node.isObject() && node.size() == 1) {
            Map.Entry<String, JsonNode> only = node.properties().iterator().next();
            return word(node, only.getKey(), only.getValue());
        }
        if (node.isValueNode() && node.asText().equals("present")) {
            return new ValueMatch(node, "present", ValueMatch::isThere);
        }
        if (node.isValueNode() && node.asText().equals("absent")) {
            return new ValueMatch(node, "absent", values -> !isThere(values));
        }
        return scalar(node);
    }

    private static ValueMatch word(JsonNode node, String word, JsonNode value) {
        return switch (word) {
            case "not" -> {
                ValueMatch other = of(value);
                yield new ValueMatch(node, "not " + other, values -> isThere(values) && !other.fits(values));
            }
            case "matches" -> {
                Pattern pattern = pattern(value.asText());
                yield new ValueMatch(node, "matches " + pattern, values -> values.stream()
                        .anyMatch(each -> pattern.matcher(each).find()));
            }
            default -> throw new IllegalArgumentException("'%s' is no condition, %s".formatted(word, FORMS));
        };
    }

    private static ValueMatch scalar(JsonNode node) {
        if (!node.isValueNode() || node.isNull()) {
            throw new IllegalArgumentException("'%s' is no condition, %s".formatted(node, FORMS));
        }
        String wanted = node.asText();
        if (wanted.indexOf('*') < 0) {
            return new ValueMatch(node, wanted, values -> values.contains(wanted));
        }
        Pattern glob = Pattern.compile(
                Pattern.compile("\\*")
                        .splitAsStream(wanted + " ")
                        .map(Pattern::quote)
                        .collect(Collectors.joining(".*")),
                Pattern.DOTALL | Pattern.CASE_INSENSITIVE);
        return new ValueMatch(node, wanted, values -> values.stream()
                .anyMatch(each -> glob.matcher(each + " ").matches()));
    }

    private static Pattern pattern(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "'%s' is not a regular expression: %s".formatted(text, e.getDescription()), e);
        }
    }

    private static boolean isThere(List<String> values) {
        return values.stream().anyMatch(each -> !NOTHING.contains(each.strip()));
    }

    /** @param values without nulls; empty if the place is not there */
    boolean fits(List<String> values) {
        return fits.test(values);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ValueMatch match && written.equals(match.written);
    }

    @Override
    public int hashCode() {
        return written.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
