package dev.caravan.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.caravan.json.StrictJson;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A body with expressions in it.
 *
 * <p>A map or list becomes JSON. A text that consists of one expression alone may become a number there; a member without
 * value is left out. A text is sent as it stands; where it looks like JSON or XML, values are escaped as its texts are.
 * Immutable.
 */
final class BodyTemplate {
    private final Object content;

    /** @throws IllegalArgumentException if an expression in it does not exist */
    BodyTemplate(Object settings) {
        content = parsed(settings);
    }

    private static Object parsed(Object settings) {
        if (settings instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> parsed = new LinkedHashMap<>();
            map.forEach((name, value) -> parsed.put(String.valueOf(name), value == null ? null : parsed(value)));
            return parsed;
        }
        if (settings instanceof List<?> list) {
            List<@Nullable Object> parsed = new ArrayList<>();
            list.forEach(value -> parsed.add(value == null ? null : parsed(value)));
            return parsed;
        }
        return settings instanceof String text ? Template.parse(text) : settings;
    }

    boolean isJson() {
        return !(content instanceof Template template) || looksLikeJson(template);
    }

    private static boolean looksLikeJson(Template template) {
        String text = template.toString().stripLeading();
        return text.startsWith("[") || (text.startsWith("{") && !text.startsWith("${"));
    }

    void check(Known known) {
        templates(content).forEach(each -> each.check(known));
    }

    Stream<Expression> expressions() {
        return templates(content).flatMap(Template::expressions);
    }

    private static Stream<Template> templates(@Nullable Object part) {
        if (part instanceof Template template) {
            return Stream.of(template);
        }
        if (part instanceof Map<?, ?> map) {
            return map.values().stream().flatMap(BodyTemplate::templates);
        }
        return part instanceof List<?> list ? list.stream().flatMap(BodyTemplate::templates) : Stream.empty();
    }

    /** Returns what kind of content a text is, null if it is JSON. */
    @Nullable
    String textType() {
        if (isJson()) {
            return null;
        }
        return looksLikeXml((Template) content) ? "application/xml" : "text/plain; charset=utf-8";
    }

    private static boolean looksLikeXml(Template template) {
        return template.toString().stripLeading().startsWith("<");
    }

    /** Returns the body as a text. */
    String renderText(RenderContext context) {
        return new String(render(context), StandardCharsets.UTF_8);
    }

    byte[] render(RenderContext context) {
        if (content instanceof Template template) {
            return template.render(context, encoding(template), true)
                    .orElseThrow()
                    .getBytes(StandardCharsets.UTF_8);
        }
        try {
            return StrictJson.mapper()
                    .writeValueAsBytes(rendered(content, context).orElseThrow());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("body: cannot be written as JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** Values never leave their place in a text that has places. */
    private static BiFunction<Expression, String, String> encoding(Template template) {
        if (looksLikeJson(template)) {
            return (expression, value) ->
                    new String(JsonStringEncoder.getInstance().quoteAsString(value));
        }
        return looksLikeXml(template) ? (expression, value) -> xml(value) : (expression, value) -> value;
    }

    private static String xml(String value) {
        return value.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&apos;");
    }

    private static Optional<Object> rendered(Object part, RenderContext context) {
        if (part instanceof Template template) {
            Optional<List<Object>> members = template.list(context);
            return members.isPresent()
                    ? members.map(each -> each)
                    : template.render(context).map(text -> template.isNumber() ? number(template, text) : text);
        }
        if (part instanceof Map<?, ?> map) {
            Map<Object, @Nullable Object> members = new LinkedHashMap<>();
            map.forEach((name, value) -> {
                if (value == null) {
                    members.put(name, null);
                } else {
                    rendered(value, context).ifPresent(each -> members.put(name, each));
                }
            });
            return Optional.of(members);
        }
        if (part instanceof List<?> list) {
            List<@Nullable Object> elements = new ArrayList<>();
            for (Object value : list) {
                if (value == null) {
                    elements.add(null);
                } else {
                    rendered(value, context).ifPresent(elements::add);
                }
            }
            return Optional.of(elements);
        }
        return Optional.of(part);
    }

    private static Object number(Template template, String text) {
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("body: %s is '%s', not a number".formatted(template, text), e);
        }
    }
}
