package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.Summaries;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Secrets of every kind, planted in a process whose vendors repeat them in every way they can think of, and then looked for
 * in everything that the process writes, keeps, shows and says.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SecretsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final FakeApi api = FakeApi.start();
    /** Everything that must be nowhere, by what it is. Tokens join when they are given. */
    private final Map<String, String> planted = new ConcurrentHashMap<>();

    private final Map<String, String> variables = new LinkedHashMap<>();
    /** What the vendors were asked before the process that serves. */
    private final List<Asked> sent = new ArrayList<>();
    /** What console, meters and routes show. */
    private final List<String> shown = new ArrayList<>();

    private int vendors;
    private CaravanHome home;
    private Summaries summaries;
    private String preview = "";
    private String list = "";

    @BeforeAll
    void makeEveryKindOfTrouble(@TempDir Path folder) throws Exception {
        home = CaravanHome.in(folder);
        fixedCredentials();
        tokens();
        signatures();
        nextAddresses();
        variables.forEach(home::withEnvironment);
        Path inputs = Files.createDirectories(folder.resolve("inputs"));
        Path stored = Files.writeString(inputs.resolve("stored"), plant("stored secret", "stored-5a1f0c77d1"));
        Path given = Files.writeString(inputs.resolve("given"), plant("given secret", "given-90aa71c2ff"));
        Files.writeString(folder.resolve(".env"), "DOTENV_TOKEN=" + plant("token of .env", "dotenv-77cc1188ee") + "\n");
        home.withEnvironment(
                        "CARAVAN_KEY",
                        plant(
                                "key of the store",
                                Base64.getEncoder()
                                        .encodeToString(
                                                "0123456789abcdef0123456789ABCDEF".getBytes(StandardCharsets.UTF_8))))
                .with("caravan.retry-delay=5")
                .with("caravan.batch-rows=1");

        home.run("credentials", "put", "stored", "token", "--file", stored.toString())
                .expect(0);
        CaravanProcess.Ended pulled = home.run("pull", "--all", "--json", "--secret", "given.token=@" + given);
        pulled.expect(1);
        summaries = Summaries.of(pulled);
        preview = home.run("preview", "apiquery-items").out();
        list = home.run("credentials", "list").expect(0).out();
        serve();
    }

    @AfterAll
    void close() {
        api.close();
    }

    @Test
    void plantsMoreThanTwentyFiveKinds() {
        assertThat(planted.size()).isGreaterThan(25);
        assertThat(summaries.byStream()).hasSize(vendors);
        // They were really sent, and the vendors really repeated them.
        assertThat(summaries.error("stored-items")).contains("HTTP 422", "you sent", "***");
        assertThat(credentialOf("/stored")).isEqualTo("Bearer stored-5a1f0c77d1");
        assertThat(credentialOf("/given")).isEqualTo("Bearer given-90aa71c2ff");
        assertThat(credentialOf("/dotenv")).isEqualTo("Bearer dotenv-77cc1188ee");
        assertThat(list).contains("stored", "token", "(token)");
        assertThat(preview).contains("> GET ", "k=***");
    }

    @Test
    void errorsSayWhatToDoWithoutAnySecret() {
        assertThat(summaries.error("refreshdead-items")).contains("invalid_grant", "caravan login refreshdead");
        assertThat(summaries.error("client-items")).contains("refused again with a credential that was just renewed");
        assertThat(summaries.status("rotating-items")).isEqualTo("done");
    }

    @Test
    void aSliceGoesOnAtASignedAddressThatNoCheckpointShows() {
        // The first run committed its first page and failed at the second; the process that serves begins there.
        assertThat(sent.stream().filter(each -> each.path().equals("/signed"))).hasSize(2);
        assertThat(api.asked("/signed").get(0).query("X-Amz-Signature")).isEqualTo(planted.get("X-Amz-Signature"));
    }

    @Test
    void noFileHoldsASecretInAnyForm() throws IOException {
        Set<String> found = new TreeSet<>();
        try (var files = Files.walk(home.folder())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path name = home.folder().relativize(file);
                if (!name.startsWith("inputs") && !name.startsWith(".env") && !name.startsWith("routes")) {
                    look(name.toString(), new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1), found);
                }
            }
        }
        assertThat(found).isEmpty();
    }

    @Test
    void nothingThatIsShownHoldsASecretInAnyForm() {
        Set<String> found = new TreeSet<>();
        for (int i = 0; i < shown.size(); i++) {
            look("answer " + i, shown.get(i), found);
        }
        assertThat(found).isEmpty();
        assertThat(String.join("", shown)).contains("caravan_", "bearer-items", "aggregationStrategy");
    }

    private String credentialOf(String path) {
        return sent.stream()
                .filter(each -> each.path().equals(path))
                .map(each -> String.valueOf(each.headers().getFirst("Authorization")))
                .findFirst()
                .orElse("");
    }

    private void look(String where, String text, Set<String> found) {
        planted.forEach((kind, secret) -> forms(secret).forEach((form, value) -> {
            if (text.contains(value)) {
                found.add("%s: %s, %s".formatted(where, kind, form));
            }
        }));
    }

    /** The forms in which a secret may turn up, worked out apart from the code that hides them. */
    private static Map<String, String> forms(String secret) {
        Map<String, String> forms = new LinkedHashMap<>();
        forms.put("as it is", secret);
        forms.put("encoded", URLEncoder.encode(secret, StandardCharsets.UTF_8));
        forms.put("quoted", secret.replace("\\", "\\\\").replace("\"", "\\\""));
        forms.put("hexadecimal", HexFormat.of().formatHex(secret.getBytes(StandardCharsets.UTF_8)));
        for (String before : List.of("", ":", "a:")) {
            String encoded =
                    Base64.getEncoder().encodeToString((before + secret + "::::").getBytes(StandardCharsets.UTF_8));
            // What no neighbour changes.
            forms.put(
                    "base64 behind '" + before + "'",
                    encoded.substring(4, 4 * ((before.length() + secret.length()) / 3)));
        }
        return forms;
    }

    private String plant(String kind, String secret) {
        planted.put(kind, secret);
        return secret;
    }

    private void fixedCredentials() {
        vendor("bearer", "{type: bearer, token: \"{{bearer.token}}\"}", this::repeated);
        variables.put("BEARER_TOKEN", plant("bearer token", "bearer-1f6d0c2b9a"));
        vendor("special", "{type: bearer, token: \"{{special.token}}\"}", this::repeated);
        variables.put("SPECIAL_TOKEN", plant("token with signs", "p@ss/w+rd=&\"x\\y<z>~'q"));
        vendor("apiheader", "{type: api-key, token: \"{{apiheader.key}}\", header: X-K}", this::repeated);
        variables.put("APIHEADER_KEY", plant("key in a header", "keyhdr-2a7e1d3c8b"));
        vendor("apiquery", "{type: api-key, token: \"{{apiquery.key}}\", query: k}", this::repeated);
        variables.put("APIQUERY_KEY", plant("key in the query", "keyqry 3b8f/2e4d"));
        vendor(
                "apibody",
                "{type: api-key, token: \"{{apibody.key}}\", body: k}",
                this::repeated,
                "method: POST",
                "body: {a: 1}");
        variables.put("APIBODY_KEY", plant("key in the body", "keybdy-4c903f5e6a"));
        vendor(
                "basic",
                "{type: basic, username: \"{{basic.user}}\", password: \"{{basic.password}}\"}",
                this::repeated);
        variables.put("BASIC_USER", plant("user name", "user-5da14060fb"));
        variables.put("BASIC_PASSWORD", plant("password", "pass-6eb25171ac"));
        vendor("several", "{headers: {X-One: \"{{several.one}}\", X-Two: \"{{several.two}}\"}}", asked -> Reply.status(
                        400)
                .text("<!DOCTYPE html><html>" + asked.headers().values() + "</html>"));
        variables.put("SEVERAL_ONE", plant("first of several headers", "one-7fc36282bd"));
        variables.put("SEVERAL_TWO", plant("second of several headers", "two-80d47393ce"));
        vendor("redirect", "{type: bearer, token: \"{{redirect.token}}\"}", asked -> Reply.status(302)
                .header(
                        "Location",
                        "https://elsewhere.example/?token=" + plant("token in a redirect", "redir-91e584a4df")));
        variables.put("REDIRECT_TOKEN", plant("token of a redirect", "rdtok-a2f695b5e0"));
        vendor("cookie", "{type: bearer, token: \"{{cookie.token}}\"}", asked -> Reply.status(422)
                .header("Set-Cookie", "sid=" + plant("cookie of an answer", "sid-b307a6c6f1"))
                .json("{\"error\":\"Cookie: sid=sid-b307a6c6f1; X-Api-Key: sid-b307a6c6f1\"}"));
        variables.put("COOKIE_TOKEN", plant("token beside a cookie", "ctok-c418b7d702"));
        for (String name : List.of("stored", "given", "dotenv")) {
            vendor(name, "{type: bearer, token: \"{{" + name + ".token}}\"}", this::repeated);
        }
    }

    private void tokens() throws Exception {
        String client = "client-id: me, client-secret: \"{{%1$s.secret}}\", url: \"" + api.url() + "/%1$s/token\"";
        vendor("client", "{type: client-credentials, " + client.formatted("client") + "}", asked -> Reply.status(401)
                .json("{\"message\":\"expired: " + asked.headers().getFirst("Authorization") + "\"}"));
        variables.put("CLIENT_SECRET", plant("client secret", "clsec-d529c8e813"));
        api.on(
                "/client/token",
                asked -> given(
                        "access",
                        plant("access token " + asked.before(), "acc%d-e63ad9f924".formatted(asked.before()))));
        vendor(
                "clientdead",
                "{type: client-credentials, client-auth: basic, " + client.formatted("clientdead") + "}",
                this::repeated);
        variables.put("CLIENTDEAD_SECRET", plant("client secret in a header", "cldead-f74be0a035"));
        api.on("/clientdead/token", asked -> Reply.status(400)
                .json("{\"error\":\"invalid_client\",\"error_description\":\"bad "
                        + asked.headers().getFirst("Authorization") + " cldead-f74be0a035\"}"));
        vendor(
                "rotating",
                "{type: refresh-token, refresh-token: \"{{rotating.refresh}}\", " + client.formatted("rotating") + "}",
                asked -> Reply.page(List.of("{\"id\":1}"), ""));
        variables.put("ROTATING_SECRET", plant("client secret of a rotation", "rosec-085cf1b146"));
        variables.put("ROTATING_REFRESH", plant("refresh token", "refr0-196d02c257"));
        api.on(
                "/rotating/token",
                asked -> Reply.ok("{\"access_token\":\"%s\",\"refresh_token\":\"%s\",\"expires_in\":3600}"
                        .formatted(
                                plant(
                                        "token of a rotation " + asked.before(),
                                        "rota%d-2a7e13d368".formatted(asked.before())),
                                plant(
                                        "rotated refresh token " + asked.before(),
                                        "refr%d-3b8f24e479".formatted(asked.before() + 1)))));
        vendor(
                "refreshdead",
                "{type: refresh-token, refresh-token: \"{{refreshdead.refresh}}\", " + client.formatted("refreshdead")
                        + "}",
                this::repeated);
        variables.put("REFRESHDEAD_SECRET", plant("client secret of a dead one", "rdsec-4c9035f58a"));
        variables.put("REFRESHDEAD_REFRESH", plant("dead refresh token", "dead/5da1+46069b"));
        api.on("/refreshdead/token", asked -> Reply.status(400)
                .json("{\"error\":\"invalid_grant\",\"error_description\":\"" + asked.body() + "\"}"));
        vendor(
                "session",
                "{type: session, url: \"" + api.url()
                        + "/session/login\", body: {who: jane, word: \"{{session.word}}\"},"
                        + " answer: {token: cookie.sid}, to: cookie.sid}",
                this::repeated);
        variables.put("SESSION_WORD", plant("password of a session", "word-6eb25717ac"));
        api.on("/session/login", asked -> Reply.ok("{}")
                .header("Set-Cookie", "sid=" + plant("cookie of a session", "sess-7fc36828bd")));
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        String key = Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(generator.generateKeyPair().getPrivate().getEncoded())
                .replace("\n", "\\n");
        vendor(
                "jwt",
                "{type: jwt, url: \"" + api.url() + "/jwt/token\", key: \"{{jwt.key}}\", issuer: me}",
                this::repeated);
        variables.put("JWT_KEY", "-----BEGIN PRIVATE KEY-----\\n" + key + "\\n-----END PRIVATE KEY-----\\n");
        plant("line of a private key", key.substring(200, 240));
        api.on("/jwt/token", asked -> {
            String assertion =
                    FakeApi.query(URI.create("http://x/?" + asked.body())).getOrDefault("assertion", "");
            plant("signature of an assertion", assertion.substring(assertion.lastIndexOf('.') + 1));
            return Reply.status(400)
                    .json("{\"error\":\"invalid_client\",\"error_description\":\"" + assertion + " "
                            + key.substring(198, 262).replace("\\n", " ") + "\"}");
        });
        vendor(
                "exchange",
                "{type: token-exchange, url: \"" + api.url() + "/exchange/token\", token: \"{{exchange.token}}\","
                        + " query: {client_secret: \"{{exchange.secret}}\", t: \"${auth.token}\"}}",
                this::repeated);
        variables.put("EXCHANGE_TOKEN", plant("token to exchange", "exch-80d47939ce"));
        variables.put("EXCHANGE_SECRET", plant("secret in a token's address", "exsec-91e58a4adf"));
        api.on("/exchange/token", asked -> Reply.cut());
    }

    private void signatures() {
        vendor(
                "sigv4",
                "{type: sigv4, access-key: AKID, secret-key: \"{{sigv4.secret}}\", session-token: \"{{sigv4.session}}\","
                        + " region: r, service: s}",
                this::repeated);
        variables.put("SIGV4_SECRET", plant("key of AWS", "aws/a2f69b5be0+x"));
        variables.put("SIGV4_SESSION", plant("session token of AWS", "awst-b307ac6cf1"));
        vendor(
                "hmac",
                "{type: hmac, secret: \"{{hmac.secret}}\", template: \"${path}\", to: header.X-S, headers: {X-I: \"{{hmac.id}}\"}}",
                this::repeated);
        variables.put("HMAC_SECRET", plant("shared secret", "hmac-c418bd7d02"));
        variables.put("HMAC_ID", plant("id of a shared secret", "hmid-d529ce8e13"));
    }

    private void nextAddresses() {
        String signed = "X-Amz-Signature=%s&sig=%s&token=%s&page=2"
                .formatted(
                        plant("X-Amz-Signature", "e63adf9f24a1b2c3d4"),
                        plant("sig", "f74be0a0357bd3"),
                        plant("token of an address", "085cf1b1468ce4"));
        vendor(
                "signed",
                "{type: bearer, token: \"{{signed.token}}\"}",
                asked -> asked.query("page").isEmpty()
                        ? Reply.ok("{\"data\":[{\"id\":1,\"at\":\"%s\"}],\"next\":\"%s/signed?%s\"}"
                                .formatted(Instant.now().minus(Duration.ofDays(1)), api.url(), signed))
                        : Reply.status(422).json("{\"error\":\"bad " + api.url() + asked.uri() + "\"}"),
                "next: {from: next-url, value: $.next}",
                "cursor: {field: at, format: iso}",
                "query: {from: \"${window.from}\"}",
                "window: 1y");
        variables.put("SIGNED_TOKEN", plant("token beside a signed address", "sgtok-196d02c257"));
        vendor(
                "nexttoken",
                "{type: bearer, token: \"{{nexttoken.token}}\"}",
                asked -> asked.query("page").isEmpty()
                        ? Reply.ok("{\"data\":[{\"id\":1},{\"no\":\"id\"}],\"next\":\"%s/nexttoken?t=%s&page=2\"}"
                                .formatted(api.url(), planted.get("token in a next address")))
                        : asked.query("page").equals("2")
                                ? Reply.ok(
                                        "{\"data\":[{\"id\":2},{\"no\":\"id\"}],\"next\":\"%s/nexttoken?t=%s&page=3\"}"
                                                .formatted(api.url(), planted.get("token in a next address")))
                                : Reply.status(422).json("{\"error\":\"bad " + asked.uri() + "\"}"),
                "next: {from: next-url, value: $.next}",
                "max-rejected: 99%",
                "schema: {required: [id]}");
        variables.put("NEXTTOKEN_TOKEN", plant("token in a next address", "nxtok-2a7e13d368"));
    }

    /** A vendor that is indignant, and repeats everything it was sent. */
    private Reply repeated(Asked asked) {
        StringBuilder all = new StringBuilder("you sent ").append(api.url()).append(asked.uri());
        asked.headers().forEach((name, values) -> {
            if (name.startsWith("X-") || name.equals("Cookie") || name.equals("Authorization")) {
                for (String value : values) {
                    String bare = value.replaceFirst("^(Bearer|Basic) ", "");
                    all.append(" ~ ").append(value);
                    all.append(" ~ ").append(URLEncoder.encode(bare, StandardCharsets.UTF_8));
                    all.append(" ~ ")
                            .append(Base64.getEncoder()
                                    .encodeToString(("me:" + bare).getBytes(StandardCharsets.UTF_8)));
                    all.append(" ~ ").append(HexFormat.of().formatHex(bare.getBytes(StandardCharsets.UTF_8)));
                }
            }
        });
        all.append(" ~ ").append(asked.query().values()).append(" ~ ").append(asked.body());
        String text = all.toString().replace("\\", "\\\\").replace("\"", "\\\"");
        return Reply.status(422).json("{\"error\":{\"message\":\"" + text + "\"}}");
    }

    private static Reply given(String any, String token) {
        return Reply.ok("{\"%s_token\":\"%s\",\"expires_in\":3600}".formatted(any, token));
    }

    private void vendor(String name, String auth, Function<Asked, Reply> script, String... more) {
        vendors++;
        api.on("/" + name, script);
        home.withRoute(name, """
                - beans:
                    - name: %1$s
                      type: dev.caravan.Connection
                      properties: {url: "%2$s", auth: %3$s, quotas: [{rate: 500, per: 1s, burst: 50}]}
                - templatedRoute:
                    routeTemplateRef: stream
                    routeId: %1$s-items
                    beans:
                      - name: spec
                        type: dev.caravan.Stream
                        properties:
                          path: /%1$s
                          records: $.data
                          key: id
                          every: 1s
                %4$s""".formatted(
                        name, api.url(), auth, String.join("\n", more).indent(10)));
    }

    private void serve() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        String base = "http://127.0.0.1:" + port;
        sent.addAll(api.asked());
        api.forget();
        try (CaravanProcess process = home.start("--server.port=" + port)) {
            await().atMost(PATIENCE).until(() -> process.all().contains("console " + base));
            await().atMost(PATIENCE)
                    .until(() -> api.asked("/signed").size() > 0
                            && api.asked("/sigv4").size() > 1);
            String word = Files.readString(home.data().resolve("state/console-password"))
                    .strip();
            for (String path : List.of(
                    "/actuator/prometheus",
                    "/actuator/jolokia/read/dev.caravan:*",
                    "/actuator/jolokia/read/org.apache.camel:*",
                    "/actuator/jolokia/exec/org.apache.camel:context=caravan,type=context,name=%22caravan%22/dumpRoutesAsXml()",
                    "/actuator/jolokia/exec/org.apache.camel:context=caravan,type=context,name=%22caravan%22/dumpRoutesAsYaml()",
                    "/actuator/jolokia/list",
                    "/actuator/health")) {
                shown.add(get(base + path, word));
            }
        }
    }

    private static String get(String address, String word) throws Exception {
        String login = Base64.getEncoder().encodeToString(("admin:" + word).getBytes(StandardCharsets.UTF_8));
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(address))
                                .header("Authorization", "Basic " + login)
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }
}
