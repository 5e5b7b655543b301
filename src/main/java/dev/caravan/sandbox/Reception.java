package dev.caravan.sandbox;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** Takes every request that is meant for a vendor, finds the vendor, and delivers its answer or the fault that waits. */
final class Reception implements HttpHandler {
    private static final int MOST_BYTES = 1 << 20;

    private final Vendors vendors;
    private final Faults faults;
    private final RequestLog log;
    private final Deliveries deliveries;
    private final String base;

    Reception(Vendors vendors, Faults faults, RequestLog log, Deliveries deliveries, String base) {
        this.vendors = vendors;
        this.faults = faults;
        this.log = log;
        this.deliveries = deliveries;
        this.base = base;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        Ask ask;
        Imitation imitation;
        try {
            ask = ask(exchange);
            imitation = vendors.require(ask.host());
        } catch (IllegalArgumentException e) {
            Deliveries.send(exchange, mistake(404, e));
            return;
        }
        log.add(ask);
        Optional<Fault> fault = faults.take(ask, imitation.stream(ask));
        if (fault.isPresent()) {
            Answer instead = Deliveries.instead(fault.get(), right(imitation, ask, fault.get()));
            deliveries.send(exchange, instead, fault.get());
        } else {
            Deliveries.send(exchange, imitation.answer(ask));
        }
    }

    static Answer mistake(int status, IllegalArgumentException mistake) {
        JsonBuffer body = new JsonBuffer(256);
        return Answer.json(
                status,
                body.raw("{\"error\":")
                        .quoted(String.valueOf(mistake.getMessage()))
                        .raw('}'));
    }

    private static Answer right(Imitation imitation, Ask ask, Fault fault) {
        return fault.kind() == Fault.Kind.REFUSAL
                ? imitation.file().refuse(new Refusal(fault.body(), Map.of()))
                : imitation.answer(ask);
    }

    private Ask ask(HttpExchange exchange) throws IOException {
        URI uri = exchange.getRequestURI();
        String path = uri.getPath();
        int slash = path.indexOf('/', 1);
        String host = slash < 0 ? path.substring(1) : path.substring(1, slash);
        return new Ask(
                exchange.getRequestMethod(),
                host,
                slash < 0 ? "/" : path.substring(slash),
                Query.parse(uri.getRawQuery()),
                exchange.getRequestHeaders(),
                body(exchange),
                base + "/" + host);
    }

    private static String body(HttpExchange exchange) throws IOException {
        byte[] bytes = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
            throw new IllegalArgumentException("A request of more than %,d bytes".formatted(MOST_BYTES));
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
