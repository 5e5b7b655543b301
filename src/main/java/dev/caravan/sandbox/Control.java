package dev.caravan.sandbox;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The control surface that {@link Sandbox} documents. */
final class Control implements HttpHandler {
    private static final int LONGEST_BODY = 1_000_000;

    private final Vendors vendors;
    private final Faults faults;
    private final RequestLog log;

    Control(Vendors vendors, Faults faults, RequestLog log) {
        this.vendors = vendors;
        this.faults = faults;
        this.log = log;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        Answer answer;
        try {
            answer = Answer.json(200, act(exchange));
        } catch (DateTimeException | IllegalArgumentException e) {
            answer = Reception.mistake(400, new IllegalArgumentException(e.getMessage()));
        }
        Deliveries.send(exchange, answer);
    }

    private JsonBuffer act(HttpExchange exchange) throws IOException {
        Query query = Query.parse(exchange.getRequestURI().getRawQuery());
        String call =
                exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
        switch (call) {
            case "POST /_control/edit" ->
                vendor(query).edit(required(query, "stream"), optional(query, "scope"), required(query, "id"));
            case "POST /_control/remove" ->
                vendor(query).remove(required(query, "stream"), optional(query, "scope"), required(query, "id"));
            case "POST /_control/append" ->
                vendor(query).append(required(query, "stream"), optional(query, "scope"), count(query, "rows"));
            case "POST /_control/fault" -> schedule(query, body(exchange));
            case "POST /_control/reset" -> reset();
            case "GET /_control/rows" -> {
                return rows(vendor(query).kept(required(query, "stream")));
            }
            case "GET /_control/requests" -> {
                return requests();
            }
            default -> throw new IllegalArgumentException("No such call: " + call);
        }
        return JsonBuffer.of("{\"done\":true}");
    }

    private void schedule(Query query, String body) {
        Imitation vendor = vendor(query);
        String name = query.first("kind").orElse("status").toUpperCase(Locale.ROOT);
        Fault.Kind kind = Fault.Kind.valueOf(name);
        String error = query.first("name").orElse(vendor.file().throttle());
        if (kind == Fault.Kind.REFUSAL && !vendor.file().hasError(error)) {
            throw new IllegalArgumentException("The vendor has no error of this name: '%s'".formatted(error));
        }
        Fault fault = new Fault(
                kind,
                kind == Fault.Kind.STATUS ? count(query, "status") : 0,
                headers(query),
                kind == Fault.Kind.REFUSAL ? error : body,
                Duration.parse(query.first("delay").orElse("PT0S")));
        Faults.Target target =
                new Faults.Target(required(query, "host"), optional(query, "stream"), optional(query, "path"));
        faults.schedule(target, fault, count(query.has("times") ? query : query.with("times", "1"), "times"));
    }

    private static Map<String, String> headers(Query query) {
        Map<String, String> headers = new HashMap<>();
        query.first("retry-after").ifPresent(wait -> headers.put("Retry-After", wait));
        for (String header : query.all("header")) {
            int colon = header.indexOf(':');
            if (colon < 1) {
                throw new IllegalArgumentException("A header is 'Name: value': " + header);
            }
            headers.put(header.substring(0, colon), header.substring(colon + 1).strip());
        }
        return headers;
    }

    private void reset() {
        vendors.reset();
        faults.clear();
        log.clear();
    }

    private static JsonBuffer rows(List<Kept> kept) {
        JsonBuffer out = new JsonBuffer(4096).raw("{\"rows\":[");
        String comma = "";
        for (Kept row : kept) {
            out.raw(comma)
                    .raw("{\"scope\":")
                    .quoted(row.scope())
                    .raw(",\"id\":")
                    .quoted(row.id());
            out.raw(",\"record\":").raw(row.record().toByteArray()).raw('}');
            comma = ",";
        }
        return out.raw("]}");
    }

    private JsonBuffer requests() {
        JsonBuffer out = new JsonBuffer(4096).raw("{\"counts\":");
        counts(log.counts(), out);
        counts(vendors.refused(), out.raw(",\"refused\":"));
        out.raw(",\"last\":[");
        String comma = "";
        List<String> last = log.last();
        for (String request : last) {
            out.raw(comma).quoted(request);
            comma = ",";
        }
        return out.raw("]}");
    }

    private static void counts(Map<String, Long> counts, JsonBuffer out) {
        String comma = "{";
        for (Map.Entry<String, Long> count : counts.entrySet()) {
            out.raw(comma).quoted(count.getKey()).raw(':').number(count.getValue());
            comma = ",";
        }
        out.raw(counts.isEmpty() ? "{}" : "}");
    }

    private Imitation vendor(Query query) {
        return vendors.require(required(query, "host"));
    }

    private static String required(Query query, String name) {
        return query.first(name).orElseThrow(() -> new IllegalArgumentException("Missing parameter: " + name));
    }

    private static String optional(Query query, String name) {
        return query.first(name).orElse("");
    }

    private static int count(Query query, String name) {
        try {
            return Integer.parseInt(required(query, name));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("Not a number: %s=%s".formatted(name, required(query, name)), e);
        }
    }

    private static String body(HttpExchange exchange) throws IOException {
        return new String(exchange.getRequestBody().readNBytes(LONGEST_BODY), StandardCharsets.UTF_8);
    }
}
