package dev.caravan.camel;

import static dev.caravan.testkit.Workshop.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Headers;
import dev.caravan.run.RunRequest;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.run.SlicePull;
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
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.StatefulService;
import org.apache.camel.builder.AdviceWith;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class StreamTemplateTest {
    private static final Set<String> SHAPE = Set.of(
            "open",
            "slices",
            "slice",
            "address",
            "batches",
            "pages",
            "ask",
            "request",
            "fetch",
            "decode",
            "read",
            "ahead",
            "fetch-ahead",
            "records",
            "filter",
            "dedupe",
            "keep",
            "turn",
            "write",
            "commit",
            "close");

    /** Four orders a day, from the first of March; a page has three. */
    private static final Orders API = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofHours(6), 1000, 3);

    private static final List<Long> TEN_DAYS = LongStream.range(0, 40).boxed().toList();

    private final Path folder;
    private final Workshop workshop;
    private volatile Function<Asked, Reply> script = StreamTemplateTest::usual;
    private final FakeApi api = FakeApi.start().on("/orders", asked -> script.apply(asked));

    StreamTemplateTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder.resolve("data"), new MutableClock("2026-03-11T00:00:00Z"));
    }

    @AfterEach
    void close() {
        api.close();
        workshop.close();
    }

    @Test
    void showsEveryStepUnderItsOwnId() throws Exception {
        try (LoadedRoutes routes = load(
                Workshop.stream("orders", ORDERS), Workshop.stream("other", ORDERS + "each: direct:same\n"), same())) {
            routes.context().start();
            assertThat(routes.steps("acme-orders")).isEqualTo(SHAPE);
            assertThat(routes.steps("acme-other"))
                    .containsAll(SHAPE)
                    .contains("each-record", "each")
                    .hasSize(SHAPE.size() + 2);
        }
    }

    @Test
    void pullsThreeStreamsAtOnceAndTheirSlicesInParallel() throws Exception {
        CountDownLatch together = new CountDownLatch(3);
        script = asked -> {
            together.countDown();
            // The first three requests are answered when there are three of them.
            meet(together);
            return usual(asked);
        };
        try (LoadedRoutes routes = load(
                Workshop.stream("one", ORDERS + "parallel: 4\n"),
                Workshop.stream("two", ORDERS + "parallel: 4\n"),
                Workshop.stream("three", ORDERS))) {
            assertThat(routes.pull("acme-one", "acme-two", "acme-three"))
                    .extracting(RunSummary::status)
                    .containsOnly(RunStatus.DONE);
        }
        assertThat(workshop.ids("acme/one")).isEqualTo(TEN_DAYS);
        assertThat(workshop.ids("acme/two")).isEqualTo(TEN_DAYS);
        assertThat(workshop.ids("acme/three")).isEqualTo(TEN_DAYS);
    }

    @Test
    void pullsAsManySlicesAtOnceAsTheRunSaysAndThenAsTheStreamSays() throws Exception {
        AtomicInteger open = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch together = new CountDownLatch(4);
        script = asked -> {
            most.accumulateAndGet(open.incrementAndGet(), Math::max);
            together.countDown();
            meet(together);
            open.decrementAndGet();
            return usual(asked);
        };
        try (LoadedRoutes routes = load(Workshop.stream("orders", ORDERS))) {
            RunRequest wide = RunRequest.now().withParallel(4);
            routes.streams().live("acme-orders").ask(wide);
            routes.context().start();
            assertThat(wide.done().get(30, TimeUnit.SECONDS).status()).isEqualTo(RunStatus.DONE);
            assertThat(most.get()).isEqualTo(4);
            most.set(0);
            routes.streams().live("acme-orders").resetState();
            RunRequest narrow = routes.ask("acme-orders");
            assertThat(narrow.done().get(30, TimeUnit.SECONDS).status()).isEqualTo(RunStatus.DONE);
            assertThat(most.get()).isEqualTo(1);
        }
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void pullsAsManySlicesAtOnceAsTheStreamSays() throws Exception {
        CountDownLatch together = new CountDownLatch(4);
        script = asked -> {
            together.countDown();
            meet(together);
            return usual(asked);
        };
        try (LoadedRoutes routes = load(Workshop.stream("orders", ORDERS + "parallel: 4\n"))) {
            assertThat(routes.pull("acme-orders").get(0).status()).isEqualTo(RunStatus.DONE);
        }
        assertThat(together.getCount()).isZero();
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void slicesSideBySideWriteAtDifferentTimes() throws Exception {
        String twoSlices =
                ORDERS.replace("window: 1d", "window: 5d") + "parallel: 2\nsink: {format: ndjson, batch: {rows: 12}}\n";
        try (LoadedRoutes routes = load(Workshop.stream("orders", twoSlices))) {
            assertThat(routes.pull("acme-orders").get(0).status()).isEqualTo(RunStatus.DONE);
        }
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
        // Twenty rows each: six, twelve and two of the first slice, twelve and eight of the second.
        try (Stream<Path> files = Files.walk(workshop.engine().data().resolve("acme/orders"))) {
            assertThat(files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".ndjson.gz"))
                            .distinct())
                    .hasSize(5);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void commitsTheOtherSlicesWhenOneFails(int parallel) throws Exception {
        script = asked -> asked.query("from").startsWith("2026-03-03") ? trouble(401) : usual(asked);
        try (LoadedRoutes routes = load(Workshop.stream("orders", ORDERS + "parallel: " + parallel + "\n"))) {
            RunSummary summary = routes.pull("acme-orders").get(0);
            assertThat(summary.status()).isEqualTo(RunStatus.PARTIAL);
            assertThat(summary.error()).contains("2026-03-03", "401");
            assertThat(workshop.ids("acme/orders")).hasSize(36).doesNotHaveDuplicates();
            script = StreamTemplateTest::usual;
            assertThat(routes.pull("acme-orders").get(0).status()).isEqualTo(RunStatus.DONE);
        }
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void landsTheSameRowsOneByOneAsPageByPage() throws Exception {
        try (LoadedRoutes routes = load(
                Workshop.stream("orders", ORDERS), Workshop.stream("single", ORDERS + "each: direct:same\n"), same())) {
            assertThat(routes.pull("acme-orders", "acme-single"))
                    .extracting(RunSummary::status)
                    .containsOnly(RunStatus.DONE);
        }
        assertThat(withoutOurs(workshop.rows("acme/single"))).isEqualTo(withoutOurs(workshop.rows("acme/orders")));
    }

    @Test
    void dropsWhatTheStreamsOwnStepsEmpty() throws Exception {
        String drop = """
                - route:
                    id: drop-deleted
                    from:
                      uri: direct:drop
                      steps:
                        - filter:
                            simple: "${body[status]} == 'deleted'"
                            steps:
                              - setBody: {constant: ""}
                """;
        try (LoadedRoutes routes = load(Workshop.stream("orders", ORDERS + "each: direct:drop\n"), drop)) {
            RunSummary summary = routes.pull("acme-orders").get(0);
            assertThat(summary.rows()).isEqualTo(30);
            assertThat(summary.dropped()).isEqualTo(10);
        }
        assertThat(workshop.rows("acme/orders"))
                .noneMatch(row -> row.path("status").asText().equals("deleted"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "each: direct:same\n"})
    void keepsWhatIsFilteredOrSeenOutOfTheNextPage(String each) throws Exception {
        // Pages in this order: one that is kept, one outside the slice, the first records again, one that is kept.
        List<String> pages = List.of("1,2", "901,902", "2,1", "3,4");
        script = asked -> {
            int page = asked.query("page").isEmpty() ? 1 : Integer.parseInt(asked.query("page"));
            String records = List.of(pages.get(page - 1).split(",", -1)).stream()
                    .map(id -> "{\"id\":%s,\"at\":\"%s\"}".formatted(id, id.length() > 1 ? "2025-01-01" : "2026-03-10"))
                    .reduce("", (a, b) -> a.isEmpty() ? b : a + "," + b);
            return Reply.ok("{\"data\":[%s]%s}".formatted(records, page < 4 ? ",\"next\":\"" + (page + 1) + "\"" : ""));
        };
        String properties = ORDERS.replace("2026-03-01", "2026-03-10") + each;
        try (LoadedRoutes routes = load(Workshop.stream("orders", properties), same())) {
            RunSummary summary = routes.pull("acme-orders").get(0);
            assertThat(summary.status()).isEqualTo(RunStatus.DONE);
            assertThat(summary.dropped()).isEqualTo(2);
            assertThat(summary.duplicates()).isEqualTo(2);
        }
        assertThat(workshop.ids("acme/orders")).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void removesOneStreamWithoutStoppingTheDuplicateCheckOfTheOthers() throws Exception {
        try (LoadedRoutes routes = load(Workshop.stream("gone", ORDERS), Workshop.stream("orders", ORDERS))) {
            routes.pull("acme-gone");
            routes.context().getRouteController().stopRoute("acme-gone");
            assertThat(routes.context().removeRoute("acme-gone")).isTrue();
            assertThat(routes.pull("acme-orders").get(0).status()).isEqualTo(RunStatus.DONE);
        }
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stop", "suspend"})
    void endsPausedAtAPageBorderWhenItsRouteStopsAndGoesOnThere(String how) throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch stopping = new CountDownLatch(1);
        script = asked -> {
            if (asked.query("from").startsWith("2026-03-04")) {
                arrived.countDown();
                meet(stopping);
            }
            return usual(asked);
        };
        try (LoadedRoutes routes = load(Workshop.stream("orders", ORDERS))) {
            RunRequest request = routes.ask("acme-orders");
            routes.context().start();
            meet(arrived);
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> stop(routes, how));
            await().until(() -> !consumer(routes).isStarted());
            stopping.countDown();
            RunSummary paused = request.done().get(10, TimeUnit.SECONDS);
            stopped.get(10, TimeUnit.SECONDS);
            assertThat(paused.status()).isEqualTo(RunStatus.PAUSED);
            assertThat(paused.checkpoint()).isEqualTo("2026-03-04T00:00:00Z");
            assertThat(paused.rows()).isEqualTo(15);
            script = StreamTemplateTest::usual;
            int before = api.asked().size();
            RunRequest again = routes.ask("acme-orders");
            if (how.equals("stop")) {
                routes.context().getRouteController().startRoute("acme-orders");
            } else {
                routes.context().getRouteController().resumeRoute("acme-orders");
            }
            assertThat(again.done().get(10, TimeUnit.SECONDS).status()).isEqualTo(RunStatus.DONE);
            assertThat(api.asked().get(before).query("page")).isEqualTo("2");
        }
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void repeatsRequestAndJudgementTogether() throws Exception {
        AtomicInteger first = new AtomicInteger();
        List<Reply> troubles = List.of(trouble(503), Reply.cut(), Reply.ok("{\"error\":\"busy, come back\"}"));
        script = asked -> {
            int turn = asked.query("from").startsWith("2026-03-01")
                            && asked.query("page").isEmpty()
                    ? first.getAndIncrement()
                    : troubles.size();
            return turn < troubles.size() ? troubles.get(turn) : usual(asked);
        };
        try (LoadedRoutes routes = load(
                "        outcomes: [{body-contains: come back, then: retry}]\n", Workshop.stream("orders", ORDERS))) {
            RunSummary summary = routes.pull("acme-orders").get(0);
            assertThat(summary.status()).isEqualTo(RunStatus.DONE);
            assertThat(summary.retries()).isEqualTo(3);
            assertThat(summary.requests()).isEqualTo(23);
            assertThat(routes.streams()
                            .live("acme-orders")
                            .connection()
                            .limiter()
                            .inFlight())
                    .isZero();
        }
        assertThat(api.asked()).hasSize(23);
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void givesUpAfterThreeRepetitions() throws Exception {
        script = asked -> trouble(500);
        try (LoadedRoutes routes = load(Workshop.stream("orders", ORDERS.replace("window: 1d", "window: 100d")))) {
            RunSummary summary = routes.pull("acme-orders").get(0);
            assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
            assertThat(summary.error()).contains("HTTP 500").doesNotContain("s3cret");
            assertThat(routes.streams()
                            .live("acme-orders")
                            .connection()
                            .limiter()
                            .inFlight())
                    .isZero();
        }
        assertThat(api.asked()).hasSize(4);
    }

    @Test
    void sendsNoHeaderOfAnAnswerWithTheNextRequest() throws Exception {
        script = asked -> usual(asked)
                .header("Authorization", "Bearer stolen")
                .header("X-Evil", "1")
                .header("Set-Cookie", "session=1")
                .header("CamelHttpUri", "http://127.0.0.1:1/evil");
        try (LoadedRoutes routes = load(Workshop.stream("orders", ORDERS))) {
            assertThat(routes.pull("acme-orders").get(0).status()).isEqualTo(RunStatus.DONE);
        }
        assertThat(api.asked()).hasSize(20).allSatisfy(asked -> assertThat(asked.headers())
                .containsEntry("Authorization", List.of("Bearer s3cret-token"))
                .doesNotContainKeys("X-Evil", "Cookie", "Set-Cookie", "CamelHttpUri"));
    }

    @Test
    void letsGoOfEachAnswerBeforeTheNextPage() throws Exception {
        AtomicInteger most = new AtomicInteger();
        String oneSlice = ORDERS.replace("window: 1d", "window: 100d");
        try (LoadedRoutes routes = load(Workshop.stream("orders", oneSlice))) {
            AdviceWith.adviceWith(routes.context(), "acme-orders", route -> route.weaveById("acme-orders-turn")
                    .after()
                    .process(exchange -> most.accumulateAndGet(completions(exchange), Math::max)));
            assertThat(routes.pull("acme-orders").get(0).pages()).isEqualTo(14);
        }
        assertThat(most.get()).isLessThan(3);
    }

    @Test
    void letsATestReplaceTheFetchByItsId() throws Exception {
        try (LoadedRoutes routes = load(Workshop.stream("orders", ORDERS))) {
            AdviceWith.adviceWith(routes.context(), "acme-orders", route -> {
                route.weaveById("acme-orders-ahead").remove();
                route.weaveById("acme-orders-fetch").replace().process(StreamTemplateTest::withoutNetwork);
            });
            assertThat(routes.pull("acme-orders").get(0).rows()).isEqualTo(40);
        }
        assertThat(api.asked()).isEmpty();
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    private static void withoutNetwork(Exchange exchange) {
        SlicePull slice = StreamSteps.slice(exchange);
        slice.left();
        URI asked = URI.create("/?" + exchange.getMessage().getHeader(Exchange.HTTP_QUERY));
        byte[] body = API.answer(asked).getBytes(StandardCharsets.UTF_8);
        exchange.getMessage().setBody(slice.answered(new Answer(200, Headers.of(Map.of()), body)));
    }

    /** Counts what waits for the end of the exchange's unit of work, and leaves it there. */
    private static int completions(Exchange exchange) {
        AtomicInteger count = new AtomicInteger();
        exchange.getUnitOfWork().handoverSynchronization(exchange, each -> {
            count.incrementAndGet();
            return false;
        });
        return count.get();
    }

    private LoadedRoutes load(String... parts) throws Exception {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        Files.writeString(routes.resolve("acme.camel.yaml"), Workshop.vendor(api.url(), parts));
        LoadedRoutes loaded = new LoadedRoutes(workshop, routes, Map.of());
        assertThat(loaded.streams().problems()).isEmpty();
        return loaded;
    }

    private static String same() {
        return """
                - route:
                    id: same
                    from:
                      uri: direct:same
                      steps:
                        - setProperty: {name: seen, constant: "yes"}
                """;
    }

    private static Reply usual(Asked asked) {
        return Reply.ok(API.answer(asked.uri()));
    }

    private static Reply trouble(int status) {
        return Reply.status(status).json("{\"message\":\"scripted\"}");
    }

    private static StatefulService consumer(LoadedRoutes routes) {
        Route route = routes.context().getRoute("acme-orders");
        return (StatefulService) route.getConsumer();
    }

    private static void stop(LoadedRoutes routes, String how) {
        try {
            if (how.equals("stop")) {
                routes.context().getRouteController().stopRoute("acme-orders");
            } else {
                routes.context().getRouteController().suspendRoute("acme-orders");
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void meet(CountDownLatch latch) {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("Nobody came");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static List<String> withoutOurs(List<JsonNode> rows) {
        return rows.stream()
                .sorted(Comparator.comparing(row -> row.path("id").asLong()))
                .map(row -> {
                    com.fasterxml.jackson.databind.node.ObjectNode own = row.deepCopy();
                    own.remove(List.of("_caravan_run", "_caravan_extracted_at"));
                    return own.toString();
                })
                .toList();
    }
}
