package dev.caravan.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.caravan.json.StrictJson;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A body with expressions in it.
 *
 * <p>A map or list becomes JSON. A text that consists of one expression alone may become a number there; a member without
 * value is left out. A text is sent as it stands; where it looks like JSON, values are escaped as JSON strings are.
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

    void check(Collection<String> partitionFields, Collection<String> vars) {
        check(content, partitionFields, vars);
    }

    private static void check(@Nullable Object part, Collection<String> partitionFields, Collection<String> vars) {
        if (part instanceof Template template) {
            template.check(partitionFields, vars);
        } else if (part instanceof Map<?, ?> map) {
            map.values().forEach(each -> check(each, partitionFields, vars));
        } else if (part instanceof List<?> list) {
            list.forEach(each -> check(each, partitionFields, vars));
        }
    }

    byte[] render(RenderContext context) {
        if (content instanceof Template template) {
            boolean json = looksLikeJson(template);
            return template.render(context, (expression, value) -> json ? escaped(value) : value, true)
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

    private static String escaped(String value) {
        return new String(JsonStringEncoder.getInstance().quoteAsString(value));
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
