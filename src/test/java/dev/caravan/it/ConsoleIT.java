package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.CaravanProcess.Ended;
import java.io.IOException;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The console of the built jar, as browsers, scripts and monitors meet it. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConsoleIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String CHARGES = "dev.caravan:type=Stream,name=stripe-charges";
    private static final String ROUTE = "org.apache.camel:context=caravan,type=routes,name=%22stripe-charges%22";
    private static final String CONTEXT = "org.apache.camel:context=caravan,type=context,name=%22caravan%22";
    private static final ObjectMapper JSON = new ObjectMapper();

    private static CaravanHome home;
    private static CaravanProcess process;
    private static String base;
    private static String password;

    @BeforeAll
    static void serve(@TempDir Path folder) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        base = "http://127.0.0.1:" + port;
        home = CaravanHome.in(folder)
                .withJava()
                .withRoute("stripe", Files.readString(Path.of("routes", "stripe.camel.yaml")))
                .withRoute("broken", "- beans: [\n")
                .with("caravan.sandbox=all")
                .with("caravan.sandbox-rows=60000")
                .with("caravan.sandbox-limits=false")
                .with("caravan.batch-rows=500")
                .with("server.port=" + port);
        process = home.start();
        await().atMost(PATIENCE).until(() -> process.all().contains("console " + base));
        password =
                Files.readString(home.data().resolve("state/console-password")).strip();
    }

    @AfterAll
    static void stop() {
        process.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/actuator",
                "/actuator/prometheus",
                "/actuator/hawtio/",
                "/actuator/hawtio/index.html",
                "/actuator/jolokia/version",
                "/actuator/health/streams",
                "/actuator/hawtio/proxy/enabled"
            })
    void nobodySeesAnythingWithoutALogin(String path) throws Exception {
        assertThat(get(HttpClient.newHttpClient(), path).statusCode()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness"})
    void everybodyMayAskWhetherItIsWell(String path) throws Exception {
        HttpResponse<String> answer = get(HttpClient.newHttpClient(), path);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("UP").doesNotContain("components", "streams");
    }

    @Test
    void thePasswordIsForTheOwnerOnly() throws Exception {
        Path file = home.data().resolve("state/console-password");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aBrowserLogsInAndItsSessionNeedsTheToken() throws Exception {
        CookieManager cookies = new CookieManager();
        HttpClient browser = HttpClient.newBuilder().cookieHandler(cookies).build();
        HttpResponse<String> form = browser.send(
                request("/actuator/hawtio/").header("Accept", "text/html").build(), BodyHandlers.ofString());
        assertThat(form.statusCode()).isEqualTo(302);
        assertThat(form.headers().firstValue("Location")).hasValue(base + "/login");
        get(browser, "/login");

        assertThat(login(browser, cookies, "wrong")).endsWith("/login?error");
        assertThat(login(browser, cookies, password)).endsWith("/actuator/hawtio/");
        get(browser, "/login"); // a login changes the token

        assertThat(get(browser, "/actuator/hawtio/").body()).contains("<title>");
        assertThat(get(browser, "/actuator/hawtio/user").statusCode()).isEqualTo(200);
        assertThat(get(browser, "/logout").body()).contains("action=\"/logout\"");
        String read = "{\"type\":\"read\",\"mbean\":\"%s\"}".formatted(CHARGES);
        HttpRequest.Builder post = request("/actuator/jolokia")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(read));
        assertThat(browser.send(post.build(), BodyHandlers.ofString()).statusCode())
                .isEqualTo(403);
        post.header("X-XSRF-TOKEN", cookie(cookies, "XSRF-TOKEN"));
        assertThat(browser.send(post.build(), BodyHandlers.ofString()).body()).contains("\"status\":200");
        assertThat(get(browser, "/actuator/jolokia/exec/" + CHARGES + "/runNow").statusCode())
                .isEqualTo(403);
        assertThat(get(browser, "/actuator/jolokia/?p=exec/" + CHARGES + "/runNow")
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void healthNamesWhatIsWrongToThoseWhoMayKnow() throws Exception {
        JsonNode health = JSON.readTree(get("/actuator/health"));
        assertThat(health.at("/status").asText()).isEqualTo("UP");
        assertThat(health.at("/components/state/status").asText()).isEqualTo("UP");
        assertThat(health.at("/components/streams/details/streams").asInt()).isEqualTo(4);
        assertThat(health.at("/components/streams/details/mistakes/0").asText()).contains("broken.camel.yaml");
    }

    @Test
    void metersTellOfEveryStream() throws Exception {
        assertThat(get("/actuator/prometheus"))
                .contains("caravan_rows_total{connection=\"stripe\",origin=\"stub\",stream=\"stripe-charges\"}")
                .contains("caravan_pages_total", "caravan_requests_total", "caravan_waits_total")
                .contains("caravan_retries_total", "caravan_lag_seconds", "remedy=\"wait-until\"");
    }

    /** The whole signature behind the name must not get around the policy. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "exec/" + CONTEXT + "/sendBody(java.lang.String,java.lang.Object)/direct:none/x",
                "exec/" + CONTEXT + "/sendStringBody/direct:none/x",
                "exec/" + CONTEXT + "/stop()",
                "exec/" + ROUTE + "/updateRouteFromXml(java.lang.String)/x",
                "exec/org.apache.camel:context=caravan,type=processors,name=%22stripe-charges-commit%22/disable()",
                "exec/com.sun.management:type=DiagnosticCommand/vmSystemProperties()",
                "read/com.sun.management:type=HotSpotDiagnostic/DiagnosticOptions",
                "read/java.lang:type=Runtime/SystemProperties",
                "exec/java.util.logging:type=Logging/setLoggerLevel/x/FINE",
                "write/" + CONTEXT + "/Tracing/true"
            })
    void thePolicyRefusesWhatNobodyNeeds(String call) throws Exception {
        assertThat(JSON.readTree(get("/actuator/jolokia/" + call)).at("/status").asInt())
                .isEqualTo(403);
    }

    /** Without an answer there is an error in the browser's console. */
    @ParameterizedTest
    @CsvSource({"plugin, []", "preset-connections, []", "proxy/enabled, false"})
    void hawtioIsAnsweredWhatItAsksAsItStarts(String question, String answer) throws Exception {
        assertThat(get("/actuator/hawtio/" + question).strip()).isEqualTo(answer);
    }

    /** Hawtio shows nothing before it has the list, and has asked of each operation in it whether it may be called. */
    @Test
    void theListDescribesEachKindOfBeanOnceAndOursInWords() throws Exception {
        JsonNode list = jolokia("list?listCache=true");
        List<Map.Entry<String, JsonNode>> steps = list.at("/domains/org.apache.camel").properties().stream()
                .filter(bean -> bean.getKey().contains("type=processors"))
                .toList();
        assertThat(steps).hasSizeGreaterThan(60).allMatch(bean -> bean.getValue()
                .isTextual());
        assertThat(list.at("/cache")).hasSizeLessThan(40);

        JsonNode stream = list.at("/cache/dev.caravan:dev.caravan.manage.StreamBean");
        assertThat(stream.at("/attr/Undated/desc").asText()).contains("lack the cursor");
        assertThat(stream.at("/op/pause/desc").asText()).contains("next page border");
        assertThat(stream.at("/op/backfill/args/0/name").asText()).isEqualTo("from");
        assertThat(stream.at("/op/backfill/args/0/desc").asText()).contains("2026-01-01");
        assertThat(jolokia("search/hawtio:type=security,*")).isEmpty();
    }

    @Test
    void stepsAreCountedUnderTheIdsThatTheDiagramShows() throws Exception {
        assertThat(jolokia("exec/" + ROUTE + "/dumpRouteAsXml()").asText())
                .contains("id=\"stripe-charges-commit\"")
                .doesNotContain("{{each}}");
        assertThat(jolokia("exec/" + ROUTE + "/dumpRouteStatsAsXml(boolean,boolean)/true/true")
                        .asText())
                .contains("processorStat id=\"stripe-charges-commit\"");
    }

    @Test
    @Order(Integer.MAX_VALUE - 1)
    void aSuspendedRoutePausesItsRunAndRunNowBeginsAnother() throws Exception {
        untilStream(stream ->
                stream.at("/Running").asBoolean() && stream.at("/Pages").asLong() > 0);
        jolokia("exec/" + ROUTE + "/suspend()");
        untilStream(stream -> stream.at("/LastRun").asText().endsWith("paused"));
        JsonNode paused = jolokia("read/" + CHARGES);
        assertThat(paused.at("/Rows").asLong()).isPositive();

        jolokia("exec/" + ROUTE + "/resume()");
        jolokia("exec/" + CHARGES + "/runNow");
        untilStream(stream -> stream.at("/Running").asBoolean()
                && stream.at("/Pages").asLong() > paused.at("/Pages").asLong());
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void aStopInTheMiddleOfARunIsQuickQuietAndPausesIt() throws Exception {
        process.terminate();
        Ended ended = process.await(Duration.ofSeconds(20));

        assertThat(ended.code()).isIn(0, 143);
        List<String> lines = ended.all().lines().toList();
        assertThat(lines).noneMatch(line -> line.startsWith("\t") || line.contains(" WARN "));
        assertThat(lines).filteredOn(line -> line.contains(" ERROR ")).allMatch(line -> line.contains("broken."));
        assertThat(lines)
                .filteredOn(
                        line -> line.contains(" stripe-charges paused: ") && !line.contains("stopped before it began"))
                .hasSize(2);
        try (Stream<Path> reports = Files.list(home.data().resolve("stub/reports"))) {
            assertThat(reports).isNotEmpty();
        }
    }

    private static void untilStream(Predicate<JsonNode> condition) {
        await().atMost(PATIENCE).until(() -> condition.test(jolokia("read/" + CHARGES)));
    }

    private static JsonNode jolokia(String call) throws Exception {
        JsonNode answer = JSON.readTree(get("/actuator/jolokia/" + call));
        assertThat(answer.at("/status").asInt()).as(answer.toString()).isEqualTo(200);
        return answer.at("/value");
    }

    private static String login(HttpClient browser, CookieManager cookies, String word) throws Exception {
        String form = "username=admin&password=%s&_csrf=%s"
                .formatted(URLEncoder.encode(word, StandardCharsets.UTF_8), cookie(cookies, "XSRF-TOKEN"));
        return browser.send(
                        request("/login")
                                .header("Accept", "text/html")
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(HttpRequest.BodyPublishers.ofString(form))
                                .build(),
                        BodyHandlers.ofString())
                .headers()
                .firstValue("Location")
                .orElse("");
    }

    private static String cookie(CookieManager cookies, String name) {
        return cookies.getCookieStore().getCookies().stream()
                .filter(cookie -> cookie.getName().equals(name))
                .map(HttpCookie::getValue)
                .findFirst()
                .orElseThrow();
    }

    private static String get(String path) throws Exception {
        String credential = Base64.getEncoder().encodeToString(("admin:" + password).getBytes(StandardCharsets.UTF_8));
        return HttpClient.newHttpClient()
                .send(
                        request(path)
                                .header("Authorization", "Basic " + credential)
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }

    private static HttpResponse<String> get(HttpClient client, String path) throws Exception {
        return client.send(request(path).build(), BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(30));
    }
}
