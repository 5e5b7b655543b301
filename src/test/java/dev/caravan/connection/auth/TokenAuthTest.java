package dev.caravan.connection.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.camel.HttpTransport;
import dev.caravan.connection.Request;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.json.StrictJson;
import dev.caravan.secret.SecretStore;
import dev.caravan.testkit.AuthContexts;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.YamlSettings;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class TokenAuthTest {
    private static final Request GET = new Request("GET", URI.create("https://api.example.com/x"), Map.of(), null);

    private final MutableClock clock = new MutableClock("2026-03-01T00:00:00Z");
    private final FakeApi api = FakeApi.start();
    private final HttpTransport transport = new HttpTransport(20);
    private final Path folder;

    TokenAuthTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @AfterEach
    void close() {
        api.close();
        transport.close();
    }

    @Test
    void clientCredentialsGiveATokenUntilItEnds() {
        api.on("/token", asked -> token("access-" + asked.before(), 3600));
        Auth auth = auth("{type: client-credentials, url: %s, client-id: me, client-secret: 's3 cret', scope: read,"
                + " query: {v: 2}, body: {audience: https://x}, token-headers: {X-Tenant: t1}}");

        assertThat(sent(auth)).isEqualTo("Bearer access-0");
        clock.move(Duration.ofMinutes(58));
        assertThat(sent(auth)).isEqualTo("Bearer access-0");
        clock.move(Duration.ofMinutes(1));
        assertThat(sent(auth)).isEqualTo("Bearer access-1");

        Asked first = api.asked("/token").get(0);
        assertThat(first.method()).isEqualTo("POST");
        assertThat(first.query()).containsOnly(Map.entry("v", "2"));
        assertThat(first.headers().getFirst("X-Tenant")).isEqualTo("t1");
        assertThat(first.headers().getFirst("Content-Type")).isEqualTo("application/x-www-form-urlencoded");
        assertThat(form(first))
                .containsOnly(
                        Map.entry("grant_type", "client_credentials"),
                        Map.entry("client_id", "me"),
                        Map.entry("client_secret", "s3 cret"),
                        Map.entry("scope", "read"),
                        Map.entry("audience", "https://x"));
    }

    @Test
    void theClientMayShowItselfInAHeaderAndTheRequestBeJson() throws Exception {
        api.on("/token", asked -> token("access", 3600));
        sent(auth("{type: client-credentials, url: %s, client-id: 'm:e', client-secret: s3cret, client-auth: basic,"
                + " format: json, body: {nested: {a: [1, two]}}}"));
        Asked asked = api.asked("/token").get(0);
        assertThat(asked.headers().getFirst("Authorization"))
                .isEqualTo(
                        "Basic " + Base64.getEncoder().encodeToString("m%3Ae:s3cret".getBytes(StandardCharsets.UTF_8)));
        assertThat(StrictJson.mapper().readTree(asked.body()))
                .isEqualTo(StrictJson.mapper()
                        .readTree("{\"grant_type\":\"client_credentials\",\"nested\":{\"a\":[1,\"two\"]}}"));
    }

    @Test
    void theTokenGoesWhereTheFileSays() {
        api.on("/token", asked -> token("access", 3600));
        String base = "{type: client-credentials, url: %s, client-id: me, client-secret: s3cret, ";
        assertThat(auth(base + "to: header.X-Shopify-Access-Token, headers: {X-Dev: devtoken}}")
                        .authorize(GET)
                        .headers())
                .containsOnly(Map.entry("X-Shopify-Access-Token", "access"), Map.entry("X-Dev", "devtoken"));
        assertThat(auth(base + "to: query.access_token}").authorize(GET).uri())
                .hasToString("https://api.example.com/x?access_token=access");
        assertThat(auth(base + "to: cookie.sid}").authorize(GET).headers()).containsEntry("Cookie", "sid=access");
        Request post = new Request(
                "POST",
                GET.uri(),
                Map.of("Content-Type", "application/json"),
                "{\"q\":1.10}".getBytes(StandardCharsets.UTF_8));
        assertThat(auth(base + "to: body.auth.token}").authorize(post).body())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("{\"q\":1.10,\"auth\":{\"token\":\"access\"}}");
        assertThatThrownBy(() -> auth(base + "to: body.token}").authorize(GET))
                .hasMessage("The credential goes to body.token, but the request has no body");
    }

    @Test
    void sixteenRequestsAtOnceAskOnce() throws Exception {
        CountDownLatch all = new CountDownLatch(16);
        api.on("/token", asked -> {
            await(all);
            return token("access-" + asked.before(), 3600);
        });
        Auth auth = auth("{type: client-credentials, url: %s, client-id: me, client-secret: s3cret}");
        assertThat(atOnce(16, () -> {
                    all.countDown();
                    return sent(auth);
                }))
                .containsOnly("Bearer access-0");
        assertThat(api.asked("/token")).hasSize(1);
    }

    @Test
    void sixteenRefusalsAtOnceRenewOnce() throws Exception {
        api.on("/token", asked -> token("access-" + asked.before(), 3600));
        Auth auth = auth("{type: client-credentials, url: %s, client-id: me, client-secret: s3cret}");
        Request refused = auth.authorize(GET);
        assertThat(atOnce(16, () -> auth.renew(refused))).containsOnly(true);
        assertThat(sent(auth)).isEqualTo("Bearer access-1");
        assertThat(api.asked("/token")).hasSize(2);
    }

    @Test
    void othersGoOnWithATokenThatLivesWhileItIsRenewed() throws Exception {
        CountDownLatch others = new CountDownLatch(1);
        api.on("/token", asked -> {
            if (asked.before() > 0) {
                await(others);
            }
            return token("access-" + asked.before(), 3600);
        });
        Auth auth =
                auth("{type: client-credentials, url: %s, client-id: me, client-secret: s3cret, renew-before: 10m}");
        sent(auth);
        clock.move(Duration.ofMinutes(55));
        ExecutorService one = Executors.newSingleThreadExecutor();
        Future<String> renewing = one.submit(() -> sent(auth));
        while (api.asked("/token").size() < 2) {
            Thread.onSpinWait();
        }
        assertThat(sent(auth)).isEqualTo("Bearer access-0");
        others.countDown();
        assertThat(renewing.get(30, TimeUnit.SECONDS)).isEqualTo("Bearer access-1");
        one.shutdown();
    }

    @Test
    void aRotatedRefreshTokenIsKeptAndTheNextProcessGoesOnWithIt() throws Exception {
        Rotating vendor = new Rotating("refresh-0");
        api.on("/token", vendor::answer);
        String yaml = "{type: refresh-token, url: %s, client-id: me, client-secret: s3cret, refresh-token: refresh-0}";
        assertThat(sent(auth(yaml))).isEqualTo("Bearer access-1");
        // Another process adopts what lives, and asks with what was rotated once it does not.
        assertThat(sent(auth(yaml))).isEqualTo("Bearer access-1");
        assertThat(api.asked("/token")).hasSize(1);
        clock.move(Duration.ofHours(2));
        assertThat(sent(auth(yaml))).isEqualTo("Bearer access-2");
        assertThat(form(api.asked("/token").get(1))).containsEntry("refresh_token", "refresh-1");
        try (var files = Files.walk(folder)) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(each, StandardCharsets.ISO_8859_1))
                        .doesNotContain("access-", "refresh-1", "refresh-2");
            }
        }
    }

    @Test
    void twoProcessesThatAreRefusedRenewOnce() {
        api.on("/token", new Rotating("refresh-0")::answer);
        String yaml = "{type: refresh-token, url: %s, client-id: me, refresh-token: refresh-0}";
        Auth one = auth(yaml);
        Auth other = auth(yaml);
        Request byOne = one.authorize(GET);
        Request byOther = other.authorize(GET);
        assertThat(byOther.headers()).isEqualTo(byOne.headers());
        one.renew(byOne);
        other.renew(byOther);
        assertThat(sent(other)).isEqualTo(sent(one)).isEqualTo("Bearer access-2");
        assertThat(api.asked("/token")).hasSize(2);
    }

    @Test
    void aRefreshTokenThatWasSetAnewGoesBeforeWhatIsKept() {
        Rotating vendor = new Rotating("refresh-0");
        api.on("/token", vendor::answer);
        String yaml = "{type: refresh-token, url: %s, client-id: me, refresh-token: ";
        sent(auth(yaml + "refresh-0}"));
        vendor.accept("anew");
        sent(auth(yaml + "anew}"));
        assertThat(form(api.asked("/token").get(1))).containsEntry("refresh_token", "anew");
    }

    @Test
    void settingsThatChangedOtherwiseKeepTheRotatedRefreshToken() {
        api.on("/token", new Rotating("refresh-0")::answer);
        String yaml = "{type: refresh-token, url: %s, client-id: me, refresh-token: refresh-0";
        sent(auth(yaml + "}"));
        // The configured one is used up; only what is kept lives.
        assertThat(sent(auth(yaml + ", body: {tenant: t1}}"))).isEqualTo("Bearer access-2");
    }

    @Test
    void aDeadRefreshTokenSaysWhatToDoAndIsNotTriedAgain() {
        api.on("/token", asked -> Reply.status(400)
                .json("{\"error\":\"invalid_grant\",\"error_description\":\"Token refresh-0 has been revoked.\"}"));
        Auth auth =
                auth("{type: refresh-token, url: %s, client-id: me, client-secret: s3cret, refresh-token: refresh-0}");
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> auth.authorize(GET))
                    .isInstanceOf(CredentialException.class)
                    .hasMessage(
                            "token endpoint POST %s/token answered HTTP 400: invalid_grant (Token *** has been revoked.);"
                                            .formatted(api.url())
                                    + " the refresh token is no longer accepted: run 'caravan login acme'")
                    .satisfies(e -> assertThat(((PullException) e).remedy()).isEqualTo(Remedy.STOP));
        }
        assertThat(api.asked("/token")).hasSize(1);
    }

    @Test
    void aDeadRefreshTokenIsReplacedByALoginWithoutARestart() {
        Rotating vendor = new Rotating("by-login");
        api.on("/token", vendor::answer);
        AuthSettings settings =
                settings("{type: refresh-token, url: %s, client-id: me, refresh-token: dead, login: {}}");
        AuthContext context = context();
        Auth auth = settings.auth(context);
        assertThatThrownBy(() -> auth.authorize(GET)).hasMessageContaining("caravan login acme");
        new Login((TokenSettings) settings, context).accept("by-login");
        assertThat(sent(auth)).isEqualTo("Bearer access-2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "503 | `` | RETRY",
                "429 | `{\"error\":\"too many\"}` | RETRY",
                "500 | `{\"error\":\"internal_failure\"}` | RETRY",
                "400 | `{\"error\":\"temporarily_unavailable\"}` | RETRY",
                "200 | `{\"ok\":false,\"error\":\"ratelimited\"}` | RETRY",
                "200 | `{\"ok\":false,\"error\":\"bad_client_secret\"}` | STOP",
                "400 | `{\"error\":\"invalid_client\"}` | STOP",
                "401 | `{\"error\":\"invalid_client\"}` | STOP",
                "200 | `{\"id\":1}` | STOP",
                "302 | `` | STOP",
            })
    void refusalsOfTheEndpointHealOrDoNot(int status, String body, Remedy remedy) {
        api.on("/token", asked -> Reply.status(status).json(body).header("Location", "http://127.0.0.2/"));
        Auth auth = auth("{type: client-credentials, url: %s, client-id: me, client-secret: s3cret}");
        assertThatThrownBy(() -> auth.authorize(GET))
                .isInstanceOf(CredentialException.class)
                .hasMessageContaining("HTTP " + status)
                .satisfies(e -> assertThat(((PullException) e).remedy()).isEqualTo(remedy));
    }

    @Test
    void aRenewalAheadOfTimeThatFailsDoesNoHarmWhileTheTokenLives() {
        api.on("/token", asked -> asked.before() == 1 ? Reply.status(503) : token("access-" + asked.before(), 3600));
        Auth auth =
                auth("{type: client-credentials, url: %s, client-id: me, client-secret: s3cret, renew-before: 10m}");
        sent(auth);
        clock.move(Duration.ofMinutes(51));
        assertThat(sent(auth)).isEqualTo("Bearer access-0");
        assertThat(sent(auth)).isEqualTo("Bearer access-0");
        assertThat(api.asked("/token")).hasSize(2);
        clock.move(Duration.ofMinutes(1));
        assertThat(sent(auth)).isEqualTo("Bearer access-2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{token: $.data.token} | {\"data\":{\"token\":\"t-1\"}} |  | t-1",
                "{token: header.X-Auth} | {} | X-Auth: t-2 | t-2",
                "{token: cookie.sid} | {} | Set-Cookie: sid=t-3; Path=/; HttpOnly | t-3",
                "{token: cookie.*} | {} | Set-Cookie: sid=t-4; Path=/ | sid=t-4"
            })
    void aSessionsTokenIsWhereTheVendorPutsIt(String answer, String body, String header, String token)
            throws Exception {
        api.on("/token", asked -> {
            Reply reply = Reply.ok(body);
            return header == null ? reply : reply.header(header.split(": ", 2)[0], header.split(": ", 2)[1]);
        });
        Auth auth = auth("{type: session, url: %s, username: jane, password: hunter22, answer: " + answer
                + ", body: {login: {user: '${auth.username}', pass: '${auth.password}'}}, to: header.X-Session}");
        assertThat(auth.authorize(GET).headers()).containsOnly(Map.entry("X-Session", token));
        JsonNode asked = StrictJson.mapper().readTree(api.asked("/token").get(0).body());
        assertThat(asked.toString()).isEqualTo("{\"login\":{\"user\":\"jane\",\"pass\":\"hunter22\"}}");
        clock.move(Duration.ofDays(40));
        auth.authorize(GET);
        assertThat(api.asked("/token")).hasSize(1);
        auth.renew(auth.authorize(GET));
        assertThat(api.asked("/token")).hasSize(2);
    }

    @Test
    void aTokenIsExchangedWhileItLives() {
        api.on(
                "/token",
                asked -> asked.query("fb_exchange_token").equals("seed")
                                || asked.query("fb_exchange_token").startsWith("long-")
                        ? Reply.ok("{\"access_token\":\"long-%d\",\"expires_in\":5184000}".formatted(asked.before()))
                        : Reply.status(400).json("{\"error\":{\"message\":\"expired\",\"code\":190}}"));
        String yaml =
                "{type: token-exchange, url: %s, token: seed, client-id: app, client-secret: s3cret, renew-before: 7d, query:"
                        + " {grant_type: fb_exchange_token, client_id: '${auth.client-id}', client_secret: '${auth.client-secret}',"
                        + " fb_exchange_token: '${auth.token}'}}";
        assertThat(sent(auth(yaml))).isEqualTo("Bearer long-0");
        assertThat(api.asked("/token").get(0).method()).isEqualTo("GET");
        assertThat(api.asked("/token").get(0).query("client_secret")).isEqualTo("s3cret");
        clock.move(Duration.ofDays(54));
        assertThat(sent(auth(yaml))).isEqualTo("Bearer long-1");
        assertThat(api.asked("/token").get(1).query("fb_exchange_token")).isEqualTo("long-0");
        clock.move(Duration.ofDays(200));
        api.on("/token", asked -> Reply.status(400)
                .json("{\"error\":{\"message\":\"Session has expired: long-1\",\"code\":190}}"));
        assertThatThrownBy(() -> auth(yaml).authorize(GET))
                .hasMessageContaining("HTTP 400")
                .hasMessageNotContaining("seed");
    }

    @Test
    void anAssertionIsSignedWithTheKeyOfAServiceAccount() throws Exception {
        KeyPair keys = rsa();
        Path file = folder.resolve("account.json");
        Files.writeString(
                file,
                StrictJson.mapper()
                        .writeValueAsString(Map.of(
                                "type", "service_account",
                                "private_key", pem(keys),
                                "private_key_id", "k1",
                                "client_email", "robot@example.com",
                                "token_uri", api.url() + "/token")));
        api.on("/token", asked -> Reply.ok("{\"access_token\":\"ya29\",\"expires_in\":\"3599\"}"));
        Auth auth =
                auth("{type: jwt, key-file: '" + file + "', scope: 'https://a https://b', subject: jane@example.com}");
        assertThat(sent(auth)).isEqualTo("Bearer ya29");
        Map<String, String> form = form(api.asked("/token").get(0));
        assertThat(form).containsEntry("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
        String[] parts = form.getOrDefault("assertion", "").split("\\.", -1);
        assertThat(json(parts[0]).toString()).isEqualTo("{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}");
        JsonNode claims = json(parts[1]);
        assertThat(claims.path("iss").asText()).isEqualTo("robot@example.com");
        assertThat(claims.path("sub").asText()).isEqualTo("jane@example.com");
        assertThat(claims.path("aud").asText()).isEqualTo(api.url() + "/token");
        assertThat(claims.path("scope").asText()).isEqualTo("https://a https://b");
        assertThat(claims.path("exp").asLong() - claims.path("iat").asLong()).isEqualTo(3600);
        Signature check = Signature.getInstance("SHA256withRSA");
        check.initVerify(keys.getPublic());
        check.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        assertThat(check.verify(Base64.getUrlDecoder().decode(parts[2]))).isTrue();
        assertThat(auth.secrets())
                .anyMatch(each -> each.length() == 64)
                .contains("ya29", form.getOrDefault("assertion", ""));
    }

    @Test
    void anAssertionMayGoToAHeaderAndTheAnswerNameATime() throws Exception {
        api.on("/token", asked -> Reply.status(201)
                .json("{\"token\":\"ghs_%d\",\"expires_at\":\"2026-03-01T01:00:00Z\"}".formatted(asked.before())));
        String pkcs1 = pkcs1(rsa());
        Path file = Files.writeString(folder.resolve("app.pem"), pkcs1);
        Auth auth = auth(
                "{type: jwt, url: %s, key-file: '" + file + "', issuer: '123', valid-for: 9m,"
                        + " token-headers: {Authorization: 'Bearer ${auth.assertion}'}, answer: {token: $.token, expires: $.expires_at}}");
        assertThat(sent(auth)).isEqualTo("Bearer ghs_0");
        assertThat(api.asked("/token").get(0).headers().getFirst("Authorization"))
                .startsWith("Bearer eyJ");
        assertThat(api.asked("/token").get(0).body()).isEmpty();
        clock.move(Duration.ofMinutes(59));
        assertThat(sent(auth)).isEqualTo("Bearer ghs_1");
    }

    @Test
    void withoutAnAddressTheAssertionIsTheToken() throws Exception {
        Path file = Files.writeString(folder.resolve("app.pem"), pem(rsa()));
        Auth auth = auth("{type: jwt, key-file: '" + file + "', issuer: me, audience: vendor, valid-for: 10m}");
        String first = sent(auth);
        assertThat(sent(auth)).isEqualTo(first);
        clock.move(Duration.ofMinutes(10));
        assertThat(sent(auth)).startsWith("Bearer eyJ").isNotEqualTo(first);
    }

    @Test
    void passwordsAreExchangedForTokens() {
        api.on("/token", asked -> token("access", 60));
        sent(auth("{type: password, url: %s, username: jane, password: 'p&w', client-id: me}"));
        assertThat(form(api.asked("/token").get(0)))
                .containsOnly(
                        Map.entry("grant_type", "password"),
                        Map.entry("username", "jane"),
                        Map.entry("password", "p&w"),
                        Map.entry("client_id", "me"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{type: client-credentials, url: '', client-id: a, client-secret: b} | auth.url",
                "{type: client-credentials, url: 'http://x/t', client-id: a, client-secret: ''} | auth.client-secret",
                "{type: refresh-token, url: 'http://x/t', client-id: a, refresh-token: ''} | auth.refresh-token",
                "{type: session, url: 'http://x/t', answer: {token: $.t}, body: {pass: ''}} | auth.body.pass",
                "{type: jwt, key: '', issuer: a} | auth.key-file",
                "{type: token-exchange, url: 'http://x/t', token: '', query: {a: '${auth.token}'}} | auth.token",
                "{type: sigv4, access-key: a, secret-key: '', region: r, service: s} | auth.secret-key",
                "{type: hmac, secret: '', template: '${body}', to: header.X-Sig} | auth.secret"
            })
    void aBlankSettingIsNotConfigured(String yaml, String missing) {
        Auth auth = auth(yaml);
        assertThat(auth.configured()).isFalse();
        assertThatThrownBy(() -> auth.authorize(GET))
                .isInstanceOf(CredentialMissingException.class)
                .hasMessage("The connection has no credential: " + missing + " is blank");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{type: client-credentials, client-id: a, client-secret: s3cret} | auth: 'type: client-credentials' needs the 'url' that gives tokens, such as https://auth.example.com/token",
                "{type: refresh-token, url: 'ftp://s3cret'} | auth: 'url' is an address such as https://auth.example.com/token, without a user",
                "{type: password, url: 'https://u:s3cret@x/'} | auth: 'url' is an address such as https://auth.example.com/token, without a user",
                "{type: session, url: 'http://x/t'} | auth: say where the answer has the token, write answer: {token: $.token}, {token: header.X-Auth} or {token: cookie.sid}",
                "{type: client-credentials, url: 'http://x/t', format: xml} | auth: 'format: xml' is neither form nor json",
                "{type: client-credentials, url: 'http://x/t', client-auth: digest} | auth: 'client-auth: digest' is neither body nor basic",
                "{type: client-credentials, url: 'http://x/t', to: path.x} | auth: 'path.x' is no place, write header.X-Token, query.token, cookie.sid or body.token",
                "{type: client-credentials, url: 'http://x/t', body: {a: {b: c}}} | auth: 'body.a' is nested, which a form cannot be; write format: json",
                "{type: client-credentials, url: 'http://x/t', query: {a: '${auth.tokn}'}} | auth: a token request knows no ${auth.tokn}; there are auth.token, auth.refresh-token, auth.client-id, auth.client-secret, auth.username, auth.password, auth.assertion",
                "{type: token-exchange, url: 'http://x/t', token: s3cret} | auth: the exchange does not name the token, write query: {fb_exchange_token: \"${auth.token}\"}",
                "{type: jwt, key: s3cret} | auth: 'key' holds no private key in PEM",
                "{type: jwt, key-file: /no/such} | auth: 'key-file: /no/such' cannot be read: java.nio.file.NoSuchFileException: /no/such",
                "{type: sigv4, access-key: a, secret-key: s3cret} | auth: 'type: sigv4' needs 'region' and 'service', such as eu-central-1 and s3",
                "{type: hmac, secret: s3cret, to: header.X, template: abc} | auth: 'type: hmac' signs a 'template' such as \"${method}\\n${path}\\n${timestamp}\"",
                "{type: hmac, secret: s3cret, to: header.X, template: '${bdy}'} | auth: 'template' knows no ${bdy}; there are method, path, query, sorted-query, host, url, body, body-sha256, timestamp, nonce",
                "{type: hmac, secret: s3cret, to: header.X, template: '${timestamp}'} | auth: the template signs the time, so the vendor needs it: write time-to: header.X-Timestamp"
            })
    void wrongSettingsSayWhatWouldBeRightAndNoSecret(String yaml, String message) {
        assertThatThrownBy(() -> YamlSettings.read(yaml, AuthSettings.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void anUnknownSettingIsRefused() {
        assertThatThrownBy(() -> YamlSettings.read("{type: bearer, tokn: s3cret}", AuthSettings.class))
                .hasMessageContaining("Unrecognized field \"tokn\"");
        assertThatThrownBy(() -> YamlSettings.read(
                        "{type: session, url: 'http://x/t', answer: {token: $.t, expire: $.e}}", AuthSettings.class))
                .hasMessageContaining("Unrecognized field \"expire\"");
    }

    @Test
    void noTextShowsASecret() {
        AuthSettings settings = settings(
                "{type: refresh-token, url: %s, client-id: me, client-secret: s3cret, refresh-token: refresh-0,"
                        + " body: {tenant-key: hidden1}, headers: {X-Dev: hidden2}}");
        assertThat(settings.toString() + settings.auth(context())).doesNotContain("s3cret", "refresh-0", "hidden");
        assertThat(settings.auth(context()).secrets()).contains("s3cret", "refresh-0", "hidden1", "hidden2");
    }

    @Test
    void anImitationOfTheVendorAcceptsOneCredential() {
        AuthSettings settings =
                settings("{type: refresh-token, url: %s, client-id: '', refresh-token: '', to: query.key}");
        assertThat(settings.withCredential("stub")
                        .auth(context())
                        .authorize(GET)
                        .uri())
                .hasQuery("key=stub");
        assertThat(api.asked()).isEmpty();
    }

    /** A vendor that takes each refresh token once: the one before dies when the next one, or its access token, is used. */
    private static final class Rotating {
        private String good;
        private int given;

        Rotating(String first) {
            good = first;
        }

        synchronized void accept(String token) {
            good = token;
        }

        synchronized Reply answer(Asked asked) {
            given++;
            if (!form(asked).getOrDefault("refresh_token", "").equals(good)) {
                return Reply.status(400).json("{\"error\":\"invalid_grant\"}");
            }
            good = "refresh-" + given;
            return Reply.ok("{\"access_token\":\"access-%d\",\"refresh_token\":\"refresh-%d\",\"expires_in\":3600}"
                    .formatted(given, given));
        }
    }

    private static Reply token(String access, long seconds) {
        return Reply.ok(
                "{\"access_token\":\"%s\",\"token_type\":\"bearer\",\"expires_in\":%d}".formatted(access, seconds));
    }

    private static Map<String, String> form(Asked asked) {
        return FakeApi.query(URI.create("http://x/?" + asked.body()));
    }

    private static String sent(Auth auth) {
        return auth.authorize(GET).headers().getOrDefault("Authorization", "");
    }

    private static JsonNode json(String base64) throws Exception {
        return StrictJson.mapper().readTree(Base64.getUrlDecoder().decode(base64));
    }

    private static <T> List<T> atOnce(int threads, Callable<T> call) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> each : pool.invokeAll(java.util.Collections.nCopies(threads, call))) {
                results.add(each.get(30, TimeUnit.SECONDS));
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static KeyPair rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    static String pem(KeyPair keys) {
        return "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(keys.getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
    }

    /** The older form, which is the inner part of the other: 26 bytes come before it. */
    private static String pkcs1(KeyPair keys) {
        byte[] whole = keys.getPrivate().getEncoded();
        byte[] inner = java.util.Arrays.copyOfRange(whole, 26, whole.length);
        return "-----BEGIN RSA PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(inner)
                + "\n-----END RSA PRIVATE KEY-----\n";
    }

    private AuthSettings settings(String yaml) {
        return YamlSettings.read(yaml.replace("%s", "'" + api.url() + "/token'"), AuthSettings.class);
    }

    private Auth auth(String yaml) {
        return settings(yaml).auth(context());
    }

    private AuthContext context() {
        SecretStore store = AuthContexts.store(folder.resolve("credentials"), clock);
        return new AuthContext("acme", transport, store, clock);
    }
}
