package dev.caravan.page;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A text with expressions in it, such as <code>created:&gt;${window.from|date}</code>. A second dollar sign before the
 * first makes text of it.
 * Immutable.
 */
public final class Template {
    private final String text;
    private final List<Part> parts;

    /** A text or an expression. */
    private record Part(String literal, @Nullable Expression expression) {}

    private Template(String text, List<Part> parts) {
        this.text = text;
        this.parts = List.copyOf(parts);
    }

    /**
     * Reads a template.
     *
     * @throws IllegalArgumentException if an expression in it does not exist; the message names those that do
     */
    @JsonCreator
    public static Template parse(String text) {
        List<Part> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            if (text.startsWith("$${", at)) {
                literal.append("${");
                at += 3;
            } else if (text.startsWith("${", at)) {
                int end = text.indexOf('}', at);
                if (end < 0) {
                    throw new IllegalArgumentException(
                            "'%s' opens an expression and does not close it, write ${window.from}".formatted(text));
                }
                parts.add(new Part(literal.toString(), null));
                literal.setLength(0);
                parts.add(new Part("", Expression.parse(text.substring(at + 2, end))));
                at = end + 1;
            } else {
                literal.append(text.charAt(at++));
            }
        }
        parts.add(new Part(literal.toString(), null));
        parts.removeIf(part -> part.expression() == null && part.literal().isEmpty());
        return new Template(text, parts);
    }

    /**
     * Checks that the expressions will have values.
     *
     * @throws IllegalArgumentException naming the expression that will not
     */
    public void check(Known known) {
        expressions().forEach(each -> each.check(known));
    }

    Stream<Expression> expressions() {
        return parts.stream().flatMap(part -> Stream.ofNullable(part.expression()));
    }

    /** Returns the text with values in it, or empty if one of its expressions has no value. */
    public Optional<String> render(RenderContext context) {
        return render(context, (expression, value) -> value, false);
    }

    /** Returns the text, each value encoded, and without value for an expression that has none if {@code blanks}. */
    Optional<String> render(RenderContext context, BiFunction<Expression, String, String> encoding, boolean blanks) {
        StringBuilder rendered = new StringBuilder();
        for (Part part : parts) {
            Expression expression = part.expression();
            if (expression == null) {
                rendered.append(part.literal());
                continue;
            }
            String value = expression.value(context);
            if (value.isEmpty() && !blanks) {
                return Optional.empty();
            }
            rendered.append(encoding.apply(expression, value));
        }
        return Optional.of(rendered.toString());
    }

    /** Returns the values of all members of a group, if this is one expression for them and nothing else. */
    Optional<List<Object>> list(RenderContext context) {
        Expression only = parts.size() == 1 ? parts.get(0).expression() : null;
        return only == null ? Optional.empty() : only.list(context);
    }

    /** Tells whether this is one expression and nothing else, whose value JSON has as a number. */
    boolean isNumber() {
        Expression only = parts.size() == 1 ? parts.get(0).expression() : null;
        return only != null && only.number();
    }

    @JsonValue
    @Override
    public String toString() {
        return text;
    }
}
