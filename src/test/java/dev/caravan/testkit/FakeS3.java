package dev.caravan.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A store that speaks the part of S3's language that a lake needs, strictly: sums are compared, conditions kept, what it does not
 * know refused. Keeps objects in memory, lists few at a time so that lists have pages, and can be told to fail.
 */
public final class FakeS3 implements AutoCloseable {
    public static final String BUCKET = "lake";
    private static final int PAGE = 7;
    private static final int SMALLEST_PART = 5 << 20;
    private static final Pattern PART = Pattern.compile("<PartNumber>(\\d+)</PartNumber>");
    private static final Pattern TAG = Pattern.compile("<ETag>([^<]*)</ETag>");
    private static final Pattern SIGNED = Pattern.compile(
            "AWS4-HMAC-SHA256 Credential=test-id/\\d{8}/us-east-1/s3/aws4_request, SignedHeaders=[a-z0-9;-]+, Signature=[0-9a-f]{64}");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ConcurrentSkipListMap<String, Stored> objects = new ConcurrentSkipListMap<>();
    private final Map<String, Upload> uploads = new HashMap<>();
    private final List<Fault> faults = new CopyOnWriteArrayList<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();

    private record Stored(byte[] bytes, Map<String, String> headers, Instant at, String tag) {}

    private record Upload(String key, Map<String, String> headers, TreeMap<Integer, Stored> parts) {}

    /** How a request goes wrong. */
    private record Fault(Predicate<String> request, int[] left, Answer answer) {}

    private interface Answer {
        Becomes give(HttpExchange exchange) throws IOException;
    }

    /** What becomes of the answer of a request that goes wrong. */
    private enum Becomes {
        /** It was another one. */
        GIVEN,
        LOST,
        HALF
    }

    /** What a client is told. */
    private static final class Refused extends RuntimeException {
        private final int status;
        private final String code;

        Refused(int status, String code) {
            super(code);
            this.status = status;
            this.code = code;
        }
    }

    static {
        // Otherwise an answer waits 40 ms for the packet behind it.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    public FakeS3() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Returns the keys that begin with {@code prefix}, in order. */
    public List<String> keys(String prefix) {
        return objects.tailMap(prefix).keySet().stream()
                .takeWhile(key -> key.startsWith(prefix))
                .toList();
    }

    public byte[] bytes(String key) {
        Stored stored = objects.get(key);
        if (stored == null) {
            throw new IllegalArgumentException("No object " + key);
        }
        return stored.bytes();
    }

    /** Returns a header that an object was put with, null without it. */
    public @Nullable String header(String key, String name) {
        Stored stored = objects.get(key);
        return stored == null ? null : stored.headers().get(name);
    }

    /** Returns how many uploads were begun and neither completed nor aborted. */
    public int openUploads() {
        synchronized (uploads) {
            return uploads.size();
        }
    }

    /** Returns the requests so far, as method and path with query. */
    public List<String> asked() {
        return List.copyOf(asked);
    }

    /** Makes the next requests of a kind fail with an error of S3. */
    public void fail(int times, Predicate<String> request, int status, String code) {
        faults.add(new Fault(request, new int[] {times}, exchange -> {
            error(exchange, status, code);
            return Becomes.GIVEN;
        }));
    }

    /** Lets the next requests of a kind be served, and their answers be lost. */
    public void loseAnswers(int times, Predicate<String> request) {
        faults.add(new Fault(request, new int[] {times}, exchange -> Becomes.LOST));
    }

    /** Lets the connection break in the middle of the next answers of a kind. */
    public void cut(int times, Predicate<String> request) {
        faults.add(new Fault(request, new int[] {times}, exchange -> Becomes.HALF));
    }

    public void heal() {
        faults.clear();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
            asked.add(request);
            byte[] body = exchange.getRequestBody().readAllBytes();
            Becomes becomes = null;
            for (Fault fault : faults) {
                if (becomes == null && fault.request().test(request) && take(fault)) {
                    becomes = fault.answer().give(exchange);
                }
            }
            if (becomes == Becomes.GIVEN) {
                return;
            }
            try {
                Reply reply = serve(exchange, body);
                if (becomes == Becomes.HALF) {
                    reply.sendHalf(exchange);
                } else if (becomes == null) {
                    reply.send(exchange);
                }
            } catch (Refused e) {
                if (becomes == null) {
                    error(exchange, e.status, e.code);
                }
            }
        }
    }

    private static boolean take(Fault fault) {
        synchronized (fault) {
            return fault.left()[0]-- > 0;
        }
    }

    private record Reply(int status, Map<String, String> headers, byte[] body) {
        static Reply xml(String text) {
            return new Reply(200, Map.of("Content-Type", "application/xml"), text.getBytes(StandardCharsets.UTF_8));
        }

        void sendHalf(HttpExchange exchange) throws IOException {
            headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body, 0, body.length / 2);
            exchange.getResponseBody().flush();
        }

        void send(HttpExchange exchange) throws IOException {
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

    private static void error(HttpExchange exchange, int status, String code) throws IOException {
        byte[] body =
                "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>Said by the store</Message><RequestId>4711</RequestId></Error>"
                        .formatted(code)
                        .getBytes(StandardCharsets.UTF_8);
        new Reply(status, Map.of("Content-Type", "application/xml", "x-amz-request-id", "4711"), body).send(exchange);
    }

    private Reply serve(HttpExchange exchange, byte[] body) {
        String signature = header(exchange, "Authorization");
        if (signature == null || !SIGNED.matcher(signature).matches()) {
            throw new Refused(403, "SignatureDoesNotMatch");
        }
        String path =
                URLDecoder.decode(exchange.getRequestURI().getRawPath().replace("+", "%2B"), StandardCharsets.UTF_8);
        if (!path.equals("/" + BUCKET) && !path.startsWith("/" + BUCKET + "/")) {
            throw new Refused(404, "NoSuchBucket");
        }
        String key = path.length() > BUCKET.length() + 2 ? path.substring(BUCKET.length() + 2) : "";
        Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
        checkSum(exchange, body);
        return switch (exchange.getRequestMethod()) {
            case "GET" -> key.isEmpty() ? list(query) : get(key);
            case "HEAD" -> get(key);
            case "PUT" -> put(exchange, key, query, body);
            case "POST" -> post(exchange, key, query, body);
            case "DELETE" -> delete(key, query);
            default -> throw new Refused(405, "MethodNotAllowed");
        };
    }

    private static @Nullable String header(HttpExchange exchange, String name) {
        return exchange.getRequestHeaders().getFirst(name);
    }

    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> query = new HashMap<>();
        for (String each : raw == null ? new String[0] : raw.split("&")) {
            String[] pair = each.split("=", 2);
            query.put(pair[0], pair.length == 1 ? "" : URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
        }
        return query;
    }

    private static void checkSum(HttpExchange exchange, byte[] body) {
        if (header(exchange, "x-amz-trailer") != null || header(exchange, "x-amz-decoded-content-length") != null) {
            throw new Refused(501, "NotImplemented");
        }
        String md5 = header(exchange, "Content-MD5");
        if (md5 != null && !md5.equals(Base64.getEncoder().encodeToString(md5(body)))) {
            throw new Refused(400, "BadDigest");
        }
        if (md5 == null && exchange.getRequestMethod().equals("PUT") && body.length > 0) {
            throw new Refused(400, "InvalidDigest");
        }
    }

    private static byte[] md5(byte[] bytes) {
        try {
            return MessageDigest.getInstance("MD5").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Stored stored(byte[] bytes, Map<String, String> headers) {
        return new Stored(bytes, headers, Instant.now(), '"' + HexFormat.of().formatHex(md5(bytes)) + '"');
    }

    private Reply get(String key) {
        Stored stored = objects.get(key);
        if (stored == null) {
            throw new Refused(404, "NoSuchKey");
        }
        Map<String, String> headers = new HashMap<>(stored.headers());
        headers.put("ETag", stored.tag());
        return new Reply(200, headers, stored.bytes());
    }

    private Reply list(Map<String, String> query) {
        boolean encoding = "url".equals(query.get("encoding-type"));
        if (!"2".equals(query.get("list-type"))) {
            throw new Refused(501, "NotImplemented");
        }
        String prefix = query.getOrDefault("prefix", "");
        String delimiter = query.get("delimiter");
        String after = query.getOrDefault("continuation-token", "");
        StringBuilder found = new StringBuilder();
        String last = "";
        int count = 0;
        boolean more = false;
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
            if (count == PAGE) {
                more = true;
                break;
            }
            count++;
            last = name;
            String encoded = encoding ? URLEncoder.encode(name, StandardCharsets.UTF_8) : name;
            found.append(
                    common
                            ? "<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>".formatted(encoded)
                            : "<Contents><Key>%s</Key><LastModified>%s</LastModified><Size>%d</Size></Contents>"
                                    .formatted(
                                            encoded,
                                            each.getValue().at(),
                                            each.getValue().bytes().length));
        }
        return Reply.xml(
                "<?xml version=\"1.0\"?><ListBucketResult>%s<KeyCount>%d</KeyCount><IsTruncated>%b</IsTruncated>%s%s</ListBucketResult>"
                        .formatted(
                                encoding ? "<EncodingType>url</EncodingType>" : "",
                                count,
                                more,
                                more ? "<NextContinuationToken>" + last + "</NextContinuationToken>" : "",
                                found));
    }

    private static Map<String, String> kept(HttpExchange exchange) {
        Map<String, String> kept = new HashMap<>();
        exchange.getRequestHeaders().forEach((name, values) -> {
            String lower = name.toLowerCase(java.util.Locale.ROOT);
            if (lower.startsWith("x-amz-meta-") || lower.startsWith("x-amz-server-side-encryption")) {
                kept.put(lower, values.get(0));
            }
        });
        return kept;
    }

    private Reply put(HttpExchange exchange, String key, Map<String, String> query, byte[] body) {
        String source = header(exchange, "x-amz-copy-source");
        if (query.containsKey("partNumber")) {
            return putPart(key, query, body);
        }
        if (source != null) {
            Stored from = objects.get(
                    URLDecoder.decode(source, StandardCharsets.UTF_8).replaceFirst("^/?" + BUCKET + "/", ""));
            if (from == null) {
                throw new Refused(404, "NoSuchKey");
            }
            Map<String, String> headers = new HashMap<>(from.headers());
            headers.putAll(kept(exchange));
            objects.put(key, stored(from.bytes(), headers));
            return Reply.xml("<?xml version=\"1.0\"?><CopyObjectResult><ETag>%s</ETag></CopyObjectResult>"
                    .formatted(from.tag()));
        }
        Stored stored = stored(body, kept(exchange));
        String condition = header(exchange, "If-None-Match");
        if (condition == null) {
            objects.put(key, stored);
        } else if (!condition.equals("*")) {
            throw new Refused(501, "NotImplemented");
        } else if (objects.putIfAbsent(key, stored) != null) {
            throw new Refused(412, "PreconditionFailed");
        }
        return new Reply(200, Map.of("ETag", stored.tag()), new byte[0]);
    }

    private Reply putPart(String key, Map<String, String> query, byte[] body) {
        synchronized (uploads) {
            Upload upload = upload(key, query);
            Stored part = stored(body, Map.of());
            upload.parts().put(Integer.parseInt(query.get("partNumber")), part);
            return new Reply(200, Map.of("ETag", part.tag()), new byte[0]);
        }
    }

    private Upload upload(String key, Map<String, String> query) {
        Upload upload = uploads.get(query.get("uploadId"));
        if (upload == null || !upload.key().equals(key)) {
            throw new Refused(404, "NoSuchUpload");
        }
        return upload;
    }

    private Reply post(HttpExchange exchange, String key, Map<String, String> query, byte[] body) {
        synchronized (uploads) {
            if (query.containsKey("uploads")) {
                String id = UUID.randomUUID().toString();
                uploads.put(id, new Upload(key, kept(exchange), new TreeMap<>()));
                return Reply.xml(
                        "<?xml version=\"1.0\"?><InitiateMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>"
                                .formatted(BUCKET, key, id));
            }
            return complete(key, query, new String(body, StandardCharsets.UTF_8));
        }
    }

    private Reply complete(String key, Map<String, String> query, String said) {
        Upload upload = upload(key, query);
        Matcher numbers = PART.matcher(said);
        Matcher tags = TAG.matcher(said);
        List<Stored> parts = new ArrayList<>();
        while (numbers.find() && tags.find()) {
            Stored part = upload.parts().get(Integer.parseInt(numbers.group(1)));
            if (part == null || !part.tag().equals(tags.group(1).replace("&quot;", "\""))) {
                throw new Refused(400, "InvalidPart");
            }
            if (parts.size() > 0 && parts.get(parts.size() - 1).bytes().length < SMALLEST_PART) {
                throw new Refused(400, "EntityTooSmall");
            }
            parts.add(part);
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        parts.forEach(part -> whole.writeBytes(part.bytes()));
        objects.put(key, stored(whole.toByteArray(), upload.headers()));
        uploads.remove(query.get("uploadId"));
        return Reply.xml(
                "<?xml version=\"1.0\"?><CompleteMultipartUploadResult><Key>%s</Key><ETag>\"x-1\"</ETag></CompleteMultipartUploadResult>"
                        .formatted(key));
    }

    private Reply delete(String key, Map<String, String> query) {
        if (query.containsKey("uploadId")) {
            synchronized (uploads) {
                upload(key, query);
                uploads.remove(query.get("uploadId"));
            }
        } else {
            objects.remove(key);
        }
        return new Reply(204, Map.of(), new byte[0]);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
