package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * Slack's methods: errors with status 200, cursors in the body, histories of channels that the caller is a member of, and the
 * threads in them.
 */
final class SlackApi implements Imitation {
    private static final String PREFIX = "/api/";
    private static final Pattern COMMA = Pattern.compile(",");
    private static final String CURSOR = "next:";
    private static final long USUAL = 100;
    private static final long MOST = 999;
    /** Lists of channels come in short pages, and with an empty one between them. */
    private static final int CHANNELS_A_PAGE = 5;
    /** The first channel is a busy one. */
    private static final double BUSY = 10;

    private static final int MOST_REPLIES = 10_000;

    private final VendorFile file;
    private final boolean limits;
    private final Map<String, Quota> perMinute = new HashMap<>();

    SlackApi(VendorFile file, SandboxOptions options) {
        this.file = file;
        this.limits = options.limits();
        file.part("limits")
                .properties()
                .forEach(limit -> perMinute.put(
                        limit.getKey(),
                        Quota.sinceFirstUse(limit.getValue().asDouble(), Duration.ofMinutes(1), options.clock())));
    }

    @Override
    public VendorFile file() {
        return file;
    }

    @Override
    public void reset() {
        file.reset();
        perMinute.values().forEach(Quota::clear);
    }

    @Override
    public String stream(String path) {
        return method(path).path("table").asText();
    }

    private JsonNode method(String path) {
        return file.part("methods").path(path.startsWith(PREFIX) ? path.substring(PREFIX.length()) : "");
    }

    /** Of messages a channel's id; of replies that and the time of the message they belong to, {@code C0../1512085950.000216}. */
    @Override
    public Scope scope(String name) {
        int slash = name.indexOf('/');
        if (name.isEmpty()) {
            return Scope.WHOLE;
        }
        return slash < 0 ? channel(name) : thread(name.substring(0, slash), name.substring(slash + 1));
    }

    @Override
    public List<String> scopes(String stream) {
        return switch (stream) {
            case "messages" -> channels();
            case "thread_replies" ->
                channels().stream()
                        .flatMap(channel -> threads(channel).stream())
                        .sorted(Comparator.comparing(name -> name.substring(name.indexOf('/'))))
                        .toList();
            default -> List.of("");
        };
    }

    @Override
    public List<Kept> kept(String stream) {
        return stream.equals("thread_replies")
                ? scopes(stream).stream()
                        .flatMap(name -> {
                            Scope thread = scope(name);
                            return file.kept(stream, thread).stream().limit(replies(thread));
                        })
                        .toList()
                : Imitation.super.kept(stream);
    }

    /** A reply more is an edit of the message that the thread begins with. */
    @Override
    public void append(String stream, String scope, int rows) {
        if (stream.equals("thread_replies")) {
            Scope thread = scope(scope);
            for (int i = 0; i < rows; i++) {
                file.edit("messages", channel(String.valueOf(thread.value("channel"))), text(thread, "parent"));
            }
        } else {
            Imitation.super.append(stream, scope, rows);
        }
    }

    private List<String> channels() {
        Rows rows = file.list("channels", Scope.WHOLE);
        return LongStream.range(0, rows.size())
                .mapToObj(rows::row)
                .filter(row -> text("channels", "is_member", row).equals("true"))
                .map(row -> text("channels", "id", row))
                .toList();
    }

    private List<String> threads(String channel) {
        Rows rows = file.list("messages", channel(channel));
        return LongStream.range(0, rows.size())
                .mapToObj(rows::row)
                .filter(row -> !text("messages", "replies", row).equals("0"))
                .map(row -> channel + "/" + text("messages", "ts", row))
                .toList();
    }

    private Scope channel(String id) {
        OptionalLong index = file.list("channels", Scope.WHOLE).find(id);
        if (index.isEmpty()) {
            throw new Refusal("refused", Map.of("error", "channel_not_found"));
        }
        return new Scope(id, index.getAsLong() == 0 ? BUSY : 1, -1, Map.of("channel", id));
    }

    private Scope thread(String channel, String ts) {
        Rows rows = file.list("messages", channel(channel));
        Row parent = message(rows, ts).orElseThrow(() -> new Refusal("refused", Map.of("error", "thread_not_found")));
        return new Scope(
                channel + "/" + ts,
                1,
                MOST_REPLIES,
                Map.of(
                        "channel", channel,
                        "thread_ts", ts,
                        "parent", text("messages", "id", parent),
                        "second", parent.origin(),
                        "user", text("messages", "who", parent)));
    }

    private static String text(Scope scope, String name) {
        return String.valueOf(scope.value(name));
    }

    private Optional<Row> message(Rows rows, String ts) {
        BigDecimal time = decimal("ts", ts);
        long position = rows.firstAtOrAfter(time.longValue());
        return position < rows.size()
                ? Optional.of(rows.at(position))
                        .filter(row -> text("messages", "ts", row).equals(ts))
                : Optional.empty();
    }

    private long replies(Scope thread) {
        Rows messages = file.list("messages", channel(text(thread, "channel")));
        return message(messages, text(thread, "thread_ts"))
                .map(row -> Long.parseLong(text("messages", "replies", row)))
                .orElse(0L);
    }

    @Override
    public Answer accepted(Ask ask) {
        return Answer.json(200, body(ask));
    }

    private JsonBuffer body(Ask ask) {
        JsonNode method = method(ask.path());
        if (method.isMissingNode()) {
            throw refused("unknown_method");
        }
        String token = ask.credential().orElseThrow(() -> refused("not_authed"));
        if (!token.equals(file.credential())) {
            throw refused("invalid_auth");
        }
        Quota quota = perMinute.get(ask.path().substring(PREFIX.length()));
        if (limits && quota != null && !quota.take(1)) {
            throw new Refusal("ratelimited");
        }
        Query query = ask.method().equals("POST") ? ask.form() : ask.query();
        requireKnown(query, method);
        String records = method.path("records").asText();
        return switch (method.path("table").asText()) {
            case "channels" -> list("channels", records, query, channelsOf(query), CHANNELS_A_PAGE);
            case "users" -> list("users", records, query, row -> true, MOST);
            case "messages" -> history(records, query);
            default -> replies(records, query);
        };
    }

    private static void requireKnown(Query query, JsonNode method) {
        Set<String> known = new HashSet<>();
        method.path("parameters").forEach(name -> known.add(name.asText()));
        if (query.nameBeside(known).isPresent()) {
            throw refused("invalid_arguments");
        }
    }

    private Predicate<Row> channelsOf(Query query) {
        List<String> types = COMMA.splitAsStream(query.first("types").orElse("public_channel"))
                .toList();
        if (!Set.of("public_channel", "private_channel", "mpim", "im").containsAll(types)) {
            throw refused("invalid_types");
        }
        boolean archived = !query.first("exclude_archived").orElse("false").equals("true");
        return row -> {
            boolean isPrivate = text("channels", "is_private", row).equals("true");
            return types.contains(isPrivate ? "private_channel" : "public_channel")
                    && (archived || text("channels", "is_archived", row).equals("false"));
        };
    }

    private JsonBuffer list(String table, String name, Query query, Predicate<Row> wanted, long most) {
        Rows rows = file.list(table, Scope.WHOLE);
        List<Row> all = rows.pick(0, rows.size(), false, wanted, rows.size());
        String cursor = cursor(query);
        boolean empty = cursor.endsWith("*");
        long from = cursor.isEmpty() ? 0 : number(cursor.replace("*", ""), "invalid_cursor");
        long to = Math.min(all.size(), from + Math.min(most, limit(query)));
        String next = to == all.size() && !empty ? "" : table.equals("channels") && from == 0 ? to + "*" : "" + to;
        return empty
                ? page(table, name, List.of(), Long.toString(from), false)
                : page(table, name, all.subList((int) Math.min(from, to), (int) to), next, false);
    }

    private JsonBuffer history(String name, Query query) {
        Scope channel = channel(query.first("channel").orElseThrow(() -> refused("invalid_arguments")));
        if (!channels().contains(channel.name())) {
            throw refused("not_in_channel");
        }
        Rows rows = file.list("messages", channel);
        String cursor = cursor(query);
        long to = cursor.isEmpty() ? rows.size() : Math.min(rows.size(), number(cursor, "invalid_cursor"));
        Predicate<Row> between = between(query, "messages");
        List<Row> page = rows.pick(0, to, true, between, limit(query) + 1);
        boolean more = page.size() > limit(query);
        List<Row> shown = more ? page.subList(0, page.size() - 1) : page;
        String next =
                more ? Long.toString(rows.positionOf(shown.get(shown.size() - 1).index())) : "";
        return page("messages", name, shown, next, more);
    }

    /** The message that the thread begins with comes first on every page. */
    private JsonBuffer replies(String name, Query query) {
        String channel = query.first("channel").orElseThrow(() -> refused("invalid_arguments"));
        String ts = query.first("ts").orElseThrow(() -> refused("invalid_arguments"));
        Scope thread = thread(channel, ts);
        if (!channels().contains(channel)) {
            throw refused("not_in_channel");
        }
        Row parent = message(file.list("messages", channel(channel)), ts).orElseThrow();
        Rows rows = file.list("thread_replies", thread);
        List<Row> all = rows.pick(0, replies(thread), false, between(query, "thread_replies"), MOST_REPLIES);
        String cursor = cursor(query);
        int from = cursor.isEmpty() ? 0 : (int) Math.min(all.size(), number(cursor, "invalid_cursor"));
        int to = (int) Math.min(all.size(), from + Math.max(1, limit(query) - 1));
        JsonBuffer out = new JsonBuffer(4096).raw("{\"ok\":true,\"").raw(name).raw("\":[");
        file.record("messages").write(parent, out);
        for (Row row : all.subList(from, to)) {
            file.record("thread_replies").write(row, out.raw(','));
        }
        return end(out, to < all.size() ? Integer.toString(to) : "", true, to < all.size());
    }

    private Predicate<Row> between(Query query, String table) {
        boolean inclusive =
                List.of("true", "1").contains(query.first("inclusive").orElse(""));
        int edge = inclusive ? 0 : 1;
        BigDecimal oldest = decimal("oldest", query.first("oldest").orElse("0"));
        BigDecimal latest = decimal("latest", query.first("latest").orElse("99999999999"));
        return row -> {
            BigDecimal ts = new BigDecimal(text(table, "ts", row));
            return ts.compareTo(oldest) >= edge && latest.compareTo(ts) >= edge;
        };
    }

    private JsonBuffer page(String table, String name, List<Row> rows, String next, boolean more) {
        JsonBuffer out = new JsonBuffer(256 + rows.size() * 1024)
                .raw("{\"ok\":true,\"")
                .raw(name)
                .raw("\":");
        file.write(table, rows, out.raw('['));
        return end(out, next, table.equals("messages"), more);
    }

    private static JsonBuffer end(JsonBuffer out, String next, boolean tells, boolean more) {
        String cursor = next.isEmpty()
                ? ""
                : Base64.getEncoder().encodeToString((CURSOR + next).getBytes(StandardCharsets.UTF_8));
        out.raw(']').raw(tells ? ",\"has_more\":" + more : "");
        return out.raw(",\"response_metadata\":{\"next_cursor\":")
                .quoted(cursor)
                .raw("}}");
    }

    private static String cursor(Query query) {
        String sent = query.first("cursor").orElse("");
        if (sent.isEmpty()) {
            return "";
        }
        try {
            String text = new String(Base64.getDecoder().decode(sent), StandardCharsets.UTF_8);
            if (text.startsWith(CURSOR)) {
                return text.substring(CURSOR.length());
            }
        } catch (IllegalArgumentException e) {
            throw refused("invalid_cursor");
        }
        throw refused("invalid_cursor");
    }

    private static long limit(Query query) {
        long limit = query.has("limit") ? number(query.first("limit").orElse(""), "invalid_limit") : USUAL;
        if (limit < 1 || limit > MOST) {
            throw refused("invalid_limit");
        }
        return limit;
    }

    private static long number(String text, String error) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw refused(error);
        }
    }

    private static BigDecimal decimal(String name, String text) {
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            throw refused("invalid_ts_" + name);
        }
    }

    private String text(String table, String value, Row row) {
        return file.shown(table, value, row);
    }

    private static Refusal refused(String error) {
        return new Refusal("refused", Map.of("error", error));
    }
}
