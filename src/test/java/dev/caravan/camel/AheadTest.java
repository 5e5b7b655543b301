package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.run.By;
import dev.caravan.run.RunRequest;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.run.Steering;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.AdviceWith;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page that is asked for while the one in front of it is taken in. */
@Timeout(60)
class AheadTest {
    private static final String ID = "acme-items";
    private static final By ANN = new By("ann", "api");

    private static final String ITEMS = """
            path: /items
            query: {limit: 10}
            records: $.data
            key: id
            next: {from: body, value: $.next, to: query.page}
            """;

    /** One slice, which a later run goes on with. */
    private static final String RESUMABLE = ITEMS + """
            cursor: {field: at, format: iso}
            start: "2026-03-01"
            window: 30d
            """;

    private final Path folder;
    private final FakeApi api = FakeApi.start();
    private final Workshop workshop;

    AheadTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder.resolve("data"), new MutableClock("2026-03-11T00:00:00Z"));
        api.on("/items", AheadTest::page);
    }

    @AfterEach
    void close() {
        api.close();
        workshop.close();
    }

    @Test
    void asksForTheNextPageBeforeTheOneInHandIsTakenIn() throws Exception {
        AtomicInteger turned = new AtomicInteger();
        RunSummary summary = pull(ITEMS, exchange -> {
            int next = Math.min(turned.incrementAndGet() + 1, 5);
            await().atMost(10, TimeUnit.SECONDS).until(() -> api.asked("/items").size() == next);
        });
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(turned.get()).isEqualTo(5);
        assertThat(summary.requests()).isEqualTo(5);
        assertThat(pages()).containsExactly("", "2", "3", "4", "5");
        assertThat(workshop.ids("acme/items")).isEqualTo(ids(50));
        assertThat(api.asked("/items").stream().flatMap(each -> each.headers().keySet().stream()))
                .noneMatch(name -> name.toLowerCase(java.util.Locale.ROOT).contains("early"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"busy", "cut", "broken off", "gzip cut"})
    void triesThatPageAgainLikeAnyOther(String trouble) throws Exception {
        AtomicInteger third = new AtomicInteger();
        api.on("/items", asked -> {
            Reply whole = page(asked);
            if (!asked.query("page").equals("3") || third.getAndIncrement() > 0) {
                return whole;
            }
            return switch (trouble) {
                case "busy" -> Reply.status(503).json("{}");
                case "cut" -> Reply.cut();
                case "gzip cut" -> whole.gzip().cutAfter(30);
                default -> whole.cutAfter(20);
            };
        });
        RunSummary summary = pull(ITEMS, exchange -> {});
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(pages()).containsExactly("", "2", "3", "3", "4", "5");
        assertThat(summary.retries()).isEqualTo(1);
        assertThat(summary.requests()).isEqualTo(6);
        assertThat(workshop.ids("acme/items")).isEqualTo(ids(50));
    }

    @Test
    void saysOfAPageThatIsRefusedOnlyWhenItIsItsTurn() throws Exception {
        api.on(
                "/items",
                asked -> asked.query("page").equals("3")
                        ? Reply.status(403).json("{\"error\":\"not for you\"}")
                        : page(asked));
        AtomicInteger turned = new AtomicInteger();
        RunSummary summary = pull(ITEMS + "sink: {batch: {rows: 10}}\n", exchange -> turned.incrementAndGet());
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.error()).contains("page=3", "403");
        assertThat(turned.get()).isGreaterThanOrEqualTo(2);
        assertThat(pages()).containsExactly("", "2", "3");
        assertThat(workshop.ids("acme/items")).isEqualTo(ids(20));
    }

    @Test
    void takesInWhatIsOnItsWayAndPausesBehindIt() throws Exception {
        try (LoadedRoutes routes = load(RESUMABLE)) {
            Steering steering = routes.steering();
            AtomicInteger turned = new AtomicInteger();
            beforeTurn(routes, exchange -> {
                if (turned.incrementAndGet() == 2) {
                    await().until(() -> api.asked("/items").size() == 3);
                    steering.pause(ID, ANN);
                }
            });
            RunRequest first = routes.ask(ID);
            routes.context().start();
            RunSummary paused = first.done().get(10, TimeUnit.SECONDS);
            assertThat(paused.status()).as(paused.error()).isEqualTo(RunStatus.PAUSED);
            assertThat(workshop.ids("acme/items")).isEqualTo(ids(30));
            assertThat(pages()).containsExactly("", "2", "3");
            RunRequest again = routes.ask(ID);
            steering.resume(ID, ANN);
            assertThat(again.done().get(10, TimeUnit.SECONDS).status()).isEqualTo(RunStatus.DONE);
        }
        assertThat(pages()).containsExactly("", "2", "3", "4", "5");
        assertThat(workshop.ids("acme/items")).isEqualTo(ids(50));
    }

    @Test
    void givesUpWhatIsOnItsWayWhenTheSliceFails() throws Exception {
        AtomicInteger turned = new AtomicInteger();
        try (LoadedRoutes routes = load(ITEMS)) {
            beforeTurn(routes, exchange -> {
                if (turned.incrementAndGet() == 2) {
                    await().until(() -> api.asked("/items").size() == 3);
                    throw new IllegalStateException("a step fails");
                }
            });
            RunSummary failed = routes.pull(ID).get(0);
            assertThat(failed.status()).isEqualTo(RunStatus.FAILED);
            assertThat(routes.streams().live(ID).connection().limiter().inFlight())
                    .isZero();
            RunSummary again = routes.pull(ID).get(0);
            assertThat(again.status()).as(again.error()).isEqualTo(RunStatus.DONE);
        }
        assertThat(workshop.ids("acme/items")).isEqualTo(ids(50));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "next: {ahead: false}",
                "disposition: replace\nsink: {batch: {rows: 10}}",
                "quota",
            })
    void asksWhenItStandsThereIfTheFileSaysSoTheSliceWritesABatchOrTheQuotaIsUsed(String setting) throws Exception {
        boolean ofConnection = setting.equals("quota");
        String stream = ofConnection
                ? ITEMS
                : setting.startsWith("next") ? ITEMS.replace("page}", "page, ahead: false}") : ITEMS + setting + "\n";
        List<Boolean> early = new CopyOnWriteArrayList<>();
        AtomicInteger turned = new AtomicInteger();
        try (LoadedRoutes routes = load(stream)) {
            if (ofConnection) {
                routes.streams().live(ID).connection().limiter().changeRate(0.1);
            }
            beforeTurn(routes, exchange -> {
                early.add(StreamSteps.slice(exchange).early() != null);
                if (ofConnection && turned.incrementAndGet() == 1) {
                    routes.streams().live(ID).connection().limiter().restore();
                }
            });
            RunSummary summary = routes.pull(ID).get(0);
            assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        }
        assertThat(early).hasSize(5);
        assertThat(ofConnection ? early.subList(0, 1) : early).containsOnly(false);
        assertThat(pages()).containsExactly("", "2", "3", "4", "5");
    }

    @Test
    void asksEarlyForThePageBehindABatchThatIsHandedOver() throws Exception {
        List<Boolean> early = new CopyOnWriteArrayList<>();
        try (LoadedRoutes routes = load(ITEMS + "sink: {batch: {rows: 10}}\n")) {
            beforeTurn(routes, exchange -> early.add(StreamSteps.slice(exchange).early() != null));
            RunSummary summary = routes.pull(ID).get(0);
            assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        }
        assertThat(early).containsExactly(true, true, true, true, false);
        assertThat(pages()).containsExactly("", "2", "3", "4", "5");
        assertThat(workshop.ids("acme/items")).isEqualTo(ids(50));
    }

    private List<String> pages() {
        return api.asked("/items").stream().map(each -> each.query("page")).toList();
    }

    private static Reply page(Asked asked) {
        int page = asked.query("page").isEmpty() ? 1 : Integer.parseInt(asked.query("page"));
        List<String> rows = LongStream.range((page - 1) * 10L, page * 10L)
                .mapToObj("""
                        {"id":%d,"at":"2026-03-02T00:00:00Z"}"""::formatted)
                .toList();
        return Reply.page(rows, page == 5 ? "" : Integer.toString(page + 1));
    }

    private RunSummary pull(String properties, Processor beforeTurn) throws Exception {
        try (LoadedRoutes routes = load(properties)) {
            beforeTurn(routes, beforeTurn);
            return routes.pull(ID).get(0);
        }
    }

    private static void beforeTurn(LoadedRoutes routes, Processor then) throws Exception {
        Processor forPages = exchange -> {
            if (isPageInHand(exchange)) {
                then.process(exchange);
            }
        };
        AdviceWith.adviceWith(routes.context(), ID, route -> route.weaveById(ID + "-turn")
                .before()
                .process(forPages));
    }

    /** A page of this API has records; what else passes is an answer that is none. */
    private static boolean isPageInHand(Exchange exchange) {
        return exchange.getMessage().getBody() != null;
    }

    private LoadedRoutes load(String properties) throws Exception {
        return LoadedRoutes.of(workshop, folder, Workshop.vendor(api.url(), Workshop.stream("items", properties)));
    }

    private static List<Long> ids(long count) {
        return LongStream.range(0, count).boxed().toList();
    }
}
