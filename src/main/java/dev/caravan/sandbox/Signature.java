package dev.caravan.sandbox;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Version 4 of Amazon's signatures, as S3 checks it. */
final class Signature {
    private static final Pattern FORM = Pattern.compile(
            "AWS4-HMAC-SHA256 Credential=([^/]+)/(\\d{8})/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})");

    private Signature() {}

    /**
     * Checks how a request is signed.
     *
     * @throws Refusal if it is not, or by another key, or otherwise than with {@code secret}
     */
    static void check(Ask ask, String key, String secret) {
        Matcher said = FORM.matcher(ask.header("Authorization").orElse(""));
        if (!said.matches()) {
            throw new Refusal("denied");
        }
        if (!said.group(1).equals(key)) {
            throw new Refusal("unknown_key", Map.of("key", said.group(1)));
        }
        String scope = "%s/%s/%s/aws4_request".formatted(said.group(2), said.group(3), said.group(4));
        String text = String.join(
                "\n",
                "AWS4-HMAC-SHA256",
                ask.header("X-Amz-Date").orElse(""),
                scope,
                hash(canonical(ask, said.group(5))));
        byte[] by = hmac(bytes("AWS4" + secret), said.group(2));
        by = hmac(hmac(hmac(by, said.group(3)), said.group(4)), "aws4_request");
        if (!HexFormat.of().formatHex(hmac(by, text)).equals(said.group(6))) {
            throw new Refusal("signature");
        }
    }

    private static String canonical(Ask ask, String names) {
        String path = Arrays.stream(("/" + ask.host() + ask.path()).split("/", -1))
                .map(Signature::encoded)
                .collect(Collectors.joining("/"));
        String query = ask.query().parameters().stream()
                .map(each -> new Query.Parameter(encoded(each.name()), encoded(each.value())))
                .sorted(Comparator.comparing(Query.Parameter::name).thenComparing(Query.Parameter::value))
                .map(each -> each.name() + "=" + each.value())
                .collect(Collectors.joining("&"));
        String headers = Arrays.stream(names.split(";"))
                .map(name -> name + ":" + ask.header(name).orElse("") + "\n")
                .collect(Collectors.joining());
        return String.join("\n", ask.method(), path, query, headers, names, hash(ask.body()));
    }

    /** Encodes everything but what RFC 3986 calls unreserved. */
    private static String encoded(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte each : bytes(text)) {
            boolean plain = (each > 0 && Character.isLetterOrDigit(each)) || "-._~".indexOf(each) >= 0;
            encoded.append(plain ? String.valueOf((char) each) : "%%%02X".formatted(each & 0xff));
        }
        return encoded.toString();
    }

    private static String hash(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes(text)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
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

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
