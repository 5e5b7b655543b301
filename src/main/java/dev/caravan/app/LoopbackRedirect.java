package dev.caravan.app;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits on this machine for the browser that a vendor sends back with a code (RFC 8252, section 7.3). */
final class LoopbackRedirect implements AutoCloseable {
    private final HttpServer server;
    private final URI address;
    private final String state;
    private final CompletableFuture<String> code = new CompletableFuture<>();

    /**
     * @param wanted the address, with port 0 for any that is free
     * @param state that the vendor has to send back
     */
    LoopbackRedirect(URI wanted, String state) throws IOException {
        this.state = state;
        server = HttpServer.create(
                new InetSocketAddress(InetAddress.getByName(wanted.getHost()), Math.max(0, wanted.getPort())), 0);
        address = URI.create("http://%s:%d%s"
                .formatted(
                        wanted.getHost(),
                        server.getAddress().getPort(),
                        wanted.getPath().isEmpty() ? "/" : wanted.getPath()));
        server.createContext(address.getPath(), this::answer);
        server.start();
    }

    URI address() {
        return address;
    }

    /** @throws UsageException if the person refused, or nobody came in time */
    String await(Duration longest) throws InterruptedException {
        try {
            return code.get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new UsageException("Nobody came back within %d minutes".formatted(longest.toMinutes()));
        } catch (ExecutionException e) {
            throw new UsageException(message(e));
        }
    }

    private static String message(ExecutionException failure) {
        Throwable cause = failure.getCause();
        return String.valueOf((cause == null ? failure : cause).getMessage());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String shown;
            try {
                code.complete(code(exchange.getRequestURI(), state));
                shown = "Thank you. You may close this page and go back to the terminal.";
            } catch (UsageException e) {
                shown = "This did not work; the terminal says why.";
                if (!String.valueOf(e.getMessage()).startsWith("Not an answer")) {
                    code.completeExceptionally(e);
                }
            }
            byte[] body = shown.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Returns the code in an address that a vendor sent a browser back to. */
    static String code(URI came, String state) {
        Map<String, String> query = new LinkedHashMap<>();
        String raw = came.getRawQuery() == null ? "" : came.getRawQuery();
        for (String pair : raw.split("&", -1)) {
            String[] parts = pair.split("=", 2);
            query.put(parts[0], parts.length == 1 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        if (!query.getOrDefault("state", "").equals(state)) {
            // Whoever else finds the port does not know it.
            throw new UsageException("Not an answer to this login: its state is another");
        }
        if (query.containsKey("error")) {
            throw new UsageException("The vendor refused: " + query.get("error").replaceAll("[^\\w .-]", ""));
        }
        String code = query.getOrDefault("code", "");
        if (code.isEmpty()) {
            throw new UsageException("The address holds no code");
        }
        return code;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
