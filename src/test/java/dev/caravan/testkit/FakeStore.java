package dev.caravan.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A store of objects in memory, in whatever language it speaks: it notes what it is asked, and can be told to fail.
 *
 * @param <S> what is stored of an object
 */
public abstract class FakeStore<S> implements AutoCloseable {
    final ConcurrentSkipListMap<String, S> objects = new ConcurrentSkipListMap<>();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Fault> faults = new CopyOnWriteArrayList<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile Consumer<String> watcher = request -> {};

    private enum Kind {
        /** Another answer is given. */
        REFUSED,
        /** It is served, and nobody hears of it. */
        LOST,
        /** The connection breaks in the middle of the answer. */
        HALF
    }

    /** How requests go wrong, and how many of them still. */
    private record Fault(Kind kind, Predicate<String> request, int[] left, int status, String reason) {
        boolean takes(String asked) {
            if (!request.test(asked)) {
                return false;
            }
            synchronized (left) {
                return left[0]-- > 0;
            }
        }

        boolean isOver() {
            synchronized (left) {
                return left[0] <= 0;
            }
        }
    }

    /** What a client is told. */
    static final class Refused extends RuntimeException {
        private final int status;
        private final String reason;

        Refused(int status, String reason) {
            super(reason);
            this.status = status;
            this.reason = reason;
        }
    }

    record Reply(int status, Map<String, String> headers, byte[] body) {
        static Reply of(int status, String type, String text) {
            return new Reply(status, Map.of("Content-Type", type), text.getBytes(StandardCharsets.UTF_8));
        }

        private void sendHalf(HttpExchange exchange) throws IOException {
            headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body, 0, body.length / 2);
            exchange.getResponseBody().flush();
        }

        private void send(HttpExchange exchange) throws IOException {
            headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (head) {
                exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
            }
            exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
            if (!head && body.length > 0) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    static {
        // Otherwise an answer waits 40 ms for the packet behind it.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /** @param tls the server's side of TLS, null without */
    FakeStore(@Nullable SSLContext tls) {
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try {
            if (tls == null) {
                server = HttpServer.create(loopback, 0);
            } else {
                HttpsServer secured = HttpsServer.create(loopback, 0);
                secured.setHttpsConfigurator(new HttpsConfigurator(tls));
                server = secured;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    abstract byte[] bytes(S stored);

    /** @throws Refused if that is the answer */
    abstract Reply serve(HttpExchange exchange, byte[] body) throws IOException;

    /** Returns what of a request stands in its body and tells it from others, behind a blank. */
    String named(HttpExchange exchange, byte[] body) {
        return "";
    }

    abstract Reply refusal(int status, String reason);

    public URI uri() {
        return URI.create("%s://127.0.0.1:%d"
                .formatted(
                        server instanceof HttpsServer ? "https" : "http",
                        server.getAddress().getPort()));
    }

    /** Returns the keys that begin with {@code prefix}, in order. */
    public List<String> keys(String prefix) {
        return objects.tailMap(prefix).keySet().stream()
                .takeWhile(key -> key.startsWith(prefix))
                .toList();
    }

    public byte[] bytes(String key) {
        S stored = objects.get(key);
        if (stored == null) {
            throw new IllegalArgumentException("No object " + key);
        }
        return bytes(stored);
    }

    /** Returns the requests so far, as method and path with query. */
    public List<String> asked() {
        return List.copyOf(asked);
    }

    /** Makes the next requests of a kind fail, with an error of the store's. */
    public void fail(int times, Predicate<String> request, int status, String reason) {
        faults.add(new Fault(Kind.REFUSED, request, new int[] {times}, status, reason));
    }

    /** Lets the next requests of a kind be served, and their answers be lost. */
    public void loseAnswers(int times, Predicate<String> request) {
        faults.add(new Fault(Kind.LOST, request, new int[] {times}, 0, ""));
    }

    /** Lets the connection break in the middle of the next answers of a kind. */
    public void cut(int times, Predicate<String> request) {
        faults.add(new Fault(Kind.HALF, request, new int[] {times}, 0, ""));
    }

    /** Says who hears of each request, its method and path with query, when its head has come and its body has not. */
    public void watch(Consumer<String> how) {
        watcher = how;
    }

    /** Whether all that was to go wrong has. */
    public boolean isHealed() {
        return faults.stream().allMatch(Fault::isOver);
    }

    public void heal() {
        faults.clear();
    }

    static @Nullable String header(HttpExchange exchange, String name) {
        return exchange.getRequestHeaders().getFirst(name);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            watcher.accept(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            byte[] body = exchange.getRequestBody().readAllBytes();
            String request = exchange.getRequestMethod() + " " + exchange.getRequestURI() + named(exchange, body);
            asked.add(request);
            Fault fault = faults.stream()
                    .filter(each -> each.takes(request))
                    .findFirst()
                    .orElse(null);
            if (fault != null && fault.kind() == Kind.REFUSED) {
                refusal(fault.status(), fault.reason()).send(exchange);
                return;
            }
            try {
                Reply reply = serve(exchange, body);
                if (fault == null) {
                    reply.send(exchange);
                } else if (fault.kind() == Kind.HALF) {
                    reply.sendHalf(exchange);
                }
            } catch (Refused e) {
                if (fault == null) {
                    refusal(e.status, e.reason).send(exchange);
                }
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
