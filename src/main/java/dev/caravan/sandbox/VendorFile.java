package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.caravan.sandbox.Row.Subject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.StreamSupport;

/**
 * A vendor as data: the resource {@code sandbox/<vendor>.yaml}, compiled.
 *
 * <pre>{@code
 * hosts: [api.example.com]    # beside the first "*.example.com", where each customer has one
 * credential: key_sandbox     # empty where none is needed
 * throttle: gone              # the error for whoever asks too often
 * tokens: {...}               # see TokenDesk
 * lacking: {...}              # see Lacking
 * limits: {...}               # read by the plug-in
 * tables: {...}               # see Table
 * errors:                     # by name; a body that is a string is sent as plain text
 *   gone: {status: 410, headers: {X-Why: age}, body: {message: "No ${scope.what}"}}
 * }</pre>
 */
final class VendorFile {
    /** Longest list that is shown whole. */
    private static final int MOST_KEPT = 100_000;

    private record Failure(int status, Map<String, String> headers, boolean plain, Value body) {}

    private final JsonNode root;
    private final Map<String, Table> tables = new LinkedHashMap<>();
    private final Map<String, Value> records = new HashMap<>();
    private final Map<String, Long> refused = new ConcurrentSkipListMap<>();
    private final Map<String, Value> texts = new ConcurrentHashMap<>();
    private final Map<String, Failure> failures = new HashMap<>();
    private final Templates templates;
    private final Ledger ledger;
    private final TokenDesk tokens;

    private VendorFile(JsonNode root, long rows, Clock clock) {
        this.root = root;
        this.tokens = new TokenDesk(
                root.path("tokens"), root.path("lacking").path("credential").asText(), clock);
        this.ledger = new Ledger(rows);
        this.templates = new Templates(tables, ledger);
        root.path("tables")
                .properties()
                .forEach(table -> tables.put(table.getKey(), new Table(table.getKey(), whole(table.getValue()))));
        tables.forEach((name, table) -> records.put(name, templates.record(table)));
        root.path("errors").properties().forEach(error -> failures.put(error.getKey(), failure(error.getValue())));
    }

    /** A table that is like another has what it does not say itself from that one. */
    private JsonNode whole(JsonNode table) {
        JsonNode like = root.path("tables").path(table.path("like").asText());
        if (!(like instanceof ObjectNode other)) {
            return table;
        }
        ObjectNode whole = other.deepCopy();
        whole.remove("announce");
        whole.setAll((ObjectNode) table);
        return whole;
    }

    /**
     * Reads and compiles a vendor's file.
     *
     * @param clock what the times in assertions are measured by
     */
    static VendorFile read(String vendor, long rows, Clock clock) {
        try (InputStream in = VendorFile.class.getResourceAsStream("/sandbox/" + vendor + ".yaml")) {
            if (in == null) {
                throw new IllegalArgumentException("The sandbox has no vendor " + vendor);
            }
            return new VendorFile(new YAMLMapper().readTree(in), rows, clock);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the sandbox's vendor " + vendor, e);
        }
    }

    /** Compiles a vendor that is not one of ours. */
    static VendorFile of(JsonNode root) {
        return new VendorFile(root, 1, Clock.systemUTC());
    }

    static Instant day(JsonNode date) {
        return LocalDate.parse(date.asText()).atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    List<String> hosts() {
        return StreamSupport.stream(root.path("hosts").spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    String credential() {
        return root.path("credential").asText();
    }

    /** The error with which the vendor refuses whoever asks too often; empty if it has none. */
    String throttle() {
        return root.path("throttle").asText();
    }

    /** Where the vendor gives tokens. */
    TokenDesk tokens() {
        return tokens;
    }

    /** Any other part of the file, for the plug-in. */
    JsonNode part(String name) {
        return root.path(name);
    }

    boolean hasTable(String name) {
        return tables.containsKey(name);
    }

    Rows list(String table, Scope scope) {
        return ledger.list(templates.table(table), scope);
    }

    /** The scopes of a table's lists that were asked for or changed. */
    List<String> scopes(String table) {
        return ledger.scopes(templates.table(table));
    }

    /** The rows of one list, in the order of their last change. */
    List<Kept> kept(String table, Scope scope) {
        Rows rows = list(table, scope);
        if (rows.size() > MOST_KEPT) {
            throw new IllegalArgumentException(
                    "Lists of more than %,d rows are not shown whole: %,d".formatted(MOST_KEPT, rows.size()));
        }
        List<Kept> kept = new ArrayList<>();
        for (long position = 0; position < rows.size(); position++) {
            Row row = rows.at(position);
            JsonBuffer record = new JsonBuffer(1024);
            record(table).write(row, record);
            kept.add(new Kept(scope.name(), id(table, scope, row.index()), record));
        }
        return kept;
    }

    /** The id of a row, whether there is one or not. */
    String id(String name, Scope scope, long index) {
        Table table = templates.table(name);
        JsonBuffer id = new JsonBuffer(48);
        table.identifier().write(index, table.idSalt(scope), id);
        return id.toString();
    }

    /** What writes the records of a table. */
    Value record(String table) {
        templates.table(table);
        return records.getOrDefault(table, (row, out) -> {});
    }

    /** The record of a row. */
    JsonNode tree(String table, Row row) {
        JsonBuffer out = new JsonBuffer(1024);
        record(table).write(row, out);
        return out.tree();
    }

    /** What writes one value of a table as text. */
    Value text(String table, String value) {
        return templates.named(templates.table(table), value, true);
    }

    /** One value of a row as text. */
    String shown(String table, String value, Row row) {
        JsonBuffer out = new JsonBuffer(32);
        texts.computeIfAbsent(table + " " + value, key -> text(table, value)).write(row, out);
        return out.toString();
    }

    /** Writes the records of rows, with commas between them. */
    void write(String table, List<Row> rows, JsonBuffer out) {
        Value record = record(table);
        for (int i = 0; i < rows.size(); i++) {
            record.write(rows.get(i), i == 0 ? out : out.raw(','));
        }
    }

    /** The answer that a refusal becomes. */
    Answer refuse(Refusal refusal) {
        Failure failure = failures.get(refusal.error());
        if (failure == null) {
            throw new IllegalArgumentException("No such error: " + refusal.error());
        }
        refused.merge(refusal.error(), 1L, Long::sum);
        JsonBuffer body = new JsonBuffer(512);
        failure.body().write(Row.of(Scope.with(refusal.values())), body);
        return new Answer(failure.status(), failure.headers(), failure.plain() ? unescaped(body) : body);
    }

    /** Templates write text as it stands in JSON. */
    private static JsonBuffer unescaped(JsonBuffer text) {
        return JsonBuffer.of(new JsonBuffer(512)
                .raw('"')
                .raw(text.toByteArray())
                .raw('"')
                .tree()
                .asText());
    }

    /** How often requests were refused so far, by the name of the error. */
    Map<String, Long> refused() {
        return Map.copyOf(refused);
    }

    boolean hasError(String name) {
        return failures.containsKey(name);
    }

    void remove(String stream, Scope scope, String id) {
        Table table = templates.table(stream);
        ledger.remove(table, scope, index(table, scope, id).getAsLong());
    }

    private OptionalLong index(Table table, Scope scope, String id) {
        OptionalLong index = ledger.list(table, scope).find(id);
        if (index.isEmpty()) {
            throw new IllegalArgumentException("No such row in %s: %s".formatted(table.name(), id));
        }
        return index;
    }

    void edit(String stream, Scope scope, String id) {
        Table table = templates.table(stream);
        OptionalLong index = index(table, scope, id);
        ledger.edit(table, scope, index.getAsLong());
        Table.Announcement announcement = table.announcement();
        if (announcement != null) {
            Table in = templates.table(announcement.table());
            int version = ledger.list(table, scope).row(index.getAsLong()).version();
            int kind = in.kinds().indexOf(announcement.kind());
            ledger.append(in, scope, 1, kind, new Subject(index.getAsLong(), version));
        }
    }

    void append(String stream, Scope scope, int count) {
        if (templates.table(stream).daily() > 0) {
            throw new IllegalArgumentException("Each day has its rows; none can be added");
        }
        Table table = templates.table(stream);
        long before = ledger.list(table, scope).size();
        ledger.append(table, scope, count, -1, Subject.NONE);
        Table.Announcement announcement = table.announcement();
        if (announcement != null && !announcement.fresh().isEmpty()) {
            Table in = templates.table(announcement.table());
            int kind = in.kinds().indexOf(announcement.fresh());
            for (long i = before; i < before + count; i++) {
                ledger.append(in, scope, 1, kind, new Subject(i, 0));
            }
        }
    }

    void reset() {
        refused.clear();
        tokens.reset();
        ledger.reset();
    }

    private Failure failure(JsonNode error) {
        JsonNode body = error.path("body");
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", body.isTextual() ? "text/plain; charset=utf-8" : Answer.JSON);
        error.path("headers")
                .properties()
                .forEach(
                        header -> headers.put(header.getKey(), header.getValue().asText()));
        return new Failure(error.path("status").asInt(), headers, body.isTextual(), templates.loose(body));
    }
}
