package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/** Mautic's lists: counted pages, filters of nested brackets, objects by id, totals that are texts, and statistics of raw tables. */
final class MauticApi implements Imitation {
    private static final String PREFIX = "/api/";
    private static final long USUAL_PAGE = 30;
    private static final long MOST = 1_000_000;
    private static final DateTimeFormatter WRITTEN = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);
    private static final Set<String> PARAMETERS =
            Set.of("start", "limit", "orderBy", "orderByDir", "order", "where", "minimal", "search", "publishedOnly");

    private final VendorFile file;
    private final boolean limits;
    private final Quota perHour;

    MauticApi(VendorFile file, SandboxOptions options) {
        this.file = file;
        this.limits = options.limits();
        this.perHour =
                Quota.round(file.part("limits").path("per-hour").asDouble(), Duration.ofHours(1), options.clock());
    }

    @Override
    public VendorFile file() {
        return file;
    }

    @Override
    public void reset() {
        file.reset();
        perHour.clear();
    }

    @Override
    public String stream(String path) {
        for (var list : file.part("lists").properties()) {
            if (path.equals(PREFIX + list.getValue().path("path").asText())) {
                return list.getKey();
            }
        }
        return "";
    }

    @Override
    public Answer accepted(Ask ask) {
        if (!ask.credential().orElse("").equals(file.credential())) {
            throw new Refusal("unauthorized");
        }
        if (limits && !perHour.take(1)) {
            throw new Refusal("rate_limit");
        }
        String table = stream(ask.path());
        if (table.isEmpty() || !ask.method().equals("GET")) {
            throw new Refusal("not_found");
        }
        return Answer.json(200, list(table, ask.query().nested()));
    }

    private JsonBuffer list(String table, JsonNode query) {
        query.fieldNames().forEachRemaining(name -> {
            if (!PARAMETERS.contains(name)) {
                throw invalid("Unknown parameter " + name);
            }
        });
        boolean isTable = file.part("lists").path(table).path("path").asText().startsWith("stats/");
        Rows rows = file.list(table, Scope.WHOLE);
        List<Row> found = LongStream.range(0, rows.size())
                .mapToObj(rows::row)
                .filter(all(table, query.path("where")))
                .sorted(order(table, isTable ? query.path("order").path("0") : query))
                .toList();
        long start = number(query, "start", 0);
        long limit = number(query, "limit", isTable ? 100 : USUAL_PAGE);
        int from = (int) Math.min(found.size(), start);
        int to = (int) Math.min(found.size(), start + limit);
        return page(table, found.subList(from, to), found.size());
    }

    private JsonBuffer page(String table, List<Row> rows, int total) {
        JsonNode list = file.part("lists").path(table);
        JsonBuffer out = new JsonBuffer(256 + rows.size() * 1024).raw('{');
        if (list.path("total").asText().equals("text")) {
            out.raw("\"total\":").quoted(Integer.toString(total)).raw(',');
        } else if (list.has("total")) {
            out.raw("\"total\":").number(total).raw(',');
        }
        out.quoted(list.path("records").asText()).raw(':');
        boolean object = list.path("as").asText().equals("object") && !rows.isEmpty();
        String comma = object ? "{" : "[";
        for (Row row : rows) {
            out.raw(comma);
            if (object) {
                out.quoted(file.id(table, Scope.WHOLE, row.index())).raw(':');
            }
            file.record(table).write(row, out);
            comma = ",";
        }
        return out.raw(object ? "}" : rows.isEmpty() ? "[]" : "]").raw('}');
    }

    private Predicate<Row> all(String table, JsonNode conditions) {
        Predicate<Row> all = row -> true;
        for (JsonNode condition : conditions) {
            all = all.and(condition(table, condition));
        }
        return all;
    }

    private Predicate<Row> condition(String table, JsonNode condition) {
        String operator = condition.path("expr").asText();
        JsonNode value = condition.path("val");
        if (operator.equals("andX")) {
            return all(table, value);
        }
        if (operator.equals("orX")) {
            Predicate<Row> any = row -> false;
            for (JsonNode each : value) {
                any = any.or(condition(table, each));
            }
            return any;
        }
        String column = condition.path("col").asText();
        if (operator.equals("isNull") || operator.equals("isNotNull")) {
            return row -> column(table, column, row).isEmpty() == operator.equals("isNull");
        }
        long wanted = value(value.asText());
        column(table, column, file.list(table, Scope.WHOLE).row(0));
        return row -> column(table, column, row)
                .filter(is -> holds(operator, is, wanted))
                .isPresent();
    }

    private static boolean holds(String operator, long is, long wanted) {
        return switch (operator) {
            case "eq" -> is == wanted;
            case "neq" -> is != wanted;
            case "gt" -> is > wanted;
            case "gte" -> is >= wanted;
            case "lt" -> is < wanted;
            case "lte" -> is <= wanted;
            default -> throw invalid("Unknown operator " + operator);
        };
    }

    private Comparator<Row> order(String table, JsonNode order) {
        String column = order.path("orderBy").asText(order.path("col").asText());
        boolean backwards =
                order.path("orderByDir").asText(order.path("dir").asText()).equalsIgnoreCase("desc");
        Comparator<Row> byColumn = column.isEmpty()
                ? Comparator.comparingLong(Row::index)
                : Comparator.comparingLong(row -> column(table, column, row).orElse(0L));
        return backwards ? byColumn.reversed() : byColumn;
    }

    /** A column as a number; of a time its seconds. Empty for null. */
    private Optional<Long> column(String table, String column, Row row) {
        boolean isTable = file.part("lists").path(table).path("path").asText().startsWith("stats/");
        return switch (column) {
            case "id" -> Optional.of(Long.parseLong(file.id(table, Scope.WHOLE, row.index())));
            case "dateModified", "dateAdded" -> {
                if (isTable) {
                    throw new Refusal("query_failed", Map.of("message", column));
                }
                String shown = file.shown(table, column, row);
                yield shown.equals("null")
                        ? Optional.empty()
                        : Optional.of(OffsetDateTime.parse(shown).toEpochSecond());
            }
            case "date_sent" -> {
                if (!isTable) {
                    throw invalid("Unknown column " + column);
                }
                yield Optional.of(row.origin());
            }
            default ->
                throw isTable
                        ? new Refusal("query_failed", Map.of("message", column))
                        : invalid("Unknown column " + column);
        };
    }

    private static long value(String text) {
        try {
            return text.contains("-")
                    ? LocalDateTime.parse(text, WRITTEN).toEpochSecond(ZoneOffset.UTC)
                    : Long.parseLong(text);
        } catch (DateTimeException | NumberFormatException e) {
            throw invalid("Not a value to compare with: " + text);
        }
    }

    private static long number(JsonNode query, String name, long otherwise) {
        try {
            return Math.max(0, Math.min(MOST, Long.parseLong(query.path(name).asText(Long.toString(otherwise)))));
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    private static Refusal invalid(String message) {
        return new Refusal("invalid", Map.of("message", message));
    }
}
