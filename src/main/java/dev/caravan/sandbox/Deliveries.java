package dev.caravan.sandbox;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Sends answers, whole or with a fault. A late one holds no thread while it waits. */
final class Deliveries {
    private final ScheduledExecutorService delays;
    private final Executor pool;

    Deliveries(ScheduledExecutorService delays, Executor pool) {
        this.delays = delays;
        this.pool = pool;
    }

    /** Sends at once. */
    static void send(HttpExchange exchange, Answer answer) throws IOException {
        send(exchange, answer, answer.body().size());
    }

    /** Sends with a fault; the answer is already the one the fault calls for. */
    void send(HttpExchange exchange, Answer answer, Fault fault) throws IOException {
        if (fault.delay().isZero()) {
            spoil(exchange, answer, fault.kind());
            return;
        }
        ScheduledFuture<?> later = delays.schedule(
                () -> pool.execute(() -> spoilLate(exchange, answer, fault.kind())),
                fault.delay().toMillis(),
                TimeUnit.MILLISECONDS);
        if (later.isCancelled()) {
            exchange.close();
        }
    }

    /** What is sent instead of the right answer. */
    static Answer instead(Fault fault, Answer right) {
        Answer answer =
                fault.kind() == Fault.Kind.STATUS ? Answer.json(fault.status(), JsonBuffer.of(fault.body())) : right;
        return answer.with(fault.headers());
    }

    private static void spoilLate(HttpExchange exchange, Answer answer, Fault.Kind kind) {
        try {
            spoil(exchange, answer, kind);
        } catch (IOException e) {
            exchange.close(); // the client did not wait
        }
    }

    private static void spoil(HttpExchange exchange, Answer answer, Fault.Kind kind) throws IOException {
        switch (kind) {
            case DROP -> exchange.close();
            case TRUNCATE -> send(exchange, answer, answer.body().size() / 2);
            case TAIL -> send(exchange, brokenTail(answer));
            default -> send(exchange, answer);
        }
    }

    private static Answer brokenTail(Answer answer) {
        String whole = answer.body().toString();
        String broken =
                whole.substring(0, whole.length() / 2) + "Unexpected error while streaming data: timeoutReached";
        return new Answer(answer.status(), answer.headers(), JsonBuffer.of(broken));
    }

    /** Closing an exchange that owes bytes closes the connection. */
    private static void send(HttpExchange exchange, Answer answer, int bytes) throws IOException {
        try (exchange) {
            for (Map.Entry<String, String> header : answer.headers().entrySet()) {
                exchange.getResponseHeaders().set(header.getKey(), header.getValue());
            }
            int length = answer.body().size();
            exchange.sendResponseHeaders(answer.status(), length == 0 ? -1 : length);
            if (length > 0) {
                answer.body().writeTo(exchange.getResponseBody(), bytes);
                if (bytes == length) {
                    exchange.getResponseBody().close();
                }
            }
        }
    }
}
