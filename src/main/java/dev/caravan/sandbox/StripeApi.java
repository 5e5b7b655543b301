package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** Stripe's lists: newest first, bounded by {@code created[..]}, continued after the id of the last record. */
final class StripeApi implements Imitation {
    private static final Set<String> EVERY_LIST = Set.of(
            "limit",
            "starting_after",
            "ending_before",
            "expand[]",
            "created",
            "created[gt]",
            "created[gte]",
            "created[lt]",
            "created[lte]");
    private static final long MOST = 100;
    private static final long FARTHEST = Long.MAX_VALUE - 1;

    private final VendorFile file;
    private final boolean limits;
    private final Quota perSecond;
    private final AtomicLong requests = new AtomicLong();

    StripeApi(VendorFile file, SandboxOptions options) {
        this.file = file;
        this.limits = options.limits();
        this.perSecond =
                Quota.round(file.part("limits").path("per-second").asDouble(), Duration.ofSeconds(1), options.clock());
    }

    @Override
    public VendorFile file() {
        return file;
    }

    @Override
    public void reset() {
        file.reset();
        perSecond.clear();
    }

    @Override
    public String stream(String path) {
        List<String> segments = Ask.segments(path);
        return segments.size() > 1 && segments.get(0).equals("v1") && file.hasTable(segments.get(1))
                ? segments.get(1)
                : "";
    }

    @Override
    public Answer answer(Ask ask) {
        Answer answer = Imitation.super.answer(ask);
        String version =
                ask.header("Stripe-Version").orElse(file.part("version").asText());
        return answer.with(Map.of(
                "Request-Id", "req_Sandbox%08d".formatted(requests.incrementAndGet()), "Stripe-Version", version));
    }

    @Override
    public Answer accepted(Ask ask) {
        String key = ask.credential().orElseThrow(() -> new Refusal("no_key"));
        if (!key.equals(file.credential())) {
            throw new Refusal("wrong_key");
        }
        if (limits && !perSecond.take(1)) {
            throw new Refusal("rate_limit");
        }
        String table = stream(ask.path());
        List<String> segments = ask.segments();
        if (table.isEmpty() || segments.size() > 3 || !ask.method().equals("GET")) {
            throw new Refusal("unknown_url", Map.of("method", ask.method(), "path", ask.path()));
        }
        return Answer.json(200, segments.size() == 3 ? one(table, segments.get(2)) : list(table, ask.query()));
    }

    private JsonBuffer one(String table, String id) {
        Rows rows = file.list(table, Scope.WHOLE);
        JsonBuffer out = new JsonBuffer(4096);
        file.record(table).write(rows.row(index(rows, table, "id", id)), out);
        return out;
    }

    private JsonBuffer list(String table, Query query) {
        JsonNode filters = file.part("tables").path(table).path("filters");
        requireKnown(query, filters);
        Rows rows = file.list(table, Scope.WHOLE);
        long limit = limit(query);
        long from = rows.firstAtOrAfter(bound(query, "created[gte]", "created[gt]", Long.MIN_VALUE));
        long to = rows.firstAtOrAfter(bound(query, "created[lt]", "created[lte]", Long.MAX_VALUE));
        Optional<String> after = query.first("starting_after");
        Optional<String> before = query.first("ending_before");
        if (after.isPresent() && before.isPresent()) {
            throw new Refusal("both_cursors");
        }
        if (after.isPresent()) {
            to = Math.min(to, rows.positionOf(index(rows, table, "starting_after", after.get())));
        }
        if (before.isPresent()) {
            from = Math.max(from, rows.positionOf(index(rows, table, "ending_before", before.get())) + 1);
        }
        List<Row> picked =
                new ArrayList<>(rows.pick(from, to, before.isEmpty(), wanted(table, query, filters), limit + 1));
        boolean more = picked.size() > limit;
        if (more) {
            picked.remove(picked.size() - 1);
        }
        if (before.isPresent()) {
            Collections.reverse(picked);
        }
        return envelope(table, picked, more);
    }

    private JsonBuffer envelope(String table, List<Row> rows, boolean more) {
        Value record = file.record(table);
        JsonBuffer out = new JsonBuffer(256 + rows.size() * 2048);
        out.raw("{\"object\":\"list\",\"url\":\"/v1/" + table + "\",\"has_more\":" + more + ",\"data\":[");
        for (int i = 0; i < rows.size(); i++) {
            if (i > 0) {
                out.raw(',');
            }
            record.write(rows.get(i), out);
        }
        return out.raw("]}");
    }

    private static void requireKnown(Query query, JsonNode filters) {
        Set<String> known = new HashSet<>(EVERY_LIST);
        filters.fieldNames().forEachRemaining(known::add);
        Optional<String> unknown = query.nameBeside(known);
        if (unknown.isPresent()) {
            throw new Refusal("parameter_unknown", Map.of("param", unknown.get()));
        }
    }

    private static long limit(Query query) {
        if (!query.has("limit")) {
            return 10;
        }
        long limit = integer(query, "limit");
        if (limit < 1 || limit > MOST) {
            String range = limit < 1 ? "greater than or equal to 1" : "less than or equal to " + MOST;
            throw new Refusal("limit_range", Map.of("range", range, "value", limit));
        }
        return limit;
    }

    /** The bound of two that was sent, as a first second: {@code including} names it, {@code shifted} the one before. */
    private static long bound(Query query, String including, String shifted, long otherwise) {
        boolean lower = otherwise < 0;
        long bound = otherwise;
        if (query.has("created")) {
            bound = integer(query, "created") + (lower ? 0 : 1);
        }
        if (query.has(including)) {
            bound = tighter(lower, bound, integer(query, including));
        }
        if (query.has(shifted)) {
            bound = tighter(lower, bound, integer(query, shifted) + 1);
        }
        return bound;
    }

    private static long tighter(boolean lower, long one, long other) {
        return lower ? Math.max(one, other) : Math.min(one, other);
    }

    private static long integer(Query query, String name) {
        String value = query.first(name).orElse("");
        try {
            return Math.min(FARTHEST, Long.parseLong(value));
        } catch (NumberFormatException e) {
            throw new Refusal("invalid_integer", Map.of("param", name, "value", value));
        }
    }

    private static long index(Rows rows, String table, String parameter, String id) {
        OptionalLong index = rows.find(id);
        if (index.isEmpty()) {
            String singular = table.substring(0, table.length() - 1).replace('_', ' ');
            String error = parameter.equals("id") ? "no_such_object" : "resource_missing";
            throw new Refusal(error, Map.of("object", singular, "id", id, "param", parameter));
        }
        return index.getAsLong();
    }

    private Predicate<Row> wanted(String table, Query query, JsonNode filters) {
        Predicate<Row> wanted = row -> true;
        for (var filter : filters.properties()) {
            List<String> values = query.all(filter.getKey());
            if (!values.isEmpty() && !filter.getValue().isNull()) {
                Value value = file.text(table, filter.getValue().asText());
                wanted = wanted.and(row -> matches(value, row, values));
            }
        }
        return wanted;
    }

    private static boolean matches(Value value, Row row, List<String> wanted) {
        JsonBuffer actual = new JsonBuffer(64);
        value.write(row, actual);
        return wanted.stream()
                .anyMatch(text -> text.endsWith(".*")
                        ? actual.startsWith(utf8(text.substring(0, text.length() - 1)))
                        : actual.contentEquals(utf8(text)));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
