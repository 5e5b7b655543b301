package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.json.StrictJson;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Orders;
import dev.caravan.testkit.Workshop;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Credentials on their way through the route of a stream, against a server that insists on them. */
@Timeout(60)
class CredentialRouteTest {
    private static final Orders ORDERS =
            new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofHours(6), 1000, 3);
    private static final List<Long> TEN_DAYS = LongStream.range(0, 40).boxed().toList();
    private static final String CLIENT =
            "{type: client-credentials, url: \"%s/token\", client-id: me, client-secret: s3cret-client}";

    private final Path folder;
    private final Workshop workshop;
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();
    private final FakeApi api = FakeApi.start();

    CredentialRouteTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder.resolve("data"), new MutableClock("2026-03-11T00:00:00Z"));
        api.on("/orders", this::orders).on("/token", asked -> given("access-" + asked.before()));
    }

    @AfterEach
    void close() {
        api.close();
        workshop.close();
    }

    @Test
    void renewsARefusedTokenOnceAndRepeatsTheSamePage() throws Exception {
        api.on("/orders", asked -> {
            if (asked.before() == 4) {
                accepted.clear(); // taken back in the middle of a slice
            }
            return orders(asked);
        });
        RunSummary summary = pull(CLIENT, "");
        assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
        assertThat(api.asked("/token")).hasSize(2);
        List<Asked> asked = api.asked("/orders");
        assertThat(asked.get(5).uri()).isEqualTo(asked.get(4).uri());
        assertThat(asked.get(4).headers().getFirst("Authorization")).isEqualTo("Bearer access-0");
        assertThat(asked.get(5).headers().getFirst("Authorization")).isEqualTo("Bearer access-1");
        assertThat(summary.retries()).isEqualTo(1);
    }

    @Test
    void aTokenThatIsTakenBackAgainLaterIsRenewedAgain() throws Exception {
        api.on("/orders", asked -> {
            if (asked.before() == 4 || asked.before() == 9) {
                accepted.clear();
            }
            return orders(asked);
        });
        assertThat(pull(CLIENT, "").status()).isEqualTo(RunStatus.DONE);
        assertThat(api.asked("/token")).hasSize(3);
    }

    @Test
    void sixteenSlicesThatAreRefusedAtOnceRenewOnce() throws Exception {
        CountDownLatch together = new CountDownLatch(10);
        accepted.add("never");
        api.on("/token", asked -> {
            // The first token is refused everywhere.
            return asked.before() == 0
                    ? Reply.ok("{\"access_token\":\"stale\",\"expires_in\":3600}")
                    : given("access-1");
        });
        api.on("/orders", asked -> {
            if (bearer(asked).equals("stale")) {
                together.countDown();
                await(together);
            }
            return orders(asked);
        });
        assertThat(pull(CLIENT, "parallel: 16\n").status()).isEqualTo(RunStatus.DONE);
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
        assertThat(api.asked("/token")).hasSize(2);
        assertThat(api.asked("/orders").stream().filter(asked -> bearer(asked).equals("stale")))
                .hasSize(10);
    }

    @Test
    void aSecondRefusalWithAFreshTokenStopsAndSaysSo() throws Exception {
        api.on("/orders", asked -> Reply.status(401).json("{\"error\":\"no scope, " + bearer(asked) + "\"}"));
        RunSummary summary = pull(CLIENT, "window: 1y\n");
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.error())
                .contains("HTTP 401: no scope, ***", "refused again with a credential that was just renewed")
                .doesNotContain("access-");
        assertThat(api.asked("/orders")).hasSize(2);
        assertThat(api.asked("/token")).hasSize(2);
    }

    @Test
    void aCredentialThatDoesNotChangeIsRefusedOnce() throws Exception {
        api.on("/orders", asked -> Reply.status(401).json("{\"error\":\"bad key\"}"));
        RunSummary summary = pull("{type: bearer, token: s3cret-bearer}", "window: 1y\n");
        assertThat(summary.error()).contains("HTTP 401: bad key", "the credential is missing, wrong or expired");
        assertThat(api.asked("/orders")).hasSize(1);
    }

    @Test
    void aRuleMayRenewOnWhatTheVendorUsesInstead() throws Exception {
        api.on(
                "/orders",
                asked -> accepted.contains(bearer(asked))
                        ? orders(asked)
                        : Reply.ok("{\"ok\":false,\"error\":\"token_expired\"}"));
        api.on(
                "/token",
                asked -> asked.before() == 0
                        ? Reply.ok("{\"access_token\":\"stale\",\"expires_in\":3600}")
                        : given("access-1"));
        RunSummary summary =
                pull(CLIENT, "", "outcomes: [{status: 200, body: {$.error: token_expired}, then: refresh-auth}]");
        assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void aDeadRefreshTokenFailsTheRunAndSaysWhatToDo() throws Exception {
        api.on("/token", asked -> Reply.status(400).json("{\"error\":\"invalid_grant\"}"));
        RunSummary summary = pull(
                "{type: refresh-token, url: \"%s/token\", client-id: me, refresh-token: s3cret-refresh}",
                "parallel: 8\n");
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.error())
                .contains("invalid_grant", "caravan login acme")
                .doesNotContain("s3cret");
        assertThat(api.asked("/token")).hasSize(1);
        assertThat(api.asked("/orders")).isEmpty();
    }

    @Test
    void aTokenEndpointThatHasTroubleIsAskedAgain() throws Exception {
        api.on("/token", asked -> asked.before() < 2 ? Reply.status(503).text("busy") : given("access"));
        RunSummary summary = pull(CLIENT, "window: 1y\n");
        assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
        assertThat(summary.retries()).isEqualTo(2);
        assertThat(summary.requests()).isEqualTo(api.asked("/orders").size());
    }

    @Test
    void aRefreshTokenThatRotatesSurvivesManyRuns() throws Exception {
        String[] good = {"refresh-0"};
        api.on("/token", asked -> {
            if (!form(asked).getOrDefault("refresh_token", "").equals(good[0])) {
                return Reply.status(400).json("{\"error\":\"invalid_grant\"}");
            }
            good[0] = "refresh-" + (asked.before() + 1);
            accepted.add("access-" + asked.before());
            return Reply.ok("{\"access_token\":\"access-%d\",\"refresh_token\":\"%s\",\"expires_in\":3600}"
                    .formatted(asked.before(), good[0]));
        });
        String auth = "{type: refresh-token, url: \"%s/token\", client-id: me, refresh-token: refresh-0}";
        for (int run = 0; run < 3; run++) {
            assertThat(pull(auth, "").status()).isEqualTo(RunStatus.DONE);
            accepted.clear();
        }
        assertThat(api.asked("/token")).hasSize(3);
    }

    @Test
    void aSessionIsOpenedAgainWhenItIsRefused() throws Exception {
        api.on("/login", asked -> {
            accepted.add("sid-" + asked.before());
            return Reply.ok("{}").header("Set-Cookie", "sid=sid-" + asked.before() + "; Path=/; HttpOnly");
        });
        api.on("/orders", asked -> {
            if (asked.before() == 5) {
                accepted.clear();
            }
            String cookie = asked.headers().getFirst("Cookie");
            return accepted.contains(cookie.replace("sid=", ""))
                    ? Reply.ok(ORDERS.answer(asked.uri()))
                    : Reply.status(401);
        });
        RunSummary summary = pull(
                "{type: session, url: \"%s/login\", body: {user: jane, password: s3cret-pw}, answer: {token: cookie.sid}, to: cookie.sid}",
                "");
        assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        assertThat(api.asked("/login")).hasSize(2);
    }

    @Test
    void aKeyMayGoToTheBody() throws Exception {
        api.on(
                "/orders",
                asked -> asked.body().equals("{\"filter\":\"all\",\"key\":\"s3cret-key\"}")
                        ? Reply.ok(ORDERS.answer(asked.uri()))
                        : Reply.status(401));
        assertThat(pull("{type: api-key, token: s3cret-key, body: key}", "method: POST\nbody: {filter: all}\n")
                        .status())
                .isEqualTo(RunStatus.DONE);
    }

    @Test
    void aKeyMayGoToAHeaderOrTheQueryAndAPasswordToItsHeader() throws Exception {
        Map<String, Predicate<Asked>> insisted = new LinkedHashMap<>();
        insisted.put("{type: api-key, token: s3cret-key, header: X-Api-Key}", asked -> "s3cret-key"
                .equals(asked.headers().getFirst("X-Api-Key")));
        insisted.put(
                "{type: api-key, token: s3cret+key, query: api_key, headers: {X-App: s3cret-app}}",
                asked -> asked.query("api_key").equals("s3cret+key")
                        && "s3cret-app".equals(asked.headers().getFirst("X-App")));
        insisted.put("{type: basic, username: jane, password: 's3cret:pw'}", asked -> "Basic amFuZTpzM2NyZXQ6cHc="
                .equals(asked.headers().getFirst("Authorization")));
        for (Map.Entry<String, Predicate<Asked>> each : insisted.entrySet()) {
            api.on(
                    "/orders",
                    asked -> each.getValue().test(asked) ? Reply.ok(ORDERS.answer(asked.uri())) : Reply.status(401));
            assertThat(pull(each.getKey(), "").error()).as(each.getKey()).isNull();
        }
    }

    @Test
    void aPasswordIsExchangedForATokenAndAgainWhenThatIsRefused() throws Exception {
        api.on("/token", asked -> {
            Map<String, String> form = form(asked);
            return "password".equals(form.get("grant_type")) && "s3cret&pw".equals(form.get("password"))
                    ? given("access-" + asked.before())
                    : Reply.status(400).json("{\"error\":\"invalid_grant\"}");
        });
        api.on("/orders", asked -> {
            if (asked.before() == 4) {
                accepted.clear();
            }
            return orders(asked);
        });
        RunSummary summary =
                pull("{type: password, url: \"%s/token\", username: jane, password: 's3cret&pw', client-id: me}", "");
        assertThat(summary.error()).isNull();
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
        assertThat(api.asked("/token")).hasSize(2);
    }

    @Test
    void aServiceAccountSignsForItsToken() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair keys = generator.generateKeyPair();
        Files.writeString(
                folder.resolve("account.json"),
                StrictJson.mapper()
                        .writeValueAsString(Map.of(
                                "type", "service_account",
                                "private_key",
                                        "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
                                                .formatted(Base64.getMimeEncoder()
                                                        .encodeToString(keys.getPrivate()
                                                                .getEncoded())),
                                "private_key_id", "k1",
                                "client_email", "robot@example.com",
                                "token_uri", api.url() + "/token")));
        api.on("/token", asked -> {
            String[] parts = form(asked).getOrDefault("assertion", "").split("\\.", -1);
            return isSigned(keys, parts) && text(parts[1]).contains("\"scope\":\"orders.read\"")
                    ? given("access-" + asked.before())
                    : Reply.status(400).json("{\"error\":\"invalid_grant\"}");
        });
        RunSummary summary =
                pull("{type: jwt, key-file: '" + folder.resolve("account.json") + "', scope: orders.read}", "");
        assertThat(summary.error()).isNull();
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
        assertThat(api.asked("/token")).hasSize(1);
    }

    @Test
    void aTokenIsExchangedBeforeItIsUsed() throws Exception {
        api.on(
                "/token",
                asked -> asked.query("fb_exchange_token").equals("s3cret-seed")
                        ? given("long-" + asked.before())
                        : Reply.status(400).json("{\"error\":{\"code\":190}}"));
        RunSummary summary = pull(
                "{type: token-exchange, url: \"%s/token\", token: s3cret-seed, query: {fb_exchange_token: '${auth.token}'}}",
                "");
        assertThat(summary.error()).isNull();
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void everyPageIsSignedOverWhatIsSent() throws Exception {
        api.on("/orders", asked -> {
            String text = asked.method() + " " + asked.uri().getRawPath() + "?"
                    + asked.uri().getRawQuery() + " " + asked.headers().getFirst("X-Time") + " " + asked.body();
            return signed(text).equals(asked.headers().getFirst("X-Signature"))
                    ? Reply.ok(ORDERS.answer(asked.uri()))
                    : Reply.status(403).json("{\"error\":\"signature\"}");
        });
        RunSummary summary = pull(
                "{type: hmac, secret: s3cret-hmac, template: '${method} ${path}?${query} ${timestamp} ${body}',"
                        + " to: header.X-Signature, time-to: header.X-Time}",
                "query: {from: \"${window.from}\", to: \"${window.to}\", \"f[x]\": \"a+b/c=ä, d\"}\nmethod: POST\nbody: {q: ü}\n");
        assertThat(summary.error()).isNull();
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void aSignatureArrivesAsItWasMade() throws Exception {
        api.on("/orders/a b", asked -> {
            String mine = signature(asked);
            String theirs = asked.headers().getFirst("Authorization");
            return theirs.endsWith("Signature=" + mine)
                    ? Reply.ok(ORDERS.answer(asked.uri()))
                    : Reply.status(403).json("{\"message\":\"SignatureDoesNotMatch\"}");
        });
        RunSummary summary = pull(
                "{type: sigv4, access-key: AKID, secret-key: s3cret-aws, region: eu-west-1, service: execute-api}",
                """
                path: "/orders/a b"
                query: {from: "${window.from}", to: "${window.to}", "f[x]": "a+b/c=ä, d"}
                method: POST
                body: {q: 1}
                """);
        assertThat(summary.error()).isNull();
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void goesOnAtASignedAddressThatTheCheckpointDoesNotShow() throws Exception {
        workshop.withBatchRows(1);
        boolean[] broken = {true};
        api.on("/orders", asked -> {
            if (asked.query("page").isEmpty()) {
                return Reply.ok(
                        "{\"data\":[{\"id\":1,\"at\":\"2026-03-02T00:00:00Z\"}],\"next\":\"%s/orders?page=2&X-Amz-Signature=s3cret-sig\"}"
                                .formatted(api.url()));
            }
            return broken[0]
                    ? Reply.status(422).json("{}")
                    : Reply.ok("{\"data\":[{\"id\":2,\"at\":\"2026-03-03T00:00:00Z\"}]}");
        });
        String stream = "next: {from: next-url, value: $.next}\nwindow: 1y\n";
        assertThat(pull("{type: bearer, token: s3cret-bearer}", stream).error()).contains("HTTP 422");
        try (var files = Files.walk(folder.resolve("data"))) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(each, StandardCharsets.ISO_8859_1)).doesNotContain("s3cret");
            }
        }
        broken[0] = false;
        api.forget();
        assertThat(goOn().status()).isEqualTo(RunStatus.DONE);
        assertThat(workshop.ids("acme/orders")).containsExactly(1L, 2L);
        assertThat(api.asked("/orders").get(0).query("X-Amz-Signature")).isEqualTo("s3cret-sig");
    }

    /** The signature, worked out by the server from what arrived. */
    private static String signature(Asked asked) {
        try {
            String time = asked.headers().getFirst("X-Amz-Date");
            String scope = time.substring(0, 8) + "/eu-west-1/execute-api/aws4_request";
            Map<String, String> query = new TreeMap<>();
            FakeApi.query(asked.uri()).forEach((name, value) -> query.put(strict(name), strict(value)));
            String canonical = asked.method() + "\n"
                    + Arrays.stream(asked.uri().getRawPath().split("/", -1))
                            .map(CredentialRouteTest::strict)
                            .collect(Collectors.joining("/"))
                    + "\n"
                    + query.entrySet().stream()
                            .map(each -> each.getKey() + "=" + each.getValue())
                            .collect(Collectors.joining("&"))
                    + "\ncontent-type:" + asked.headers().getFirst("Content-Type")
                    + "\nhost:" + asked.headers().getFirst("Host")
                    + "\nx-amz-date:" + time + "\n\ncontent-type;host;x-amz-date\n"
                    + sha256(asked.body());
            String text = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + sha256(canonical);
            byte[] key = "AWS4s3cret-aws".getBytes(StandardCharsets.UTF_8);
            for (String each : scope.split("/", -1)) {
                key = hmac(key, each);
            }
            return HexFormat.of().formatHex(hmac(key, text));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isSigned(KeyPair keys, String... parts) {
        try {
            Signature check = Signature.getInstance("SHA256withRSA");
            check.initVerify(keys.getPublic());
            check.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
            return check.verify(Base64.getUrlDecoder().decode(parts[2]));
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static String text(String base64) {
        return new String(Base64.getUrlDecoder().decode(base64), StandardCharsets.UTF_8);
    }

    private static String signed(String text) {
        try {
            return HexFormat.of().formatHex(hmac("s3cret-hmac".getBytes(StandardCharsets.UTF_8), text));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] hmac(byte[] key, String text) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String strict(String text) {
        StringBuilder all = new StringBuilder();
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            char sign = (char) (each & 0xff);
            all.append(
                    String.valueOf(sign).matches("[A-Za-z0-9._~-]")
                            ? String.valueOf(sign)
                            : "%%%02X".formatted((int) sign));
        }
        return all.toString();
    }

    private Reply orders(Asked asked) {
        return accepted.contains(bearer(asked)) ? Reply.ok(ORDERS.answer(asked.uri())) : Reply.status(401);
    }

    private Reply given(String access) {
        accepted.add(access);
        return Reply.ok("{\"access_token\":\"%s\",\"expires_in\":3600}".formatted(access));
    }

    private static String bearer(Asked asked) {
        String header = asked.headers().getFirst("Authorization");
        return header == null ? "" : header.replaceFirst("Bearer ", "");
    }

    private static Map<String, String> form(Asked asked) {
        return FakeApi.query(URI.create("http://x/?" + asked.body()));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private RunSummary pull(String auth, String stream, String... connection) throws Exception {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        Files.writeString(routes.resolve("acme.camel.yaml"), """
                - beans:
                    - name: acme
                      type: dev.caravan.Connection
                      properties:
                        url: %s
                        auth: %s
                        quotas: [{rate: 10000, per: 1s, burst: 10000}]
                        in-flight: 64
                %s
                %s
                """.formatted(
                        api.url(),
                        auth.replace("%s", api.url()),
                        String.join("\n", connection).indent(8),
                        Workshop.stream("orders", merged(Workshop.ORDERS, stream))));
        try (LoadedRoutes loaded = new LoadedRoutes(workshop, routes, Map.of())) {
            loaded.streams().live("acme-orders").resetState();
            return loaded.pull("acme-orders").get(0);
        }
    }

    /** Another run of what was pulled before. */
    private RunSummary goOn() throws Exception {
        try (LoadedRoutes loaded = new LoadedRoutes(workshop, folder.resolve("routes"), Map.of())) {
            return loaded.pull("acme-orders").get(0);
        }
    }

    /** Lines of the second replace those of the first that set the same. */
    private static String merged(String usual, String more) {
        Map<String, String> lines = new LinkedHashMap<>();
        (usual + more).lines().forEach(line -> lines.put(line.split(":", 2)[0], line));
        return String.join("\n", lines.values()) + "\n";
    }
}
