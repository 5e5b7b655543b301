package dev.caravan.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The API that every contestant pulls from, a process of its own on 127.0.0.1. As little work per answer as possible: one thread
 * a connection, a page is a copy with other digits, head and body in one write.
 *
 * <p>{@code GET /s<stream>/items?part=P&offset=O&limit=L} answers {@code {"data": […], "next_offset": N or null}}; rows of part P
 * are those whose number is in P's share. {@code GET /_stats} says what was served.
 */
final class MockApi {
    private static final int ROOM_FOR_HEAD = 512;

    private final long rows;
    private final int parts;
    private final Duration latency;
    private final int every429;
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong impatient = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong first = new AtomicLong();
    private final Map<String, Long> refusedAt = new ConcurrentHashMap<>();

    /**
     * @param rows of each stream
     * @param parts that the rows of a stream are in, of equal size
     * @param every429 of so many requests one is answered 429 with {@code Retry-After: 1}; 0 for none
     */
    private MockApi(long rows, int parts, Duration latency, int every429) {
        this.rows = rows;
        this.parts = parts;
        this.latency = latency;
        this.every429 = every429;
    }

    /** Serves until killed; prints its port. Arguments: rows, parts, latency in milliseconds, every429. */
    public static void main(String[] arguments) throws IOException {
        MockApi api = new MockApi(
                Long.parseLong(arguments[0]),
                Integer.parseInt(arguments[1]),
                Duration.ofMillis(Long.parseLong(arguments[2])),
                Integer.parseInt(arguments[3]));
        try (ServerSocket server = new ServerSocket(0, 256, InetAddress.getByName("127.0.0.1"))) {
            System.out.println(server.getLocalPort());
            System.out.flush();
            while (true) {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                Thread thread = new Thread(() -> api.serve(socket));
                thread.setDaemon(true);
                thread.start();
            }
        }
    }

    private void serve(Socket socket) {
        try (socket;
                InputStream in = new BufferedInputStream(socket.getInputStream(), 8 << 10);
                OutputStream out = socket.getOutputStream()) {
            for (String line = line(in); line != null; line = line(in)) {
                boolean close = false;
                for (String header = line(in); header != null && !header.isEmpty(); header = line(in)) {
                    close |= header.equalsIgnoreCase("connection: close");
                }
                out.write(answer(line.split(" ")[1]));
                out.flush();
                if (close) {
                    return;
                }
            }
        } catch (SocketException e) {
            // The client has gone.
        } catch (IOException | RuntimeException e) {
            e.printStackTrace();
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int each = in.read(); each >= 0; each = in.read()) {
            if (each == '\n') {
                return line.toString();
            }
            if (each != '\r') {
                line.append((char) each);
            }
        }
        return null;
    }

    private byte[] answer(String target) {
        if (target.equals("/_stats")) {
            return whole("200 OK", "", stats().getBytes(StandardCharsets.US_ASCII));
        }
        long now = System.currentTimeMillis();
        first.compareAndSet(0, now);
        long number = requests.incrementAndGet();
        Long before = refusedAt.remove(target);
        if (before != null && now - before < 950) {
            impatient.incrementAndGet();
        }
        if (!latency.isZero()) {
            LockSupport.parkNanos(latency.toNanos());
        }
        if (every429 > 0 && number % every429 == 0) {
            refused.incrementAndGet();
            refusedAt.put(target, System.currentTimeMillis());
            return whole("429 Too Many Requests", "Retry-After: 1\r\n", "{\"error\":\"slow down\"}".getBytes(StandardCharsets.US_ASCII));
        }
        Map<String, String> query = query(target);
        long share = rows / parts;
        long part = Long.parseLong(query.getOrDefault("part", "0"));
        long limit = Long.parseLong(query.getOrDefault("limit", "100"));
        long offset = Math.min(share, Long.parseLong(query.getOrDefault("offset", "0")));
        long end = Math.min(share, offset + limit);
        byte[] page = page(part * share + offset, part * share + end, end < share ? end : -1);
        bytes.addAndGet(page.length);
        return page;
    }

    /** Head and body in one piece. */
    private static byte[] page(long from, long to, long next) {
        byte[] rows = Rows.page(from, to);
        byte[] begin = "{\"data\":[".getBytes(StandardCharsets.US_ASCII);
        byte[] end = ("],\"next_offset\":" + (next < 0 ? "null" : next) + "}").getBytes(StandardCharsets.US_ASCII);
        int length = begin.length + rows.length + end.length;
        byte[] head = head("200 OK", "", length);
        byte[] all = new byte[head.length + length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(begin, 0, all, head.length, begin.length);
        System.arraycopy(rows, 0, all, head.length + begin.length, rows.length);
        System.arraycopy(end, 0, all, all.length - end.length, end.length);
        return all;
    }

    private static byte[] whole(String status, String headers, byte[] body) {
        byte[] head = head(status, headers, body.length);
        byte[] all = new byte[head.length + body.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        return all;
    }

    private static byte[] head(String status, String headers, int length) {
        return new StringBuilder(ROOM_FOR_HEAD)
                .append("HTTP/1.1 ")
                .append(status)
                .append("\r\nContent-Type: application/json\r\n")
                .append(headers)
                .append("Content-Length: ")
                .append(length)
                .append("\r\n\r\n")
                .toString()
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static Map<String, String> query(String target) {
        Map<String, String> query = new HashMap<>();
        int mark = target.indexOf('?');
        for (String pair : mark < 0 ? new String[0] : target.substring(mark + 1).split("&")) {
            int equals = pair.indexOf('=');
            query.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return query;
    }

    private String stats() {
        return "%d %d %d %d %d".formatted(first.get(), requests.get(), refused.get(), impatient.get(), bytes.get());
    }
}
