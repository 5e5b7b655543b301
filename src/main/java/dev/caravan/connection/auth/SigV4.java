package dev.caravan.connection.auth;

import dev.caravan.connection.Request;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs requests with AWS Signature Version 4, in the Authorization header.
 * See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
 */
final class SigV4 implements Auth {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final SigV4Settings settings;
    private final String missing;
    private final Clock clock;
    private final Set<String> secrets;

    SigV4(SigV4Settings settings, String missing, Clock clock) {
        this.settings = settings;
        this.missing = missing;
        this.clock = clock;
        Set<String> all = new LinkedHashSet<>();
        all.add(settings.accessKey());
        all.add(settings.secretKey());
        if (settings.sessionToken() != null) {
            all.add(settings.sessionToken());
        }
        all.removeIf(String::isEmpty);
        this.secrets = Set.copyOf(all);
    }

    @Override
    public Request authorize(Request request) {
        if (!missing.isEmpty()) {
            throw new CredentialMissingException(missing);
        }
        String time = TIME.format(clock.instant());
        byte[] body = request.body() == null ? new byte[0] : request.body();
        Request signed = request.withHeader("X-Amz-Date", time);
        if (settings.sessionToken() != null) {
            signed = signed.withHeader("X-Amz-Security-Token", settings.sessionToken());
        }
        if (isS3()) {
            signed = signed.withHeader("X-Amz-Content-Sha256", hex(sha256(body)));
        }
        Map<String, String> headers = signedHeaders(signed);
        String names = String.join(";", headers.keySet());
        String scope = "%s/%s/%s/aws4_request".formatted(time.substring(0, 8), settings.region(), settings.service());
        String text = String.join(
                "\n", ALGORITHM, time, scope, hex(sha256(bytes(canonical(signed, headers, names, hex(sha256(body)))))));
        return signed.withHeader(
                "Authorization",
                "%s Credential=%s/%s, SignedHeaders=%s, Signature=%s"
                        .formatted(ALGORITHM, settings.accessKey(), scope, names, hex(hmac(key(time), text))));
    }

    private String canonical(Request request, Map<String, String> headers, String names, String body) {
        return String.join(
                "\n",
                request.method(),
                path(request.uri()),
                query(request.uri()),
                headers.entrySet().stream()
                        .map(each -> each.getKey() + ":" + each.getValue() + "\n")
                        .collect(Collectors.joining()),
                names,
                body);
    }

    private boolean isS3() {
        return settings.service().equals("s3");
    }

    private static Map<String, String> signedHeaders(Request request) {
        Map<String, String> headers = new TreeMap<>();
        headers.put("host", host(request.uri()));
        request.headers().forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith("x-amz-") || lower.equals("content-type")) {
                headers.put(lower, value.strip().replaceAll(" +", " "));
            }
        });
        return headers;
    }

    private static String host(URI uri) {
        boolean usual = uri.getPort() < 0 || uri.getPort() == (uri.getScheme().equalsIgnoreCase("https") ? 443 : 80);
        return uri.getHost() + (usual ? "" : ":" + uri.getPort());
    }

    /** S3 takes the path as it is meant; every other service encodes again what was sent. */
    private String path(URI uri) {
        String raw = uri.getRawPath();
        if (raw == null || raw.isEmpty()) {
            return "/";
        }
        return Arrays.stream(raw.split("/", -1))
                .map(each -> isS3() ? URLDecoder.decode(each.replace("+", "%2B"), StandardCharsets.UTF_8) : each)
                .map(SigV4::encoded)
                .collect(Collectors.joining("/"));
    }

    private static String query(URI uri) {
        String raw = uri.getRawQuery();
        if (raw == null || raw.isEmpty()) {
            return "";
        }
        return Arrays.stream(raw.split("&"))
                .filter(each -> !each.isEmpty())
                .map(each -> each.split("=", 2))
                .map(each -> new String[] {recoded(each[0]), each.length == 1 ? "" : recoded(each[1])})
                .sorted((one, other) ->
                        one[0].equals(other[0]) ? one[1].compareTo(other[1]) : one[0].compareTo(other[0]))
                .map(each -> each[0] + "=" + each[1])
                .collect(Collectors.joining("&"));
    }

    private static String recoded(String text) {
        return encoded(URLDecoder.decode(text, StandardCharsets.UTF_8));
    }

    /** Encodes everything but what RFC 3986 calls unreserved. */
    private static String encoded(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte each : bytes(text)) {
            char sign = (char) (each & 0xff);
            boolean plain = (sign >= 'a' && sign <= 'z')
                    || (sign >= 'A' && sign <= 'Z')
                    || (sign >= '0' && sign <= '9')
                    || "-._~".indexOf(sign) >= 0;
            encoded.append(plain ? String.valueOf(sign) : "%%%02X".formatted((int) sign));
        }
        return encoded.toString();
    }

    private byte[] key(String time) {
        byte[] day = hmac(bytes("AWS4" + settings.secretKey()), time.substring(0, 8));
        return hmac(hmac(hmac(day, settings.region()), settings.service()), "aws4_request");
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(bytes(text));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has HmacSHA256", e);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public boolean configured() {
        return missing.isEmpty();
    }

    @Override
    public Set<String> secrets() {
        return secrets;
    }

    @Override
    public String toString() {
        return "SigV4[%s, %s]".formatted(settings.region(), settings.service());
    }
}
