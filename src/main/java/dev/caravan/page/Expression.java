package dev.caravan.page;

import dev.caravan.slice.CursorFormat;
import dev.caravan.slice.Partition;
import dev.caravan.slice.Window;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One {@code ${…}} of a template.
 *
 * @param root what it asks: window, page, run, partition or vars
 * @param name which value of it
 * @param format how a time is written, null for the stream's own
 * @param path whether slashes in its value part a path
 * @param number whether a JSON body has it as a number
 */
record Expression(String root, String name, @Nullable CursorFormat format, boolean path, boolean number) {
    /** How the name of a value begins that each member of a group has. */
    private static final String MEMBER = "group.";

    private static final Map<String, Set<String>> FIXED = Map.of(
            "window", Set.of("from", "to", "through"),
            "page", Set.of("number", "offset", "token"),
            "run", Set.of("start"));

    /** @throws IllegalArgumentException naming what exists, if {@code text} is no expression */
    static Expression parse(String text) {
        String[] parts = text.split("\\|", -1);
        String value = parts[0].strip();
        int dot = value.indexOf('.');
        String root = dot < 0 ? value : value.substring(0, dot);
        String name = dot < 0 ? "" : value.substring(dot + 1);
        Set<String> names = FIXED.get(root);
        boolean free = (root.equals("partition") || root.equals("vars")) && !name.isBlank();
        if (!free && (names == null || !names.contains(name))) {
            throw new IllegalArgumentException(("Unknown expression ${%s}, use one of window.from, window.to,"
                            + " window.through, page.number, page.offset, page.token, run.start, partition.<field>,"
                            + " vars.<name>")
                    .formatted(text));
        }
        boolean time = root.equals("window") || root.equals("run");
        boolean counted = root.equals("page") && !name.equals("token");
        Expression expression = new Expression(root, name, null, false, counted);
        for (int i = 1; i < parts.length; i++) {
            expression = expression.with(parts[i].strip(), text, time);
        }
        return expression;
    }

    private Expression with(String pipe, String text, boolean time) {
        if (pipe.equals("path")) {
            return new Expression(root, name, format, true, number);
        }
        if (pipe.equals("number")) {
            return new Expression(root, name, format, path, true);
        }
        if (!time) {
            throw new IllegalArgumentException(
                    "${%s}: '|%s' does not fit, this takes |path and |number".formatted(text, pipe));
        }
        try {
            return new Expression(root, name, CursorFormat.named(pipe), path, number);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("${%s}: %s".formatted(text, e.getMessage()), e);
        }
    }

    /** @throws IllegalArgumentException if a partition or the run does not have the value this asks for */
    void check(Collection<String> partitionFields, Collection<String> vars) {
        boolean ofPartition = root.equals("partition");
        if (ofPartition && !partitionFields.contains(name)) {
            throw new IllegalArgumentException(
                    partitionFields.isEmpty()
                            ? "${partition.%s}: the stream has no partitions".formatted(name)
                            : "${partition.%s} does not exist, partitions have %s"
                                    .formatted(name, String.join(", ", new TreeSet<>(partitionFields))));
        }
        if (root.equals("vars") && !vars.contains(name)) {
            throw new IllegalArgumentException("${vars.%s} is not given, add --var %s=value".formatted(name, name));
        }
    }

    /** Returns the value, empty if there is none: no window, no token. */
    String value(RenderContext context) {
        return switch (root) {
            case "window" -> ofWindow(context);
            case "page" -> ofPage(context.page());
            case "run" -> written(context.runStart(), context);
            case "partition" -> ofPartition(context.partition());
            default -> context.vars().getOrDefault(name, "");
        };
    }

    private String ofPartition(Partition partition) {
        if (!partition.isGroup()) {
            return partition.fields().getOrDefault(name, "");
        }
        return members(partition).stream()
                .map(each -> each instanceof Map<?, ?> taken && taken.size() == 1
                        ? taken.values().iterator().next()
                        : each)
                .map(Object::toString)
                .collect(Collectors.joining(","));
    }

    /**
     * Returns what the members of a group have, one element each: a value, or all that was taken of it as an object; empty if
     * this asks for one value.
     */
    Optional<List<Object>> list(RenderContext context) {
        boolean group = root.equals("partition") && context.partition().isGroup();
        return group ? Optional.of(members(context.partition())) : Optional.empty();
    }

    private List<Object> members(Partition group) {
        String field = name.startsWith(MEMBER) ? name.substring(MEMBER.length()) : "";
        List<Object> values = new ArrayList<>();
        for (Partition each : group.members()) {
            values.add(
                    field.isEmpty()
                            ? new TreeMap<>(each.fields())
                            : ofMember(each.fields().getOrDefault(field, "")));
        }
        return values;
    }

    private Object ofMember(String value) {
        try {
            return number ? new BigDecimal(value) : value;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("%s is '%s', not a number".formatted(this, value), e);
        }
    }

    private String ofWindow(RenderContext context) {
        Window window = context.window();
        if (window == null) {
            return "";
        }
        // A format cuts down to its unit, so the last instant of the window is written as its last included step.
        return switch (name) {
            case "from" -> written(window.from(), context);
            case "to" -> written(window.to(), context);
            default -> written(window.to().minusNanos(1), context);
        };
    }

    private String ofPage(Position page) {
        return switch (name) {
            case "number" -> Integer.toString(page.number());
            case "offset" -> Long.toString(page.offset());
            default -> page.token() == null ? "" : page.token();
        };
    }

    private String written(Instant instant, RenderContext context) {
        return (format == null ? context.format() : format).format(instant, context.zone());
    }

    @Override
    public String toString() {
        return "${%s.%s%s}".formatted(root, name, format == null ? "" : "|" + format.yamlName());
    }
}
