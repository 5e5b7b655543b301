package dev.caravan.connection.auth;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.json.StrictJson;
import dev.caravan.slice.Span;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON Web Token that is signed for each use: RS256 with an RSA key, ES256 with one of the curve P-256.
 *
 * @param claims of every token, without the times
 * @param validFor how long each is valid
 */
record Assertion(SigningKey key, @Nullable String keyId, ObjectNode claims, Duration validFor) {
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int MOST_BYTES = 1 << 20;
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    /** What clocks of vendors may differ by: a token from the future is refused. */
    private static final Duration SLACK = Duration.ofSeconds(5);

    String signed(Instant now) {
        ObjectNode header = JsonNodeFactory.instance.objectNode();
        header.put("alg", key.algorithm()).put("typ", "JWT");
        if (keyId != null) {
            header.put("kid", keyId);
        }
        ObjectNode all = claims.deepCopy();
        long issued = now.minus(SLACK).getEpochSecond();
        all.put("iat", issued).put("exp", issued + validFor.toSeconds());
        try {
            String text = encoded(header) + "." + encoded(all);
            Signature signature = Signature.getInstance(key.javaName());
            signature.initSign(key.key());
            signature.update(text.getBytes(StandardCharsets.US_ASCII));
            return text + "." + BASE64.encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The key was read, so it signs", e);
        }
    }

    Instant ends(Instant signed) {
        return signed.minus(SLACK).plus(validFor);
    }

    private static String encoded(JsonNode node) {
        try {
            return BASE64.encodeToString(StrictJson.mapper().writeValueAsBytes(node));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree can be written", e);
        }
    }

    @Override
    public String toString() {
        return "Assertion[" + key.algorithm() + "]";
    }

    /**
     * Where the key comes from: PEM, or the JSON file of a Google service account.
     *
     * @param text as it was given; secret
     * @param account what else the JSON says, empty for PEM
     */
    record Source(SigningKey key, String text, Map<String, String> account) {
        /** Returns null if no key is set. */
        static @Nullable Source read(AuthFields fields) {
            String file = fields.text("key-file", "");
            String inline = Optional.ofNullable(fields.lines("key")).orElse("");
            if (!file.isEmpty() && !inline.isEmpty()) {
                throw new IllegalArgumentException("auth: 'key' and 'key-file' are the same twice, write one of them");
            }
            String text = file.isEmpty() ? inline : content(file);
            if (text.isEmpty()) {
                return null;
            }
            String where = file.isEmpty() ? "'key'" : "'key-file: " + file + "'";
            if (!text.startsWith("{")) {
                return new Source(SigningKey.parse(text, where), text, Map.of());
            }
            try {
                JsonNode account = StrictJson.mapper().readTree(text.getBytes(StandardCharsets.UTF_8));
                return new Source(
                        SigningKey.parse(account.path("private_key").asText(), where),
                        account.path("private_key").asText(),
                        Map.of(
                                "key-id", account.path("private_key_id").asText(),
                                "issuer", account.path("client_email").asText(),
                                "url", account.path("token_uri").asText()));
            } catch (IOException e) {
                throw new IllegalArgumentException("auth: %s is neither a key in PEM nor JSON".formatted(where));
            }
        }

        private static String content(String file) {
            try {
                Path path = Path.of(file);
                if (Files.size(path) > MOST_BYTES) {
                    throw new IllegalArgumentException("auth: 'key-file: %s' is too large for a key".formatted(file));
                }
                return Files.readString(path, StandardCharsets.UTF_8).strip();
            } catch (IOException | InvalidPathException e) {
                throw new IllegalArgumentException("auth: 'key-file: %s' cannot be read: %s".formatted(file, e), e);
            }
        }

        @Nullable
        URI tokenUrl() {
            String url = account.getOrDefault("url", "");
            return url.isEmpty() ? null : URI.create(url);
        }

        Assertion assertion(AuthFields fields, @Nullable URI url) {
            ObjectNode claims = JsonNodeFactory.instance.objectNode();
            claim(claims, "iss", fields.text("issuer", account.getOrDefault("issuer", "")));
            claim(claims, "sub", fields.text("subject", ""));
            claim(claims, "aud", fields.text("audience", url == null ? "" : url.toString()));
            claim(claims, "scope", fields.text("scope", ""));
            claims.setAll(fields.object("claims"));
            Span given = fields.span("valid-for");
            Duration validFor = given == null ? LONGEST : given.toDuration();
            if (validFor.isZero() || validFor.compareTo(Duration.ofDays(1)) > 0) {
                throw new IllegalArgumentException("auth: 'valid-for: %s' is not between 1s and 24h".formatted(given));
            }
            String keyId = fields.text("key-id", account.getOrDefault("key-id", ""));
            return new Assertion(key, keyId.isEmpty() ? null : keyId, claims, validFor);
        }

        private static void claim(ObjectNode claims, String name, String value) {
            if (!value.isEmpty()) {
                claims.put(name, value);
            }
        }

        @Override
        public String toString() {
            return "Source";
        }
    }

    /** Returns what must not be shown of the key. */
    Set<String> secrets() {
        return new LinkedHashSet<>(key.secrets());
    }
}
