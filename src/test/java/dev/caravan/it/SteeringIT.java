package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;

/** The built jar while it serves: steered over the API by three people, its files edited well and badly, and killed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SteeringIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int ACTIONS = Integer.getInteger("caravan.steering.actions", 50);
    private static final int PAGES = 300;
    private static final int ROWS = 5;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> STREAMS = List.of("one", "two", "three");

    private static final String CONNECTION = """
            - beans:
                - name: acme
                  type: dev.caravan.Connection
                  properties:
                    url: %s
                    auth: {type: bearer, token: "{{acme.token}}"}
                    quotas: [{rate: 5000, per: 1s, burst: 5000}]
                    defaults:
                      records: $.data
                      key: id
                      next: {from: body, value: $.next, to: query.page}
                      query: {from: "${window.from}"}
                      cursor: {field: at, format: iso}
                      start: "2026-01-01"
                      window: 3650d
                      every: 1000d
            """;

    private static final String STREAM = """
            - templatedRoute:
                routeTemplateRef: stream
                routeId: acme-%1$s
                beans:
                  - name: spec
                    type: dev.caravan.Stream
                    properties:
                      path: /%1$s
            """;

    private static final String STEPS = """
            - route:
                id: acme-steps
                from:
                  uri: direct:acme-steps
                  steps:
                    - setProperty: {name: seen, constant: "yes"}
            """;

    private final FakeApi api = FakeApi.start();
    private CaravanHome home;
    private CaravanProcess process;
    private String base;
    private volatile Duration delay = Duration.ofMillis(120);

    @BeforeAll
    void serve(@TempDir Path folder) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        base = "http://127.0.0.1:" + port;
        STREAMS.forEach(stream -> api.on("/" + stream, this::page));
        api.on("/four", this::page);
        home = CaravanHome.in(folder)
                .withEnvironment("ACME_TOKEN", "s3cret-token")
                .withRoute("acme", file())
                .with("caravan.batch-rows=100")
                .with("server.port=" + port);
        Files.writeString(folder.resolve("application.yaml"), users());
        start();
    }

    private void start() {
        process = home.start();
        await().atMost(PATIENCE).until(() -> process.all().contains("console " + base));
    }

    @AfterAll
    void stop() {
        process.close();
        api.close();
    }

    private static String users() {
        return "caravan.users:\n"
                + Map.of("vera", "viewer", "olga", "operator", "adam", "admin").entrySet().stream()
                        .map(each -> "  %s: {role: %s, password: \"%s\"}\n"
                                .formatted(
                                        each.getKey(),
                                        each.getValue(),
                                        PasswordEncoderFactories.createDelegatingPasswordEncoder()
                                                .encode(each.getKey() + "-password")))
                        .collect(Collectors.joining());
    }

    private String file(String... more) {
        return CONNECTION.formatted(api.url())
                + STREAMS.stream().map(STREAM::formatted).collect(Collectors.joining())
                + STEPS
                + String.join("", more);
    }

    private Reply page(Asked asked) {
        if (asked.query("from").compareTo("2026-02") > 0) {
            return Reply.page(List.of(), ""); // everything was made on one day
        }
        int page = asked.query("page").isEmpty() ? 1 : Integer.parseInt(asked.query("page"));
        List<String> records = IntStream.range((page - 1) * ROWS, page * ROWS)
                .mapToObj("{\"id\":%d,\"at\":\"2026-01-05T00:00:00Z\"}"::formatted)
                .toList();
        return Reply.page(records, page < PAGES ? String.valueOf(page + 1) : "")
                .after(asked.path().equals("/one") ? Duration.ofMillis(20) : delay);
    }

    private static List<String> ids() {
        return IntStream.range(0, PAGES * ROWS).mapToObj(String::valueOf).toList();
    }

    @Test
    @Order(1)
    void pausesWithinAPageResumesWithTheNextAndDrains() throws Exception {
        untilPages("one", 10);
        assertThat(post("olga", "/api/streams/acme-one/pause", "").at("/mode").asText())
                .isEqualTo("paused");
        int asked = api.asked("/one").size();
        await().atMost(PATIENCE)
                .until(() -> stream("one").at("/lastStatus").asText().equals("paused"));
        assertThat(api.asked("/one").size() - asked).isLessThanOrEqualTo(1);
        assertThat(jolokia("read/org.apache.camel:context=caravan,type=routes,name=%22acme-one%22/State")
                        .asText())
                .isIn("Suspended", "Started");
        await().atMost(PATIENCE)
                .until(() -> jolokia("read/org.apache.camel:context=caravan,type=routes,name=%22acme-one%22/State")
                        .asText()
                        .equals("Suspended"));
        int before = api.asked("/one").size();

        post("olga", "/api/streams/acme-one/resume", "");
        untilPages("one", 3);
        // Counted pages shift when rows come, so the last one that counts is read again.
        assertThat(Integer.parseInt(api.asked("/one").get(before).query("page")))
                .isBetween(before, before + 1);
        post("olga", "/api/streams/acme-one/drain", "");
        await().atMost(PATIENCE).until(() -> stream("one").at("/mode").asText().equals("stopped"));
        assertThat(stream("one").at("/lastStatus").asText()).isEqualTo("done");
        home.landed("acme/one").assertExactlyOnce(ids(), "id");
        assertThat(post("olga", "/api/streams/acme-one/start", "").at("/mode").asText())
                .isEqualTo("active");
    }

    @Test
    @Order(2)
    void badEditsHarmNothingAndAreShownAndAGoodOneIsAppliedInFiveSeconds() throws Exception {
        Path file = home.routes().resolve("acme.camel.yaml");
        Map<String, String> mistakes = new java.util.LinkedHashMap<>();
        mistakes.put("- beans: [\n", "not readable");
        mistakes.put("", "is empty");
        mistakes.put(file().substring(0, 700), "");
        mistakes.put(file().replace("path: /two", "pth: /two"), "unknown setting 'pth'");
        mistakes.put(file().replace("uri: direct:acme-steps", "uri: nosuch:x"), "nosuch");
        mistakes.put(file().replace("constant: \"yes\"", "simple: \"${body\""), "expected symbol");
        mistakes.put(file(STREAM.formatted("one")), "already defined");
        int runs = 0;
        for (Map.Entry<String, String> mistake : mistakes.entrySet()) {
            Files.writeString(file, mistake.getKey());
            await().atMost(PATIENCE).until(() -> {
                JsonNode shown = get("vera", "/api/files").at("/0");
                return shown.at("/state").asText().equals("bad")
                        && shown.at("/mistakes/0/message").asText().contains(mistake.getValue());
            });
            for (String stream : STREAMS) {
                runs += stream(stream).at("/run").isNull() ? 0 : 1;
            }
        }
        assertThat(get("vera", "/actuator/health")
                        .at("/components/streams/details/mistakes/0")
                        .asText())
                .startsWith("acme.camel.yaml:");
        assertThat(jolokia("read/dev.caravan:type=Files,name=routes/Mistakes").toString())
                .contains("already defined");
        assertThat(runs).as("runs were under way").isPositive();
        delay = Duration.ofMillis(2);

        long saved = System.nanoTime();
        Files.writeString(file, file(STREAM.formatted("four")));
        await().atMost(PATIENCE).until(() -> get("vera", "/api/streams").size() == 4);
        assertThat(Duration.ofNanos(System.nanoTime() - saved)).isLessThan(Duration.ofSeconds(5));
        assertThat(get("vera", "/api/files").at("/0/mistakes")).isEmpty();
        assertThat(jolokia("read/dev.caravan:type=Stream,name=acme-four/Mode").asText())
                .isEqualTo("active");
        // The new one too: what it has staged would be taken for something left behind.
        for (String stream : List.of("two", "three", "four")) {
            await().atMost(PATIENCE)
                    .until(() -> stream(stream).at("/lastStatus").asText().equals("done"));
        }
        for (String stream : List.of("two", "three")) {
            home.landed("acme/" + stream).assertExactlyOnce(ids(), "id");
        }
    }

    @Test
    @Order(3)
    void nobodyDoesWhatTheirRoleDoesNotAllow() throws Exception {
        JsonNode paths = new YAMLMapper()
                .readTree(text("vera", "GET", "/api/openapi.yaml", "").body())
                .path("paths");
        List<String> roles = List.of("viewer", "operator", "admin");
        List<String> users = List.of("vera", "olga", "adam");
        int looked = 0;
        for (Map.Entry<String, JsonNode> path : paths.properties()) {
            String address = path.getKey().replace("{id}", "acme-none").replace("{name}", "none");
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                String verb = method.getKey().toUpperCase(java.util.Locale.ROOT);
                int needed = roles.indexOf(method.getValue().path("x-role").asText());
                assertThat(text("", verb, address, "{}").statusCode())
                        .as(verb + address)
                        .isEqualTo(401);
                for (int user = 0; user < users.size(); user++) {
                    HttpResponse<String> answer = text(users.get(user), verb, address, "{}");
                    if (user < needed) {
                        assertThat(answer.statusCode())
                                .as(users.get(user) + " " + verb + address)
                                .isEqualTo(403);
                    } else {
                        assertThat(answer.statusCode())
                                .as(users.get(user) + " " + verb + address)
                                .isIn(200, 400, 404);
                    }
                    assertThat(answer.body()).doesNotContain("\tat ", "Exception", "s3cret");
                    looked++;
                }
            }
        }
        assertThat(looked).isGreaterThan(60);
        String pause = "/actuator/jolokia/exec/dev.caravan:type=Stream,name=acme-one/pause";
        assertThat(get("vera", pause).at("/status").asInt()).isEqualTo(403);
        assertThat(get("olga", pause).at("/status").asInt()).isEqualTo(200);
        String start =
                "/actuator/jolokia/exec/org.apache.camel:context=caravan,type=routes,name=%22acme-one%22/resume()";
        await().atMost(PATIENCE)
                .until(() -> jolokia("read/org.apache.camel:context=caravan,type=routes,name=%22acme-one%22/State")
                        .asText()
                        .equals("Suspended"));
        assertThat(get("vera", start).at("/status").asInt()).isEqualTo(403);
        assertThat(get("olga", start).at("/status").asInt()).isEqualTo(200);
        assertThat(stream("one").at("/mode").asText()).isEqualTo("active");
        List<String> audit =
                text("adam", "GET", "/api/audit?limit=2", "").body().lines().toList();
        assertThat(audit.get(0)).contains("\"by\":\"olga\"", "\"via\":\"console\"", "\"action\":\"resume\"");
        assertThat(audit.get(1)).contains("\"by\":\"olga\"", "\"action\":\"pause\"", "\"before\":\"active\"");
    }

    @Test
    @Order(4)
    void randomActionsLandEveryRecordOnce() throws Exception {
        Random random = new Random(Long.getLong("caravan.seed", 7));
        List<String> actions = List.of("pause", "resume", "stop", "start", "drain", "run", "run", "start", "resume");
        for (int i = 0; i < ACTIONS; i++) {
            String action = actions.get(random.nextInt(actions.size()));
            int status =
                    text("olga", "POST", "/api/streams/acme-four/" + action, "").statusCode();
            assertThat(status).isIn(200, 409);
            int pages = api.asked("/four").size() + random.nextInt(6);
            await().pollInterval(Duration.ofMillis(5))
                    .until(() -> api.asked("/four").size() >= pages
                            || stream("four").at("/run").isNull());
        }
        post("olga", "/api/streams/acme-four/start", "");
        post("olga", "/api/streams/acme-four/run", "");
        await().atMost(PATIENCE)
                .until(() -> stream("four").at("/run").isNull()
                        && stream("four").at("/lastStatus").asText().equals("done"));
        home.landed("acme/four").assertExactlyOnce(ids(), "id");
    }

    @Test
    @Order(5)
    void killedInTheMiddleOfABadSaveItComesBackWithTheGoodFileAndWhatWasSaid() throws Exception {
        post("olga", "/api/streams/acme-two/stop", "");
        Path file = home.routes().resolve("acme.camel.yaml");
        Files.writeString(file, file(STREAM.formatted("four")).substring(0, 900));
        process.kill();
        process.await(Duration.ofSeconds(10));
        start();
        JsonNode streams = get("vera", "/api/streams");
        List<String> ids = new ArrayList<>();
        streams.forEach(stream -> ids.add(stream.at("/stream").asText()));
        assertThat(ids).containsExactly("acme-four", "acme-one", "acme-three", "acme-two");
        assertThat(get("vera", "/api/files").at("/0/state").asText()).isEqualTo("copy");
        assertThat(stream("two").at("/mode").asText()).isEqualTo("stopped");
        assertThat(process.all()).contains("its last good copy is used until it is mended");
        Files.writeString(file, file(STREAM.formatted("four")));
        await().atMost(PATIENCE)
                .until(() -> get("vera", "/api/files").at("/0/state").asText().equals("good"));
    }

    private void untilPages(String stream, int more) throws Exception {
        int pages = api.asked("/" + stream).size() + more;
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> api.asked("/" + stream).size() >= pages);
    }

    private JsonNode stream(String name) throws Exception {
        return get("vera", "/api/streams/acme-" + name);
    }

    private JsonNode jolokia(String call) throws Exception {
        JsonNode answer = get("olga", "/actuator/jolokia/" + call);
        assertThat(answer.at("/status").asInt()).as(answer.toString()).isEqualTo(200);
        return answer.at("/value");
    }

    private JsonNode get(String user, String path) throws Exception {
        return JSON.readTree(text(user, "GET", path, "").body());
    }

    private JsonNode post(String user, String path, String body) throws Exception {
        HttpResponse<String> answer = text(user, "POST", path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private HttpResponse<String> text(String user, String method, String path, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .method(method, method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!user.isEmpty()) {
            String credential = user + ":" + user + "-password";
            request.header(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(credential.getBytes(StandardCharsets.UTF_8)));
        }
        return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    }
}
