package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Shopify's rows in the order of their last change, and the REST lists of them: a Link header with {@code page_info}, beside which
 * nothing but {@code limit} and {@code fields} may be sent.
 */
final class ShopifyLists {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> FILTERS =
            Set.of("limit", "fields", "page_info", "updated_at_min", "updated_at_max", "order", "status");

    private final VendorFile file;

    ShopifyLists(VendorFile file) {
        this.file = file;
    }

    Rows rows(String table, Scope shop) {
        return file.list(table, shop);
    }

    JsonNode record(String table, Row row) {
        return file.tree(table, row);
    }

    /** Returns the position behind a row that was changed at {@code time}; others may have been changed in that second. */
    static long behind(Rows rows, long time, long index) {
        long position = rows.firstAtOrAfter(time);
        while (position < rows.size()
                && rows.at(position).time() == time
                && rows.at(position).index() <= index) {
            position++;
        }
        return position;
    }

    Answer rest(Ask ask, String table, Scope shop) {
        Query query = ask.query();
        query.nameBeside(FILTERS).ifPresent(name -> {
            throw new Refusal("bad_request", Map.of("reason", "unknown parameter " + name));
        });
        ObjectNode state = query.has("page_info") ? state(query) : fresh(query);
        Rows rows = rows(table, shop);
        long from = rows.firstAtOrAfter(state.path("from").asLong());
        long to = Math.max(from, rows.firstAtOrAfter(state.path("to").asLong()));
        boolean back = state.has("before");
        if (state.has("after")) {
            from = Math.max(
                    from,
                    behind(
                            rows,
                            state.path("time").asLong(),
                            state.path("after").asLong()));
        }
        if (back) {
            to = Math.min(to, rows.positionOf(state.path("before").asLong()));
        }
        long limit = limit(query);
        List<Row> page = new ArrayList<>(rows.pick(from, to, back, wanted(table, state), limit + 1));
        boolean more = page.size() > limit;
        if (more) {
            page.remove(page.size() - 1);
        }
        if (back) {
            Collections.reverse(page);
        }
        String name = table.substring(0, table.length() - "_rest".length());
        JsonBuffer out = new JsonBuffer(4096).raw("{").quoted(name).raw(":[");
        for (int i = 0; i < page.size(); i++) {
            out.raw(i == 0 ? "" : ",");
            file.record(table).write(page.get(i), out);
        }
        Answer answer = Answer.json(200, out.raw("]}"));
        String links = links(ask, state, page, limit, back ? true : more, back ? more : query.has("page_info"));
        return links.isEmpty() ? answer : answer.with("Link", links);
    }

    private ObjectNode fresh(Query query) {
        String order = query.first("order").orElse("updated_at asc");
        if (!order.equals("updated_at asc")) {
            throw new Refusal("bad_request", Map.of("reason", "the sandbox imitates order=updated_at asc only"));
        }
        ObjectNode state = JSON.createObjectNode();
        state.put("from", bound(query, "updated_at_min", 0));
        // The upper bound is included.
        state.put("to", query.has("updated_at_max") ? bound(query, "updated_at_max", 0) + 1 : Long.MAX_VALUE);
        return state.put("status", query.first("status").orElse("open"));
    }

    private static ObjectNode state(Query query) {
        query.nameBeside(Set.of("limit", "fields", "page_info")).ifPresent(name -> {
            throw new Refusal("page_info_alone", Map.of("param", name));
        });
        try {
            byte[] json = Base64.getUrlDecoder().decode(query.first("page_info").orElse(""));
            return (ObjectNode) JSON.readTree(json);
        } catch (IOException | IllegalArgumentException | ClassCastException e) {
            throw new Refusal("page_info");
        }
    }

    private static long bound(Query query, String name, long otherwise) {
        try {
            return query.first(name)
                    .map(text -> OffsetDateTime.parse(text).toEpochSecond())
                    .orElse(otherwise);
        } catch (DateTimeException e) {
            throw new Refusal("bad_request", Map.of("reason", name + ": expected an ISO 8601 time"));
        }
    }

    private static long limit(Query query) {
        String text = query.first("limit").orElse("50");
        if (!text.matches("\\d{1,3}") || Long.parseLong(text) < 1 || Long.parseLong(text) > 250) {
            throw new Refusal("bad_request", Map.of("reason", "limit must be between 1 and 250"));
        }
        return Long.parseLong(text);
    }

    /** Orders that are closed or cancelled are hidden unless they are asked for. */
    private Predicate<Row> wanted(String table, JsonNode state) {
        String status = state.path("status").asText();
        return row -> !table.equals("orders_rest")
                || status.equals("any")
                || kind(table, row).equals(status);
    }

    private String kind(String table, Row row) {
        JsonBuffer kind = new JsonBuffer(16);
        file.text(table, "kind").write(row, kind);
        return kind.toString();
    }

    private static String links(Ask ask, ObjectNode state, List<Row> page, long limit, boolean next, boolean previous) {
        List<String> links = new ArrayList<>();
        if (page.isEmpty()) {
            return "";
        }
        if (previous) {
            ObjectNode there = bare(state).put("before", page.get(0).index());
            links.add(link(ask, there, limit, "previous"));
        }
        if (next) {
            Row last = page.get(page.size() - 1);
            links.add(link(ask, bare(state).put("after", last.index()).put("time", last.time()), limit, "next"));
        }
        return String.join(", ", links);
    }

    private static ObjectNode bare(ObjectNode state) {
        return state.deepCopy().without(List.of("before", "after", "time"));
    }

    private static String link(Ask ask, ObjectNode state, long limit, String relation) {
        String info = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(state.toString().getBytes(StandardCharsets.UTF_8));
        return "<%s%s?limit=%d&page_info=%s>; rel=\"%s\"".formatted(ask.origin(), ask.path(), limit, info, relation);
    }
}
