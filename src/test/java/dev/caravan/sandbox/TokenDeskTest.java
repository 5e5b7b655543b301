package dev.caravan.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.sun.net.httpserver.Headers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenDeskTest {
    private static final Instant NOW = Instant.parse("2026-04-01T00:00:00Z");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private final TokenDesk desk = new TokenDesk(yaml("""
                    path: /token
                    client: {client_id: app, client_secret: s3cret}
                    rotates: true
                    scope: https://example.com/auth/read
                    grants: {refresh_token: {refresh_token: first}, "urn:ietf:params:oauth:grant-type:jwt-bearer": {}}
                    answer: {access_token: good}
                    """), "narrow", Clock.fixed(NOW, ZoneOffset.UTC));

    @Test
    void givesEachRefreshTokenOnceMoreUntilTheNextIsUsed() {
        desk.reset();
        assertThat(refreshed("first")).isEqualTo("first-1");
        assertThat(refreshed("first")).as("the answer was lost").isEqualTo("first-1");
        assertThat(refreshed("first-1")).isEqualTo("first-2");
        assertThatThrownBy(() -> refreshed("first")).isInstanceOf(Refusal.class).hasMessage("token_grant");
        assertThatThrownBy(() -> refreshed("first-3")).hasMessage("token_grant");
    }

    @Test
    void knowsALoginForOtherScopes() {
        assertThat(token("grant_type=refresh_token&refresh_token=first-lacking&client_id=app&client_secret=s3cret")
                        .path("access_token")
                        .asText())
                .isEqualTo("narrow");
    }

    @ParameterizedTest
    @CsvSource({
        "grant_type=password, token_type",
        "grant_type=refresh_token&refresh_token=first&client_id=app, token_client",
        "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=x.y, token_assertion"
    })
    void refusesWhatItDoesNotKnow(String form, String error) {
        assertThatThrownBy(() -> token(form)).isInstanceOf(Refusal.class).hasMessage(error);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            iss   | someone@example.com                        | token_assertion | account not found
            aud   | https://accounts.example.com/token         | token_assertion | audience
            scope | https://example.com/auth/other             | token_scope     | null
            exp   | 1                                          | token_assertion | short-lived
            iat   | 1                                          | token_assertion | short-lived
            sub   | somebody, and nobody signed that           | token_assertion | Signature
            """)
    void looksAtAssertionsAsGoogleDoes(String claim, String value, String error, String reason) throws Exception {
        assertThat(token("grant_type=" + JWT + "&assertion=" + signed(claims()))
                        .path("access_token")
                        .asText())
                .isEqualTo("good");

        ObjectNode wrong = claims();
        if (value.equals("1")) {
            wrong.put(claim, 1);
        } else {
            wrong.put(claim, value);
        }
        String assertion = signed(wrong);
        if (claim.equals("sub")) {
            List<String> parts = List.of(signed(claims()).split("\\.", -1));
            assertion = parts.get(0) + "." + encoded(wrong.toString()) + "." + parts.get(2);
        }
        String form = "grant_type=" + JWT + "&assertion=" + assertion;
        assertThatThrownBy(() -> token(form)).hasMessage(error).satisfies(refusal -> assertThat(
                        String.valueOf(((Refusal) refusal).values().get("reason")))
                .contains(reason));
    }

    private static ObjectNode claims() {
        return JSON.createObjectNode()
                .put("iss", "caravan@sandbox.iam.gserviceaccount.com")
                .put("aud", "https://example.com/token")
                .put("scope", "https://example.com/auth/read")
                .put("iat", NOW.getEpochSecond() - 5)
                .put("exp", NOW.getEpochSecond() + 3000);
    }

    private String signed(ObjectNode claims) throws Exception {
        JsonNode file = JSON.readTree(desk.account().keyFile("https://example.com/token"));
        String pem = file.path("private_key").asText().replaceAll("-----[^-]+-----", "");
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(KeyFactory.getInstance("RSA")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem))));
        String text = encoded("{\"alg\":\"RS256\",\"typ\":\"JWT\"}") + "." + encoded(claims.toString());
        signature.update(text.getBytes(StandardCharsets.US_ASCII));
        return text + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private String refreshed(String token) {
        return token("grant_type=refresh_token&client_id=app&client_secret=s3cret&refresh_token=" + token)
                .path("refresh_token")
                .asText();
    }

    private JsonNode token(String form) {
        Ask ask = new Ask(
                "POST", "example.com", "/token", Query.parse(""), new Headers(), form, "http://127.0.0.1/example.com");
        return desk.answer(ask).orElseThrow().body().tree();
    }

    private static JsonNode yaml(String text) {
        try {
            return new YAMLMapper().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
