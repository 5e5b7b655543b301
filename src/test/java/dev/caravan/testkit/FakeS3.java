package dev.caravan.testkit;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A store that speaks the part of S3's language that a lake needs, strictly: sums are compared, conditions kept, what it does not
 * know refused. Keeps objects in memory, lists few at a time so that lists have pages, and can be told to fail.
 */
public final class FakeS3 extends FakeStore<FakeS3.Stored> {
    public static final String BUCKET = "lake";
    private static final int PAGE = 7;
    private static final int SMALLEST_PART = 5 << 20;
    private static final Pattern PART = Pattern.compile("<PartNumber>(\\d+)</PartNumber>");
    private static final Pattern TAG = Pattern.compile("<ETag>([^<]*)</ETag>");
    private static final Pattern SIGNED = Pattern.compile(
            "AWS4-HMAC-SHA256 Credential=test-id/\\d{8}/us-east-1/s3/aws4_request, SignedHeaders=[a-z0-9;-]+, Signature=[0-9a-f]{64}");

    private final Map<String, Upload> uploads = new HashMap<>();
    private volatile int copiedAtMost = Integer.MAX_VALUE;

    public FakeS3() {
        super(null);
    }

    /** @param tls the server's side of TLS */
    public FakeS3(SSLContext tls) {
        super(tls);
    }

    record Stored(byte[] bytes, Map<String, String> headers, Instant at, String tag) {}

    private record Upload(String key, Map<String, String> headers, TreeMap<Integer, Stored> parts) {}

    @Override
    byte[] bytes(Stored stored) {
        return stored.bytes();
    }

    /** Returns a header that an object was put with, null without it. */
    public @Nullable String header(String key, String name) {
        Stored stored = objects.get(key);
        return stored == null ? null : stored.headers().get(name);
    }

    /** Objects of more bytes are copied in parts only. */
    public void copyAtMost(int bytes) {
        copiedAtMost = bytes;
    }

    /** Returns how many uploads were begun and neither completed nor aborted. */
    public int openUploads() {
        synchronized (uploads) {
            return uploads.size();
        }
    }

    private static Reply xml(String text) {
        return Reply.of(200, "application/xml", text);
    }

    @Override
    Reply refusal(int status, String code) {
        String error =
                "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>Said by the store</Message><RequestId>4711</RequestId></Error>"
                        .formatted(code);
        return new Reply(
                status,
                Map.of("Content-Type", "application/xml", "x-amz-request-id", "4711"),
                error.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    Reply serve(HttpExchange exchange, byte[] body) {
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
        return xml(
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
            return source == null ? putPart(key, query, body) : copyPart(exchange, key, query, source(source));
        }
        if (source != null) {
            Stored from = source(source);
            if (from.bytes().length > copiedAtMost) {
                throw new Refused(400, "InvalidRequest");
            }
            Map<String, String> headers = new HashMap<>(from.headers());
            headers.putAll(kept(exchange));
            objects.put(key, stored(from.bytes(), headers));
            return xml("<?xml version=\"1.0\"?><CopyObjectResult><ETag>%s</ETag></CopyObjectResult>"
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

    private Stored source(String source) {
        Stored from =
                objects.get(URLDecoder.decode(source, StandardCharsets.UTF_8).replaceFirst("^/?" + BUCKET + "/", ""));
        if (from == null) {
            throw new Refused(404, "NoSuchKey");
        }
        return from;
    }

    private Reply copyPart(HttpExchange exchange, String key, Map<String, String> query, Stored from) {
        Matcher range = Pattern.compile("bytes=(\\d+)-(\\d+)")
                .matcher(String.valueOf(header(exchange, "x-amz-copy-source-range")));
        if (!range.matches() || Integer.parseInt(range.group(2)) >= from.bytes().length) {
            throw new Refused(400, "InvalidArgument");
        }
        byte[] part = Arrays.copyOfRange(
                from.bytes(), Integer.parseInt(range.group(1)), Integer.parseInt(range.group(2)) + 1);
        Reply put = putPart(key, query, part);
        return xml("<?xml version=\"1.0\"?><CopyPartResult><ETag>%s</ETag></CopyPartResult>"
                .formatted(put.headers().get("ETag")));
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
                return xml(
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
        return xml(
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
}
