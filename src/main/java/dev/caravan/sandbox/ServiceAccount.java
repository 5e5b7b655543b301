package dev.caravan.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A service account of Google's: whoever signs with its key gets tokens. Assertions are looked at as Google does: signature,
 * issuer, audience, scope and times, and refused with the errors {@code token_assertion} and {@code token_scope}. Its key is made when
 * it is first asked for. Safe for any number of threads.
 */
final class ServiceAccount {
    private static final String EMAIL = "caravan@sandbox.iam.gserviceaccount.com";
    private static final String KEY_ID = "sandbox";
    private static final long LONGEST = 3600;
    private static final ObjectMapper JSON = new ObjectMapper();

    private @Nullable KeyPair keys;

    /**
     * The account's key file, in JSON.
     *
     * @param tokens address that gives tokens for it
     */
    String keyFile(String tokens) {
        String key = Base64.getMimeEncoder().encodeToString(keys().getPrivate().getEncoded());
        return JSON.createObjectNode()
                .put("type", "service_account")
                .put("project_id", "sandbox")
                .put("private_key_id", KEY_ID)
                .put("private_key", "-----BEGIN PRIVATE KEY-----\n" + key + "\n-----END PRIVATE KEY-----\n")
                .put("client_email", EMAIL)
                .put("token_uri", tokens)
                .toString();
    }

    /**
     * Looks at an assertion.
     *
     * @param scope that it must ask for; empty if any will do
     * @throws Refusal if it is not one of this account, for this endpoint, of now
     */
    void check(String assertion, Ask ask, String scope, Instant now) {
        List<String> parts = List.of(assertion.split("\\.", -1));
        if (parts.size() != 3) {
            throw refused("Invalid JWT: a JWT has three parts.");
        }
        JsonNode header = json(parts.get(0));
        JsonNode claims = json(parts.get(1));
        if (!claims.path("iss").asText().equals(EMAIL)) {
            throw refused("Invalid grant: account not found");
        }
        if (!header.path("alg").asText().equals("RS256")
                || !header.path("kid").asText(KEY_ID).equals(KEY_ID)
                || !isSigned(parts)) {
            throw refused("Invalid JWT Signature.");
        }
        String audience = claims.path("aud").asText();
        String here = "https://" + ask.host() + ask.path();
        if (!audience.equals(here) && !audience.equals(ask.origin() + ask.path())) {
            throw refused("Invalid JWT: Failed audience check. The right audience is " + here);
        }
        long issued = claims.path("iat").asLong();
        long ends = claims.path("exp").asLong();
        if (issued > now.getEpochSecond() || ends <= now.getEpochSecond() || ends - issued > LONGEST) {
            throw refused("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
                    + " Check your iat and exp values in the JWT claim.");
        }
        if (!List.of(claims.path("scope").asText().split(" ")).contains(scope) && !scope.isEmpty()) {
            throw new Refusal("token_scope");
        }
    }

    private boolean isSigned(List<String> parts) {
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initVerify(keys().getPublic());
            signature.update((parts.get(0) + "." + parts.get(1)).getBytes(StandardCharsets.US_ASCII));
            return signature.verify(bytes(parts.get(2)));
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static JsonNode json(String part) {
        try {
            return JSON.readTree(bytes(part));
        } catch (IOException e) {
            throw refused("Invalid JWT: it is not JSON.");
        }
    }

    private static byte[] bytes(String part) {
        try {
            return Base64.getUrlDecoder().decode(part);
        } catch (IllegalArgumentException e) {
            throw refused("Invalid JWT: it is not base64url.");
        }
    }

    private static Refusal refused(String reason) {
        return new Refusal("token_assertion", Map.of("reason", reason));
    }

    private synchronized KeyPair keys() {
        KeyPair known = keys;
        if (known == null) {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
                generator.initialize(2048);
                known = generator.generateKeyPair();
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("Every Java platform has RSA", e);
            }
            keys = known;
        }
        return known;
    }
}
