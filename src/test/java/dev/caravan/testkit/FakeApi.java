package dev.caravan.testkit;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;

/**
 * An API of a test's own making: a real HTTP server on a loopback address, which answers as scripted and remembers what it
 * was asked. The script decides by the request and by how often its path was asked before. Safe for any number of threads.
 */
public final class FakeApi implements AutoCloseable {
    /** In place of a status: no answer at all. */
    private static final int CUT = 0;

    private final HttpServer server;
    private final ExecutorService pool = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "fake-api");
        thread.setDaemon(true);
        return thread;
    });
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private final Map<String, Function<Asked, Reply>> scripts = new LinkedHashMap<>();

    private FakeApi(HttpServer server) {
        this.server = server;
    }

    public static FakeApi start() {
        return start("127.0.0.1");
    }

    /** Starts one on another loopback address. */
    public static FakeApi start(String address) {
        try {
            return start(HttpServer.create(new InetSocketAddress(InetAddress.getByName(address), 0), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts one that speaks TLS. */
    public static FakeApi start(SSLContext tls) {
        try {
            HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(tls));
            return start(server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FakeApi start(HttpServer server) {
        // Head and body leave apart; without this each answer waits for the client's delayed acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        FakeApi api = new FakeApi(server);
        api.server.createContext("/", api::serve);
        api.server.setExecutor(api.pool);
        api.server.start();
        return api;
    }

    /** Says how requests for {@code path} are answered; replaces what was said before. */
    public synchronized FakeApi on(String path, Function<Asked, Reply> script) {
        scripts.put(path, script);
        return this;
    }

    private synchronized Function<Asked, Reply> script(String path) {
        return scripts.getOrDefault(path, any -> Reply.status(404).json("{\"error\":\"no script for it\"}"));
    }

    public String url() {
        String scheme = server instanceof HttpsServer ? "https" : "http";
        return scheme + "://" + server.getAddress().getAddress().getHostAddress() + ":"
                + server.getAddress().getPort();
    }

    public List<Asked> asked() {
        return List.copyOf(asked);
    }

    /** Returns what was asked of {@code path}, in order. */
    public List<Asked> asked(String path) {
        return asked.stream().filter(each -> each.path().equals(path)).toList();
    }

    public void forget() {
        asked.clear();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            Asked now = note(exchange);
            Reply reply = script(now.path()).apply(now);
            LockSupport.parkNanos(reply.delay.toNanos());
            if (reply.status == CUT) {
                return;
            }
            reply.headers.forEach(
                    (name, values) -> exchange.getResponseHeaders().put(name, values));
            exchange.sendResponseHeaders(reply.status, reply.body.length == 0 ? -1 : reply.body.length);
            if (reply.body.length > 0) {
                // Closing the exchange short of the length it announced cuts the connection.
                exchange.getResponseBody().write(reply.body, 0, Math.min(reply.sent, reply.body.length));
                exchange.getResponseBody().flush();
            }
        }
    }

    private Asked note(HttpExchange exchange) throws IOException {
        URI uri = exchange.getRequestURI();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        synchronized (this) {
            Asked now = new Asked(
                    Instant.now(),
                    System.nanoTime(),
                    asked(uri.getPath()).size(),
                    exchange.getRequestMethod(),
                    uri,
                    exchange.getRequestHeaders(),
                    body);
            asked.add(now);
            return now;
        }
    }

    /** Returns the decoded parameters of an address; of a name that comes twice, the last. */
    public static Map<String, String> query(URI uri) {
        Map<String, String> query = new LinkedHashMap<>();
        String raw = uri.getRawQuery();
        for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
            String[] parts = pair.split("=", 2);
            query.put(decoded(parts[0]), parts.length == 1 ? "" : decoded(parts[1]));
        }
        return query;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.stop(0);
        pool.shutdownNow();
    }

    /**
     * One request.
     *
     * @param at when it came
     * @param nanos the same by {@link System#nanoTime()}
     * @param before how many requests for the same path came before it
     * @param uri path and query, without the host
     */
    public record Asked(Instant at, long nanos, int before, String method, URI uri, Headers headers, String body) {
        public String path() {
            return uri.getPath();
        }

        public Map<String, String> query() {
            return FakeApi.query(uri);
        }

        /** Returns one parameter, empty without it. */
        public String query(String name) {
            return query().getOrDefault(name, "");
        }

        /** Returns the time since an earlier request. */
        public Duration since(Asked earlier) {
            return Duration.ofNanos(nanos - earlier.nanos);
        }
    }

    /** One answer. */
    public static final class Reply {
        private final int status;
        private final Map<String, List<String>> headers = new LinkedHashMap<>();
        private byte[] body = new byte[0];
        private int sent = Integer.MAX_VALUE;
        private Duration delay = Duration.ZERO;

        private Reply(int status) {
            this.status = status;
        }

        public static Reply status(int status) {
            return new Reply(status);
        }

        /** Cuts the connection without an answer. */
        public static Reply cut() {
            return new Reply(CUT);
        }

        public static Reply ok(String json) {
            return status(200).json(json);
        }

        /** A page {@code {"data": […], "next": …}}; an empty next makes it the last. */
        public static Reply page(List<String> records, String next) {
            return ok("{\"data\":[%s],\"next\":%s}"
                    .formatted(String.join(",", records), next.isEmpty() ? "null" : "\"" + next + "\""));
        }

        public Reply json(String json) {
            return header("Content-Type", "application/json").text(json);
        }

        public Reply text(String text) {
            body = text.getBytes(StandardCharsets.UTF_8);
            return this;
        }

        /** Any bytes, said to be JSON. */
        public Reply bytes(byte[] anything) {
            header("Content-Type", "application/json");
            body = anything;
            return this;
        }

        /** Any bytes of any type. */
        public Reply content(byte[] anything, String type) {
            header("Content-Type", type);
            body = anything;
            return this;
        }

        /** Packs the body so far and says so. */
        public Reply gzip() {
            return header("Content-Encoding", "gzip").packed();
        }

        /** Packs the body so far, and says nothing. */
        public Reply packed() {
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
                gzip.write(body);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            body = packed.toByteArray();
            return this;
        }

        public byte[] body() {
            return body;
        }

        public Reply header(String name, String value) {
            headers.computeIfAbsent(name, any -> new ArrayList<>()).add(value);
            return this;
        }

        public Reply after(Duration wait) {
            delay = wait;
            return this;
        }

        /** Announces the whole body and breaks off after some bytes of it. */
        public Reply cutAfter(int bytes) {
            sent = bytes;
            return this;
        }
    }
}
