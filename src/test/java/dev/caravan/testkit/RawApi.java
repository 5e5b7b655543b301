package dev.caravan.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A server for what no HTTP server does: it puts the bytes of a test on the wire, or none, and resets, stalls or drips as told.
 * Each connection carries one request. Safe for any number of threads.
 */
public final class RawApi implements AutoCloseable {
    private final ServerSocket server;
    private final ExecutorService pool = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "raw-api");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<String, Script> scripts = new ConcurrentHashMap<>();
    private final List<Talk> talks = new CopyOnWriteArrayList<>();

    /** What happens to a request. */
    public interface Script {
        void answer(Talk talk) throws IOException;
    }

    private RawApi(ServerSocket server) {
        this.server = server;
    }

    public static RawApi start() {
        try {
            RawApi api = new RawApi(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
            api.pool.execute(api::accept);
            return api;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the address of a port at which nothing listens any more. */
    public static String nobody() {
        RawApi gone = start();
        gone.close();
        return gone.url();
    }

    public RawApi on(String path, Script script) {
        scripts.put(path, script);
        return this;
    }

    public String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    /** Returns what was asked of {@code path}, in order. */
    public List<Talk> talks(String path) {
        return talks.stream().filter(talk -> talk.uri().getPath().equals(path)).toList();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                pool.execute(() -> serve(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader head = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
            String first = head.readLine();
            for (String line = first; line != null && !line.isEmpty(); line = head.readLine()) {
                // Only the first line is of interest.
            }
            if (first != null) {
                Talk talk = note(URI.create(first.split(" ", 3)[1]), socket);
                scripts.getOrDefault(talk.uri().getPath(), any -> {}).answer(talk);
            }
        } catch (IOException e) {
            // The other side has gone, which is what many of these scripts are about.
        }
    }

    private synchronized Talk note(URI uri, Socket socket) {
        Talk talk = new Talk(uri, talks(uri.getPath()).size(), socket);
        talks.add(talk);
        return talk;
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        talks.forEach(Talk::hangUp);
        pool.shutdownNow();
    }

    /** One request, and the wire that its answer goes over. */
    public static final class Talk {
        private final URI uri;
        private final int before;
        private final Socket socket;
        private final long began = System.nanoTime();
        private volatile long ended;

        private Talk(URI uri, int before, Socket socket) {
            this.uri = uri;
            this.before = before;
            this.socket = socket;
        }

        public URI uri() {
            return uri;
        }

        /** Returns how many requests for the same path came before it. */
        public int before() {
            return before;
        }

        /** Returns one parameter, empty without it. */
        public String query(String name) {
            return FakeApi.query(uri).getOrDefault(name, "");
        }

        /** Returns how long the other side stayed, once it has gone. */
        public Duration lasted() {
            return Duration.ofNanos(ended - began);
        }

        public Talk send(String text) throws IOException {
            return send(text.getBytes(ISO_8859_1));
        }

        public Talk send(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
            return this;
        }

        /** Sends {@code piece} again and again, with a pause between, until the other side has gone. */
        public void drip(String piece, Duration pause) throws IOException {
            socket.setTcpNoDelay(true);
            do {
                send(piece);
            } while (stays(pause));
        }

        /** Says nothing until the other side has gone. */
        public void stall() throws IOException {
            while (stays(Duration.ofSeconds(60))) {
                // It may take as long as it likes.
            }
        }

        /** Whether the other side is still there after some time. */
        private boolean stays(Duration wait) throws IOException {
            socket.setSoTimeout((int) wait.toMillis());
            try {
                boolean there = socket.getInputStream().read() >= 0;
                ended = System.nanoTime();
                return there;
            } catch (SocketTimeoutException e) {
                return true;
            } catch (IOException e) {
                ended = System.nanoTime();
                return false;
            }
        }

        /** Breaks the connection so that the other side sees a reset. */
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        private void hangUp() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
