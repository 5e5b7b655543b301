package dev.caravan.manage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.http.MediaType.APPLICATION_JSON;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.caravan.camel.HttpTransport;
import dev.caravan.camel.LiveRoutes;
import dev.caravan.camel.SteeredRoutes;
import dev.caravan.camel.StreamMaker;
import dev.caravan.camel.StreamRoutes;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.definition.VendorFileReader;
import dev.caravan.run.LiveStream;
import dev.caravan.run.Steering;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.apache.camel.impl.DefaultCamelContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.converter.ByteArrayHttpMessageConverter;
import org.springframework.http.converter.StringHttpMessageConverter;
import org.springframework.http.converter.json.Jackson2ObjectMapperBuilder;
import org.springframework.http.converter.json.MappingJackson2HttpMessageConverter;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

class ApiTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Workshop workshop;
    private final Audit audit;
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final LiveRoutes files;
    private final MockMvc api;

    ApiTest(@TempDir Path folder) {
        MutableClock clock = new MutableClock("2026-03-11T00:00:00Z");
        workshop = new Workshop(folder.resolve("data"), clock);
        workshop.live(Workshop.vendor("https://api.acme.example", Workshop.stream("orders", Workshop.ORDERS)));
        audit = new Audit(folder.resolve("data/state"));
        Steering steering = new Steering(workshop.streams(), workshop.store(), clock, audit);
        StreamRoutes routes = new StreamRoutes(
                folder,
                new VendorFileReader(vendor -> List.of(), UnaryOperator.identity(), folder),
                new StreamMaker() {
                    @Override
                    public LiveStream make(StreamDefinition definition, @Nullable LiveStream before) {
                        throw new IllegalStateException("Nothing is to be made here");
                    }

                    @Override
                    public void check(StreamDefinition definition) {}
                },
                workshop.streams(),
                new HttpTransport(1));
        files = new LiveRoutes(
                context, routes, workshop.streams(), steering, new SteeredRoutes(context, workshop.streams()), clock);
        Jackson2ObjectMapperBuilder json = Jackson2ObjectMapperBuilder.json();
        json.featuresToDisable(com.fasterxml.jackson.databind.SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);
        new Api().smallBodies().customize(json);
        api = MockMvcBuilders.standaloneSetup(
                        new StreamsApi(workshop.streams(), steering, clock, Duration.ofMinutes(5)),
                        new ConnectionsApi(workshop.streams(), steering),
                        new FilesApi(files),
                        new ProcessApi(audit))
                .setControllerAdvice(new ApiProblems())
                .setMessageConverters(
                        new StringHttpMessageConverter(),
                        new ByteArrayHttpMessageConverter(),
                        new MappingJackson2HttpMessageConverter(json.build()))
                .build();
    }

    @BeforeEach
    void logIn() {
        SecurityContextHolder.getContext()
                .setAuthentication(new TestingAuthenticationToken("ann", "", "ROLE_VIEWER", "ROLE_OPERATOR"));
    }

    @AfterEach
    void close() {
        SecurityContextHolder.clearContext();
        workshop.close();
    }

    @Test
    void theDocumentNamesEveryAddressAndNoOther() throws Exception {
        Map<String, Set<String>> documented = new TreeMap<>();
        document().path("paths").properties().forEach(path -> {
            Set<String> methods = new TreeSet<>();
            path.getValue()
                    .fieldNames()
                    .forEachRemaining(method -> methods.add(method.toUpperCase(java.util.Locale.ROOT)));
            documented.put(path.getKey(), methods);
        });
        Map<String, Set<String>> there = new TreeMap<>();
        RequestMappingHandlerMapping mapping =
                api.getDispatcherServlet().getWebApplicationContext().getBean(RequestMappingHandlerMapping.class);
        for (RequestMappingInfo each : mapping.getHandlerMethods().keySet()) {
            for (String path : each.getPatternValues()) {
                each.getMethodsCondition().getMethods().forEach(method -> there.computeIfAbsent(
                                path, any -> new TreeSet<>())
                        .add(method.name()));
            }
        }
        assertThat(documented).isEqualTo(there);
    }

    @Test
    void theDocumentHasTheFieldsOfEveryAnswerAndBody() throws Exception {
        JsonNode schemas = document().path("components").path("schemas");
        List<Class<?>> records = new ArrayList<>(List.of(
                dev.caravan.run.StreamView.class,
                dev.caravan.run.SliceView.class,
                dev.caravan.run.ConnectionView.class,
                dev.caravan.run.RunSummary.class,
                dev.caravan.run.DryRun.class,
                dev.caravan.camel.FileView.class,
                dev.caravan.camel.FileView.Mistake.class,
                StreamsApi.Backfill.class,
                StreamsApi.Skip.class,
                StreamsApi.Trial.class,
                ConnectionsApi.Rate.class,
                ConnectionsApi.InFlight.class,
                ProcessApi.Me.class));
        for (Class<?> record : records) {
            Map<String, String> fields = new TreeMap<>();
            for (RecordComponent component : record.getRecordComponents()) {
                fields.put(component.getName(), kind(component.getGenericType()));
            }
            Map<String, String> documented = new TreeMap<>();
            schemas.path(record.getSimpleName())
                    .path("properties")
                    .properties()
                    .forEach(field -> documented.put(field.getKey(), kind(field.getValue())));
            assertThat(documented).as(record.getSimpleName()).isEqualTo(fields);
        }
    }

    private static String kind(Type type) {
        if (type instanceof ParameterizedType list) {
            return "array of " + kind(list.getActualTypeArguments()[0]);
        }
        if (type == long.class || type == int.class || type == Integer.class) {
            return "integer";
        }
        if (type == double.class || type == Double.class) {
            return "number";
        }
        if (type == Instant.class) {
            return "date-time";
        }
        return type == String.class || ((Class<?>) type).isEnum() ? "string" : ((Class<?>) type).getSimpleName();
    }

    private static String kind(JsonNode schema) {
        if (schema.has("$ref")) {
            return schema.path("$ref").asText().replaceFirst(".*/", "");
        }
        if (schema.path("type").asText().equals("array")) {
            return "array of " + kind(schema.path("items"));
        }
        JsonNode type = schema.path("type");
        String kind = type.isArray() ? type.get(0).asText() : type.asText();
        return schema.has("format") ? schema.path("format").asText() : kind;
    }

    private static JsonNode document() throws Exception {
        return new YAMLMapper().readTree(Files.readString(Path.of("src/main/resources/caravan/openapi.yaml")));
    }

    @Test
    void steersAndShows() throws Exception {
        assertThat(json(get("/api/streams")).at("/0/stream").asText()).isEqualTo("acme-orders");
        assertThat(json(post("/api/streams/acme-orders/pause")).at("/mode").asText())
                .isEqualTo("paused");
        assertThat(json(get("/api/streams/acme-orders")).at("/modeBy").asText()).isEqualTo("ann (api)");
        assertThat(json(post("/api/streams/acme-orders/resume")).at("/mode").asText())
                .isEqualTo("active");
        assertThat(json(body(
                                post("/api/streams/acme-orders/backfill"),
                                "{\"from\":\"2026-03-01\",\"to\":\"2026-03-02\",\"parallel\":2}"))
                        .at("/askedRuns")
                        .asInt())
                .isEqualTo(1);
        assertThat(json(body(post("/api/connections/acme/rate"), "{\"perSecond\":2.5}"))
                        .at("/quotas/0")
                        .asText())
                .isEqualTo("2.5 per 1s, burst 2.5");
        assertThat(json(body(post("/api/connections/acme/in-flight"), "{\"requests\":3}"))
                        .at("/maxInFlight")
                        .asInt())
                .isEqualTo(3);
        assertThat(json(post("/api/connections/acme/restore"))
                        .at("/maxInFlight")
                        .asInt())
                .isEqualTo(64);
        assertThat(json(post("/api/connections/acme/reset-breaker"))
                        .at("/breaker")
                        .asText())
                .isEqualTo("closed");
        assertThat(json(get("/api/streams/acme-orders/runs"))).isEmpty();
        assertThat(json(get("/api/files"))).isEmpty();

        List<String> actions = new ArrayList<>();
        for (String line :
                answer(get("/api/audit"), 200).getContentAsString().lines().toList()) {
            actions.add(JSON.readTree(line).path("action").asText() + " by "
                    + JSON.readTree(line).path("by").asText());
        }
        assertThat(actions)
                .containsExactly(
                        "reset-breaker by ann",
                        "restore by ann",
                        "in-flight by ann",
                        "rate by ann",
                        "backfill by ann",
                        "resume by ann",
                        "pause by ann");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET  | /api/streams/nobody | | 404 | There is no stream 'nobody'",
                "POST | /api/streams/nobody/pause | | 404 | There is no stream 'nobody'",
                "GET  | /api/connections/nobody | | 404 | There is no connection 'nobody'",
                "POST | /api/streams/acme-orders/skip | {\"slice\":\"x\"} | 409 | acme-orders is not being pulled",
                "POST | /api/streams/acme-orders/backfill | {} | 400 | a backfill needs both 'from' and 'to'",
                "POST | /api/streams/acme-orders/backfill | {\"from\":\"x\",\"to\":\"y\"} | 400 | from 'x' is no day or time",
                "POST | /api/streams/acme-orders/backfill | {\"form\":\"x\"} | 400 | unknown field 'form'; known are: from",
                "POST | /api/streams/acme-orders/backfill | {\"parallel\":\"many\"} | 400 | The field 'parallel' of the body",
                "POST | /api/streams/acme-orders/backfill | {\"from\": | 400 | not a JSON object",
                "POST | /api/streams/acme-orders/backfill | | 400 | The body is missing",
                "POST | /api/streams/acme-orders/dry-run | {\"limit\":0} | 400 | limit=0 is not from 1 to 1000",
                "POST | /api/connections/acme/rate | {\"perSecond\":-1} | 400 | rate=-1.0 is not above 0",
                "POST | /api/connections/acme/rate | {} | 400 | 'perSecond' is missing",
                "POST | /api/connections/acme/in-flight | {\"requests\":0} | 400 | in-flight=0 is not at least 1",
                "GET  | /api/streams/acme-orders/runs?limit=x | | 400 | Failed to convert 'limit'",
                "GET  | /api/audit?limit=0 | | 400 | limit=0 is not from 1 to 1000",
                "DELETE | /api/streams/acme-orders | | 405 | Method 'DELETE' is not supported"
            })
    void answersWhatCannotBeDoneAsAProblem(String method, String path, String body, int status, String detail)
            throws Exception {
        MockHttpServletRequestBuilder request =
                org.springframework.test.web.servlet.request.MockMvcRequestBuilders.request(
                        org.springframework.http.HttpMethod.valueOf(method.strip()), path);
        MockHttpServletResponse answer =
                answer(body == null ? request.contentType(APPLICATION_JSON) : body(request, body), status);
        assertThat(answer.getContentType()).startsWith("application/problem+json");
        JsonNode problem = JSON.readTree(answer.getContentAsString());
        assertThat(problem.path("detail").asText()).contains(detail);
        assertThat(problem.path("status").asInt()).isEqualTo(status);
        assertThat(answer.getContentAsString()).doesNotContain("dev.caravan", "Exception", "\tat ");
    }

    @Test
    void readsNoLargeBody() throws Exception {
        String large = "{\"from\":\"%s\"}".formatted("9".repeat(70_000));
        answer(body(post("/api/streams/acme-orders/backfill"), large), 400);
    }

    @Test
    void keepsTheAuditWithinBounds(@TempDir Path folder) {
        Audit small = new Audit(folder, 500);
        for (int i = 0; i < 100; i++) {
            small.accept(new dev.caravan.run.Act(
                    Instant.EPOCH, new dev.caravan.run.By("ann\n", "api"), "act-" + i, "x", "", ""));
        }
        assertThat(folder.toFile().list()).hasSize(5).contains("audit.ndjson", "audit.4.ndjson");
        assertThat(small.latest(3)).hasSize(3).first().asString().contains("act-99", "ann\\n");
        assertThat(small.latest(1000)).hasSizeBetween(15, 30);
    }

    private static MockHttpServletRequestBuilder body(MockHttpServletRequestBuilder request, String json) {
        return request.contentType(APPLICATION_JSON).content(json);
    }

    private JsonNode json(MockHttpServletRequestBuilder request) throws Exception {
        return JSON.readTree(answer(request, 200).getContentAsString());
    }

    private MockHttpServletResponse answer(MockHttpServletRequestBuilder request, int status) throws Exception {
        MockHttpServletResponse answer = api.perform(request).andReturn().getResponse();
        assertThat(answer.getStatus()).as(answer.getContentAsString()).isEqualTo(status);
        return answer;
    }
}
