package dev.caravan.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;

/**
 * HubSpot's lists and searches. A search is asked with a body, has no archived records and no associations, and ends at
 * 10,000 records; a list has all, by id.
 *
 * <p>For control calls, {@code contacts} is the search and {@code contacts_list} the list.
 */
final class HubSpotApi implements Imitation {
    private static final String OBJECTS = "/crm/v3/objects/";
    private static final String OWNERS = "/crm/v3/owners";
    private static final String LIST = "_list";
    private static final long SEARCH_CAP = 10_000;
    private static final long SEARCH_PAGE = 200;
    private static final long LIST_PAGE = 100;
    private static final long OWNERS_PAGE = 500;
    private static final long USUAL_PAGE = 10;
    private static final Pattern COMMA = Pattern.compile(",");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> LIST_PARAMETERS =
            Set.of("limit", "after", "properties", "propertiesWithHistory", "associations", "archived");
    private static final Set<String> SEARCH_FIELDS =
            Set.of("filterGroups", "sorts", "properties", "limit", "after", "query");

    private final VendorFile file;
    private final boolean limits;
    private final Quota burst;
    private final Quota searches;

    HubSpotApi(VendorFile file, SandboxOptions options) {
        this.file = file;
        this.limits = options.limits();
        JsonNode numbers = file.part("limits");
        this.burst = Quota.round(numbers.path("per-ten-seconds").asDouble(), Duration.ofSeconds(10), options.clock());
        this.searches =
                Quota.round(numbers.path("search-per-second").asDouble(), Duration.ofSeconds(1), options.clock());
    }

    @Override
    public VendorFile file() {
        return file;
    }

    @Override
    public void reset() {
        file.reset();
        burst.clear();
        searches.clear();
    }

    @Override
    public String stream(String path) {
        if (path.equals(OWNERS)) {
            return "owners";
        }
        String object = path.startsWith(OBJECTS) ? path.substring(OBJECTS.length()) : "";
        boolean search = object.endsWith("/search");
        String name = search ? object.substring(0, object.length() - "/search".length()) : object;
        return file.part("objects").has(name) ? search ? name : name + LIST : "";
    }

    @Override
    public void edit(String stream, String scope, String id) {
        Imitation.super.edit(table(stream), scope, id);
    }

    @Override
    public void append(String stream, String scope, int rows) {
        Imitation.super.append(table(stream), scope, rows);
    }

    @Override
    public List<Kept> kept(String stream) {
        boolean search = file.part("objects").has(stream);
        return Imitation.super.kept(table(stream)).stream()
                .filter(row -> !search || !row.record().tree().path("archived").asBoolean())
                .toList();
    }

    private static String table(String stream) {
        return stream.endsWith(LIST) ? stream.substring(0, stream.length() - LIST.length()) : stream;
    }

    @Override
    public Answer accepted(Ask ask) {
        if (!ask.credential().orElse("").equals(file.credential())) {
            throw new Refusal("no_auth");
        }
        String stream = stream(ask.path());
        boolean search = file.part("objects").has(stream);
        if (stream.isEmpty() || !ask.method().equals(search ? "POST" : "GET")) {
            throw new Refusal("not_found");
        }
        spend(search);
        return Answer.json(200, search ? search(stream, tree(ask.body())) : list(table(stream), ask.query()));
    }

    private void spend(boolean search) {
        if (limits && search && !searches.take(1)) {
            throw new Refusal("secondly");
        }
        if (limits && !burst.take(1)) {
            throw new Refusal("ten_secondly");
        }
    }

    private JsonBuffer list(String table, Query query) {
        query.nameBeside(LIST_PARAMETERS).ifPresent(name -> {
            throw invalid("Unknown parameter: " + name);
        });
        boolean archived = query.first("archived").orElse("false").equals("true");
        long most = table.equals("owners") ? OWNERS_PAGE : LIST_PAGE;
        long limit = limit(query.first("limit").orElse(Long.toString(USUAL_PAGE)), most);
        String after = query.first("after").orElse("");
        Set<String> properties = names(query.all("properties"));
        Set<String> associations = names(query.all("associations"));
        Predicate<Row> wanted = row ->
                isArchived(table, row) == archived && (after.isEmpty() || number("after", after) <= id(table, row));
        Rows rows = file.list(table, Scope.WHOLE);
        List<Row> page = rows(rows).stream().filter(wanted).limit(limit + 1).toList();
        JsonBuffer out = new JsonBuffer(4096).raw("{\"results\":[");
        String comma = "";
        for (Row row : page.subList(0, (int) Math.min(limit, page.size()))) {
            out.raw(comma).raw(chosen(table, row, properties, associations));
            comma = ",";
        }
        return end(out, page.size() > limit ? Long.toString(id(table, page.get((int) limit))) : "");
    }

    private JsonBuffer search(String object, JsonNode body) {
        body.fieldNames().forEachRemaining(name -> {
            if (!SEARCH_FIELDS.contains(name)) {
                throw invalid("Invalid input JSON: unknown field " + name);
            }
        });
        long limit = limit(body.path("limit").asText(Long.toString(USUAL_PAGE)), SEARCH_PAGE);
        long after = number("after", body.path("after").asText("0"));
        if (after + limit > SEARCH_CAP) {
            throw invalid("You have requested more than %d results".formatted(SEARCH_CAP));
        }
        Predicate<Row> wanted = row -> !isArchived(object, row);
        List<Row> found = rows(file.list(object, Scope.WHOLE)).stream()
                .filter(wanted.and(filters(object, body.path("filterGroups"))))
                .sorted(order(object, body.path("sorts")))
                .toList();
        int from = (int) Math.min(found.size(), after);
        int to = (int) Math.min(found.size(), after + limit);
        Set<String> properties =
                names(StreamSupport.stream(body.path("properties").spliterator(), false)
                        .map(JsonNode::asText)
                        .toList());
        JsonBuffer out =
                new JsonBuffer(4096).raw("{\"total\":").number(found.size()).raw(",\"results\":[");
        String comma = "";
        for (Row row : found.subList(from, to)) {
            out.raw(comma).raw(chosen(object, row, properties, Set.of()));
            comma = ",";
        }
        return end(out, to < found.size() ? Integer.toString(to) : "");
    }

    private static JsonBuffer end(JsonBuffer out, String after) {
        out.raw(']');
        if (!after.isEmpty()) {
            out.raw(",\"paging\":{\"next\":{\"after\":")
                    .quoted(after)
                    .raw(",\"link\":")
                    .quoted("?after=" + after);
            out.raw("}}");
        }
        return out.raw('}');
    }

    /** Groups are alternatives, the filters of one must all hold. */
    private Predicate<Row> filters(String object, JsonNode groups) {
        if (!groups.isMissingNode() && (!groups.isArray() || groups.size() > 5)) {
            throw invalid("filterGroups is a list of at most 5");
        }
        Predicate<Row> any = groups.isEmpty() ? row -> true : row -> false;
        for (JsonNode group : groups) {
            Predicate<Row> all = row -> true;
            for (JsonNode filter : group.path("filters")) {
                all = all.and(filter(object, filter));
            }
            any = any.or(all);
        }
        return any;
    }

    private Predicate<Row> filter(String object, JsonNode filter) {
        String property = filter.path("propertyName").asText();
        long value = number(property, filter.path("value").asText());
        return switch (filter.path("operator").asText()) {
            case "GT" -> row -> value(object, property, row) > value;
            case "GTE" -> row -> value(object, property, row) >= value;
            case "LT" -> row -> value(object, property, row) < value;
            case "LTE" -> row -> value(object, property, row) <= value;
            case "EQ" -> row -> value(object, property, row) == value;
            case "BETWEEN" -> {
                long high = number(property, filter.path("highValue").asText());
                yield row -> value(object, property, row) >= value && value(object, property, row) <= high;
            }
            default ->
                throw invalid("Invalid operator: " + filter.path("operator").asText());
        };
    }

    private Comparator<Row> order(String object, JsonNode sorts) {
        if (sorts.isEmpty()) {
            return Comparator.comparingLong(Row::index);
        }
        String property = sorts.path(0).path("propertyName").asText();
        Comparator<Row> order = Comparator.comparingLong(row -> value(object, property, row));
        return sorts.path(0).path("direction").asText("ASCENDING").equals("DESCENDING") ? order.reversed() : order;
    }

    /** A property as a number; times are milliseconds. */
    private long value(String object, String property, Row row) {
        if (property.equals(file.part("objects").path(object).path("changed").asText())) {
            return row.time() * 1000;
        }
        return switch (property) {
            case "hs_object_id" -> id(object, row);
            case "createdate" -> millis(file.shown(object, "created", row));
            default -> throw invalid("There is no property that can be searched by: " + property);
        };
    }

    private static long millis(String iso) {
        return Instant.parse(iso).toEpochMilli();
    }

    private long id(String table, Row row) {
        return Long.parseLong(file.id(table, Scope.WHOLE, row.index()));
    }

    private boolean isArchived(String table, Row row) {
        return file.shown(table, "archived", row).equals("true");
    }

    private static List<Row> rows(Rows rows) {
        return LongStream.range(0, rows.size()).mapToObj(rows::row).toList();
    }

    /** A record with the properties asked for beside the usual ones, and no associations but those asked for. */
    private String chosen(String table, Row row, Set<String> properties, Set<String> associations) {
        JsonBuffer whole = new JsonBuffer(1024);
        file.record(table).write(row, whole);
        ObjectNode record = (ObjectNode) tree(whole.toString());
        if (record.path("properties") instanceof ObjectNode all) {
            Set<String> shown = new HashSet<>(properties);
            file.part("objects").path(table).path("usual").forEach(name -> {
                if (properties.isEmpty()
                        || List.of("hs_object_id", "createdate").contains(name.asText())) {
                    shown.add(name.asText());
                }
            });
            shown.add(file.part("objects").path(table).path("changed").asText());
            all.retain(shown);
        }
        if (record.path("associations") instanceof ObjectNode all) {
            all.retain(associations);
            if (all.isEmpty()) {
                record.remove("associations");
            }
        }
        return record.toString();
    }

    private static Set<String> names(List<String> values) {
        return values.stream().flatMap(COMMA::splitAsStream).collect(Collectors.toSet());
    }

    private static long limit(String text, long most) {
        long limit = number("limit", text);
        if (limit < 1 || limit > most) {
            throw invalid("limit must be between 1 and %d, it is %d".formatted(most, limit));
        }
        return limit;
    }

    private static long number(String name, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw invalid("%s is not a number: '%s'".formatted(name, text));
        }
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw invalid("Invalid input JSON: " + e.getOriginalMessage());
        }
    }

    private static Refusal invalid(String message) {
        return new Refusal("invalid", Map.of("message", message));
    }
}
