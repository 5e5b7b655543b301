package dev.caravan.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A store that speaks the part of Google Cloud Storage's JSON language that a lake needs, strictly: generations are compared, sums
 * are, and what it does not know is refused. Keeps objects in memory, lists few at a time, and can be told to fail.
 */
public final class FakeGcs extends FakeStore<FakeGcs.Stored> {
    public static final String BUCKET = "lake";
    private static final int PAGE = 7;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
    private final AtomicLong generations = new AtomicLong(1000);

    public FakeGcs() {
        super(null);
    }

    record Stored(byte[] bytes, JsonNode metadata, long generation, Instant at) {}

    /** A file that is sent in several requests. */
    private record Upload(String key, JsonNode metadata, Map<String, String> query, ByteArrayOutputStream bytes) {}

    @Override
    byte[] bytes(Stored stored) {
        return stored.bytes();
    }

    private static Reply json(JsonNode node) {
        return Reply.of(200, "application/json", node.toString());
    }

    @Override
    Reply refusal(int status, String reason) {
        return Reply.of(
                status,
                "application/json",
                "{\"error\":{\"code\":%d,\"message\":\"Said by the store\",\"errors\":[{\"domain\":\"global\",\"reason\":\"%s\",\"message\":\"Said by the store\"}]}}"
                        .formatted(status, reason));
    }

    @Override
    String named(HttpExchange exchange, byte[] sent) {
        return String.valueOf(exchange.getRequestURI().getQuery()).contains("uploadType=multipart")
                ? new String(whole(exchange, sent), StandardCharsets.ISO_8859_1)
                        .replaceFirst("(?s).*?\"name\":\\s*\"([^\"]*)\".*", " $1")
                : "";
    }

    private static byte[] whole(HttpExchange exchange, byte[] sent) {
        try {
            return "gzip".equals(header(exchange, "Content-Encoding"))
                    ? new GZIPInputStream(new ByteArrayInputStream(sent)).readAllBytes()
                    : sent;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    Reply serve(HttpExchange exchange, byte[] sent) throws IOException {
        byte[] body = whole(exchange, sent);
        String path = exchange.getRequestURI().getRawPath();
        Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
        String method = exchange.getRequestMethod();
        if (path.startsWith("/upload/storage/v1/b/")) {
            requireBucket(path.split("/", -1)[5]);
            return upload(exchange, method, query, body);
        }
        String[] parts = path.replaceFirst("^/download", "").split("/", -1);
        if (parts.length < 6 || !parts[1].equals("storage") || !parts[5].equals("o")) {
            throw new Refused(501, "notImplemented");
        }
        requireBucket(parts[4]);
        if (parts.length == 6) {
            return list(query);
        }
        String key = decoded(parts[6]);
        if (parts.length > 7 && parts[7].equals("rewriteTo")) {
            requireBucket(parts[9]);
            return copy(key, decoded(parts[11]), query);
        }
        return switch (method) {
            case "GET" ->
                "media".equals(query.get("alt")) ? media(exchange, key, query) : json(described(key, found(key)));
            case "DELETE" -> {
                found(key);
                objects.remove(key);
                yield new Reply(204, Map.of(), new byte[0]);
            }
            default -> throw new Refused(405, "methodNotAllowed");
        };
    }

    private static void requireBucket(String name) {
        if (!name.equals(BUCKET)) {
            throw new Refused(404, "notFound");
        }
    }

    private static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> query = new HashMap<>();
        for (String each : raw == null ? new String[0] : raw.split("&")) {
            String[] pair = each.split("=", 2);
            query.put(pair[0], pair.length == 1 ? "" : URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
        }
        return query;
    }

    private Stored found(String key) {
        Stored stored = objects.get(key);
        if (stored == null) {
            throw new Refused(404, "notFound");
        }
        return stored;
    }

    private static ObjectNode described(String key, Stored stored) {
        ObjectNode node = JSON.createObjectNode()
                .put("kind", "storage#object")
                .put("bucket", BUCKET)
                .put("name", key)
                .put("generation", Long.toString(stored.generation()))
                .put("size", Integer.toString(stored.bytes().length))
                .put("updated", stored.at().toString())
                .put("crc32c", crc32c(stored.bytes()));
        if (stored.metadata().has("metadata")) {
            node.set("metadata", stored.metadata().get("metadata"));
        }
        return node;
    }

    private static String crc32c(byte[] bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        return Base64.getEncoder()
                .encodeToString(
                        ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
    }

    private Reply media(HttpExchange exchange, String key, Map<String, String> query) {
        Stored stored = found(key);
        String generation = query.get("generation");
        if (generation != null && Long.parseLong(generation) != stored.generation()) {
            throw new Refused(404, "notFound");
        }
        byte[] bytes = stored.bytes();
        String range = header(exchange, "Range");
        int from = 0;
        int to = bytes.length;
        if (range != null && range.startsWith("bytes=")) {
            String[] ends = range.substring("bytes=".length()).split("-", -1);
            from = Integer.parseInt(ends[0]);
            to = ends[1].isEmpty() ? to : Math.min(to, (int) Math.min(Integer.MAX_VALUE, Long.parseLong(ends[1]) + 1));
            if (from >= bytes.length) {
                throw new Refused(416, "requestedRangeNotSatisfiable");
            }
        }
        Map<String, String> headers = new HashMap<>(Map.of(
                "Content-Type",
                "application/octet-stream",
                "x-goog-generation",
                Long.toString(stored.generation()),
                "x-goog-hash",
                "crc32c=" + crc32c(bytes)));
        if (range != null) {
            headers.put("Content-Range", "bytes %d-%d/%d".formatted(from, to - 1, bytes.length));
        }
        return new Reply(range == null ? 200 : 206, headers, Arrays.copyOfRange(bytes, from, to));
    }

    private Reply list(Map<String, String> query) {
        String prefix = query.getOrDefault("prefix", "");
        String delimiter = query.get("delimiter");
        String after = query.getOrDefault("pageToken", "");
        ObjectNode page = JSON.createObjectNode().put("kind", "storage#objects");
        ArrayNode items = page.putArray("items");
        ArrayNode prefixes = page.putArray("prefixes");
        String last = "";
        for (Map.Entry<String, Stored> each : objects.tailMap(prefix).entrySet()) {
            if (!each.getKey().startsWith(prefix)) {
                break;
            }
            String rest = each.getKey().substring(prefix.length());
            boolean common = delimiter != null && rest.contains(delimiter);
            String name = common ? prefix + rest.substring(0, rest.indexOf(delimiter) + 1) : each.getKey();
            if (name.compareTo(after) <= 0 || name.equals(last)) {
                continue;
            }
            if (items.size() + prefixes.size() == PAGE) {
                page.put("nextPageToken", last);
                break;
            }
            last = name;
            if (common) {
                prefixes.add(name);
            } else {
                items.add(described(name, each.getValue()));
            }
        }
        return json(page);
    }

    private Reply copy(String from, String to, Map<String, String> query) {
        Stored source = found(from);
        Stored made = put(to, source.bytes(), source.metadata(), query);
        ObjectNode answer = JSON.createObjectNode()
                .put("kind", "storage#rewriteResponse")
                .put("done", true)
                .put("totalBytesRewritten", Integer.toString(made.bytes().length))
                .put("objectSize", Integer.toString(made.bytes().length));
        answer.set("resource", described(to, made));
        return json(answer);
    }

    private synchronized Stored put(String key, byte[] bytes, JsonNode metadata, Map<String, String> query) {
        String condition = query.get("ifGenerationMatch");
        Stored there = objects.get(key);
        if (condition != null && Long.parseLong(condition) != (there == null ? 0 : there.generation())) {
            throw new Refused(412, "conditionNotMet");
        }
        JsonNode sum = metadata.get("crc32c");
        if (sum != null && !sum.asText().equals(crc32c(bytes))) {
            throw new Refused(400, "invalid");
        }
        Stored stored = new Stored(bytes, metadata, generations.incrementAndGet(), Instant.now());
        objects.put(key, stored);
        return stored;
    }

    private Reply upload(HttpExchange exchange, String method, Map<String, String> query, byte[] body)
            throws IOException {
        if (method.equals("PUT")) {
            return resumed(exchange, query, body);
        }
        if ("multipart".equals(query.get("uploadType"))) {
            return multipart(exchange, query, body);
        }
        if (!"resumable".equals(query.get("uploadType"))) {
            throw new Refused(501, "notImplemented");
        }
        JsonNode metadata = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
        String key = metadata.path("name").asText(query.getOrDefault("name", ""));
        String id = UUID.randomUUID().toString();
        uploads.put(id, new Upload(key, metadata, query, new ByteArrayOutputStream()));
        return new Reply(
                200,
                Map.of(
                        "Location",
                        uri() + "/upload/storage/v1/b/" + BUCKET + "/o?uploadType=resumable&upload_id=" + id),
                new byte[0]);
    }

    /** Takes {@code Content-Range: bytes 0-9/10}, and {@code bytes *}{@code /10}, which asks how far it has come. */
    private Reply resumed(HttpExchange exchange, Map<String, String> query, byte[] body) {
        Upload upload = uploads.get(query.get("upload_id"));
        if (upload == null) {
            throw new Refused(404, "notFound");
        }
        String range = header(exchange, "Content-Range");
        synchronized (upload) {
            Stored done = objects.get(upload.key());
            String total = range == null ? "" : range.substring(range.indexOf('/') + 1);
            boolean asks = range != null && range.startsWith("bytes */");
            if (!asks) {
                int from = range == null ? 0 : Integer.parseInt(range.substring("bytes ".length(), range.indexOf('-')));
                if (from != upload.bytes().size()) {
                    throw new Refused(400, "invalid");
                }
                upload.bytes().writeBytes(body);
            }
            boolean whole = total.isEmpty()
                    || (!total.equals("*")
                            && Integer.parseInt(total) == upload.bytes().size());
            if (whole && !asks) {
                done = put(upload.key(), upload.bytes().toByteArray(), upload.metadata(), upload.query());
            }
            if (whole && done != null) {
                return json(described(upload.key(), done));
            }
            Map<String, String> headers = upload.bytes().size() == 0
                    ? Map.of()
                    : Map.of("Range", "bytes=0-" + (upload.bytes().size() - 1));
            return new Reply(308, headers, new byte[0]);
        }
    }

    private Reply multipart(HttpExchange exchange, Map<String, String> query, byte[] body) throws IOException {
        String type = String.valueOf(header(exchange, "Content-Type"));
        String boundary = type.replaceFirst(".*boundary=\"?([^\";]+).*", "$1");
        String text = new String(body, StandardCharsets.ISO_8859_1);
        String[] parts = text.split("\r\n--|^--", -1);
        JsonNode metadata = null;
        byte[] bytes = null;
        for (String part : parts) {
            if (!part.startsWith(boundary) || part.startsWith(boundary + "--")) {
                continue;
            }
            String content = part.substring(part.indexOf("\r\n\r\n") + 4);
            if (metadata == null) {
                metadata = JSON.readTree(content.getBytes(StandardCharsets.ISO_8859_1));
            } else {
                bytes = content.getBytes(StandardCharsets.ISO_8859_1);
            }
        }
        if (metadata == null || bytes == null) {
            throw new Refused(400, "invalid");
        }
        String key = metadata.path("name").asText();
        return json(described(key, put(key, bytes, metadata, query)));
    }
}
