package dev.caravan.page;

import dev.caravan.connection.Uris;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Names and values of a query or a form, with expressions in them. One whose value is missing is left out. Immutable. */
final class Parameters {
    private final String setting;
    private final ListStyle lists;
    private final List<Parameter> all = new ArrayList<>();

    /** Values of one name: joined with commas if there are several, or one JSON text. */
    private record Parameter(String name, List<Template> values, Optional<BodyTemplate> json, boolean listed) {
        Stream<String> render(RenderContext context) {
            if (json.isPresent()) {
                return Stream.of(json.get().renderText(context));
            }
            if (values.size() > 1) {
                String joined =
                        values.stream().flatMap(each -> of(each, context)).collect(Collectors.joining(","));
                return joined.isEmpty() ? Stream.empty() : Stream.of(joined);
            }
            return values.stream().flatMap(each -> of(each, context));
        }

        /** Of a group of partitions in a list, each member is a value. */
        private Stream<String> of(Template value, RenderContext context) {
            Optional<List<Object>> members = listed ? value.list(context) : Optional.empty();
            return members.isPresent() ? members.get().stream().map(Object::toString) : value.render(context).stream();
        }
    }

    /**
     * @param setting what they are called in messages: query or form
     * @throws IllegalArgumentException if an expression does not exist or a value has no form there
     */
    Parameters(String setting, Map<String, Object> settings, ListStyle lists) {
        this.setting = setting;
        this.lists = lists;
        settings.forEach(this::add);
    }

    private void add(String name, Object value) {
        boolean composed = value instanceof List || value instanceof Map;
        if (composed && lists == ListStyle.JSON) {
            all.add(new Parameter(name, List.of(), Optional.of(new BodyTemplate(value)), true));
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, each) -> add("%s[%s]".formatted(name, key), each));
        } else if (value instanceof List<?> list && lists == ListStyle.COMMA) {
            all.add(new Parameter(
                    name, list.stream().map(each -> template(name, each)).toList(), Optional.empty(), false));
        } else if (value instanceof List<?> list) {
            String repeated = lists == ListStyle.BRACKETS ? name + "[]" : name;
            list.forEach(
                    each -> all.add(new Parameter(repeated, List.of(template(name, each)), Optional.empty(), true)));
        } else {
            all.add(new Parameter(name, List.of(template(name, value)), Optional.empty(), false));
        }
    }

    private Template template(String name, Object value) {
        if (value == null || value instanceof Map || value instanceof List) {
            throw new IllegalArgumentException(
                    ("%s: '%s' is not a text, a number, true, false or a list of them; 'query-lists: json' takes more"
                                    + " and writes it as JSON text")
                            .formatted(setting, name));
        }
        return Template.parse(value.toString());
    }

    void check(Known known) {
        for (Parameter each : all) {
            each.values.forEach(value -> value.check(known));
            each.json.ifPresent(value -> value.check(known));
        }
    }

    Stream<Expression> expressions() {
        return all.stream()
                .flatMap(each -> Stream.concat(
                        each.values.stream().flatMap(Template::expressions),
                        each.json.stream().flatMap(BodyTemplate::expressions)));
    }

    /** Returns {@code name=value} pairs, encoded, with {@code &} between them. */
    String render(RenderContext context) {
        return all.stream()
                .flatMap(each -> each.render(context)
                        .map(value -> Uris.encodeQuery(each.name()) + "=" + Uris.encodeQuery(value)))
                .collect(Collectors.joining("&"));
    }
}
