package dev.caravan.page;

import dev.caravan.slice.CursorFormat;
import dev.caravan.slice.Partition;
import dev.caravan.slice.Span;
import dev.caravan.slice.Window;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One {@code ${…}} of a template.
 *
 * @param root what it asks: window, page, run, now, partition, vars, connection, cursor, answer, job or record
 * @param name which value of it, empty for now
 * @param shift time added to a time, null for none
 * @param format how a time is written, null for the stream's own
 * @param path whether slashes in its value part a path
 * @param number whether a JSON body has it as a number
 * @param doubled whether apostrophes in its value are written twice, as between apostrophes they have to be
 * @param day whether it is the first day that the value names, {@code 2026-01-31}; nothing if it names none
 */
record Expression(
        String root,
        String name,
        @Nullable Shift shift,
        @Nullable CursorFormat format,
        boolean path,
        boolean number,
        boolean doubled,
        boolean day) {
    /** The first day that a text names, with or without dashes. */
    private static final Pattern DAY = Pattern.compile("(?<!\\d)(\\d{4})-?(\\d{2})-?(\\d{2})(?!\\d)");

    /** How the name of a value begins that each member of a group has. */
    private static final String MEMBER = "group.";

    private static final Map<String, Set<String>> FIXED = Map.of(
            "window", Set.of("from", "to", "through", "before"),
            "page", Set.of("number", "offset", "token"),
            "run", Set.of("start", "started", "id"),
            "now", Set.of(""),
            "job", Set.of("id"),
            "cursor", Set.of("name"));

    private static final Set<String> FREE = Set.of("partition", "vars", "connection", "answer", "record");
    private static final Pattern SHIFTED = Pattern.compile("(.*?)\\s*([+-])\\s*(\\d+\\s*[a-z]+)");

    /** Time added, or taken away. */
    record Shift(boolean back, Span span) {
        Instant of(Instant instant, RenderContext context) {
            return back ? span.before(instant, context.zone()) : span.after(instant, context.zone());
        }
    }

    /** @throws IllegalArgumentException naming what exists, if {@code text} is no expression */
    static Expression parse(String text) {
        String[] parts = text.split("\\|", -1);
        String value = parts[0].strip();
        Shift shift = null;
        Matcher shifted = SHIFTED.matcher(value);
        if (value.matches("(window|run|now)\\b.*") && shifted.matches()) {
            value = shifted.group(1);
            shift = new Shift(shifted.group(2).equals("-"), Span.parse(shifted.group(3)));
        }
        int dot = value.indexOf('.');
        String root = dot < 0 ? value : value.substring(0, dot);
        String name = dot < 0 ? "" : value.substring(dot + 1);
        Set<String> names = FIXED.get(root);
        boolean free = FREE.contains(root) && !name.isBlank();
        if (!free && (names == null || !names.contains(name))) {
            throw new IllegalArgumentException(("Unknown expression ${%s}, use one of window.from, window.to,"
                            + " window.through, window.before, page.number, page.offset, page.token, run.started,"
                            + " run.id, now, partition.<field>, vars.<name>, connection.<name or tag>, cursor.name,"
                            + " answer.<path>, job.id, record.<path>")
                    .formatted(text));
        }
        boolean counted = root.equals("page") && !name.equals("token");
        Expression expression = new Expression(root, name, shift, null, false, counted, false, false);
        if (shift != null && !expression.isTime()) {
            throw new IllegalArgumentException("${%s}: a span is added to times only".formatted(text));
        }
        for (int i = 1; i < parts.length; i++) {
            expression = expression.with(parts[i].strip(), text);
        }
        return expression;
    }

    private boolean isTime() {
        return root.equals("window") || root.equals("now") || (root.equals("run") && !name.equals("id"));
    }

    private Expression with(String pipe, String text) {
        if (pipe.equals("path")) {
            return new Expression(root, name, shift, format, true, number, doubled, day);
        }
        if (pipe.equals("number")) {
            return new Expression(root, name, shift, format, path, true, doubled, day);
        }
        if (pipe.equals("day") && !isTime()) {
            return new Expression(root, name, shift, format, path, number, doubled, true);
        }
        if (pipe.equals("doubled") && !isTime()) {
            return new Expression(root, name, shift, format, path, number, true, day);
        }
        if (!isTime()) {
            throw new IllegalArgumentException(
                    "${%s}: '|%s' does not fit, this takes |path, |number, |day and |doubled".formatted(text, pipe));
        }
        try {
            return new Expression(root, name, shift, CursorFormat.named(pipe), path, number, doubled, day);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("${%s}: %s".formatted(text, e.getMessage()), e);
        }
    }

    /** @throws IllegalArgumentException if a partition, the run or the place it stands in does not have the value this asks for */
    void check(Known known) {
        switch (root) {
            case "partition" -> checkPartition(known);
            case "vars" -> {
                if (!known.vars().contains(name)) {
                    throw new IllegalArgumentException(
                            "${vars.%s} is not given, add --var %s=value".formatted(name, name));
                }
            }
            case "connection" -> {
                if (!known.connection().contains(name)) {
                    throw new IllegalArgumentException("${connection.%s} does not exist, the account has %s"
                            .formatted(name, String.join(", ", new TreeSet<>(known.connection()))));
                }
            }
            case "job", "record", "answer", "cursor" -> {
                if (!known.roots().contains(root)) {
                    throw new IllegalArgumentException("%s has no value here, %s".formatted(this, home()));
                }
            }
            default -> {
                // Always there, though perhaps empty.
            }
        }
    }

    private String home() {
        return switch (root) {
            case "job" -> "it is for 'poll' and 'result' of a 'job'";
            case "record" -> "it is for 'detail'";
            case "answer" -> "it is for the requests of a stream with 'next'";
            default -> "give the cursor a 'name'";
        };
    }

    private void checkPartition(Known known) {
        if (!known.partition().contains(name)) {
            throw new IllegalArgumentException(
                    known.partition().isEmpty()
                            ? "${partition.%s}: the stream has no partitions".formatted(name)
                            : "${partition.%s} does not exist, partitions have %s"
                                    .formatted(name, String.join(", ", new TreeSet<>(known.partition()))));
        }
    }

    /** Returns the value, empty if there is none: no window, no token. */
    String value(RenderContext context) {
        String plain = plain(context);
        String value = day ? dayIn(plain) : plain;
        return doubled ? value.replace("'", "''") : value;
    }

    private static String dayIn(String text) {
        Matcher day = DAY.matcher(text);
        while (day.find()) {
            try {
                return LocalDate.of(
                                Integer.parseInt(day.group(1)),
                                Integer.parseInt(day.group(2)),
                                Integer.parseInt(day.group(3)))
                        .toString();
            } catch (DateTimeException e) {
                // Eight digits that are no day; perhaps the next are.
            }
        }
        return "";
    }

    private String plain(RenderContext context) {
        return switch (root) {
            case "window" -> ofWindow(context);
            case "page" -> ofPage(context.page());
            case "run" -> name.equals("id") ? context.value("run.id") : written(context.runStart(), context);
            case "now" -> written(context.now(), context);
            case "partition" -> ofPartition(context.partition());
            case "answer" -> context.page().kept().getOrDefault(name, "");
            case "vars" -> context.vars().getOrDefault(name, "");
            default -> context.value(root + "." + name);
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
            case "before" -> written(before(window.from(), context), context);
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
        Instant shifted = shift == null ? instant : shift.of(instant, context);
        return format(context).format(shifted, context.zone());
    }

    private CursorFormat format(RenderContext context) {
        return format == null ? context.format() : format;
    }

    /** Returns the last step before {@code instant}, for bounds that are not included. */
    private Instant before(Instant instant, RenderContext context) {
        return instant.atZone(context.zone()).minus(1, format(context).unit()).toInstant();
    }

    @Override
    public String toString() {
        return "${%s%s%s%s}"
                .formatted(
                        root,
                        name.isEmpty() ? "" : "." + name,
                        shift == null ? "" : (shift.back() ? "-" : "+") + shift.span(),
                        format == null ? "" : "|" + format.yamlName());
    }
}
