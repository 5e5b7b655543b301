package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.run.PageMemory;
import dev.caravan.run.RunRequest;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Slices that have several requests on their way at once. */
@Timeout(60)
class LanesTest {
    private static final String DETAIL = """
            path: /messages
            records: $.messages
            key: id
            next: {from: body, value: $.next, to: query.page}
            detail:
              path: /messages/${record.id}
              query: {format: full, thread: "${record.thread.id}"}
              parallel: 3
              outcomes: [{status: 404, then: skip-record}]
            """;

    private static final String PAGES = """
            path: /items
            query: {limit: 10}
            records: $.data
            key: id
            next: {from: offset, to: query.skip, size: 10, parallel: 4}
            """;

    private final Path folder;
    private final FakeApi api = FakeApi.start();
    private Workshop workshop;

    LanesTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder.resolve("data"), new MutableClock("2026-03-11T00:00:00Z"));
    }

    @AfterEach
    void close() {
        api.close();
        workshop.close();
    }

    @Test
    void asksForEachRecordOfAPageAndLeavesOutWhatIsGone() throws Exception {
        CountDownLatch together = new CountDownLatch(3);
        messages(asked -> {
            together.countDown();
            meet(together);
            return asked.path().endsWith("/3") ? Reply.status(404).json("{\"error\":\"gone\"}") : message(asked);
        });
        RunSummary summary = pull(DETAIL);
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(summary.dropped()).isEqualTo(1);
        assertThat(summary.pages()).isEqualTo(2);
        assertThat(workshop.ids("acme/items")).containsExactly(1L, 2L, 4L, 5L, 6L, 7L);
        assertThat(workshop.rows("acme/items")).allSatisfy(row -> {
            assertThat(row.path("text").asText()).isEqualTo("m" + row.path("id").asText());
            assertThat(row.has("thread")).isFalse();
        });
        assertThat(api.asked("/messages/1").get(0).query())
                .containsEntry("format", "full")
                .containsEntry("thread", "t1");
        assertThat(api.asked("/messages/7")).hasSize(1);
    }

    @Test
    void laysTheAnswerOverTheRecordOfThePage() throws Exception {
        messages(LanesTest::message);
        RunSummary summary = pull(DETAIL.replace("parallel: 3", "merge: true\n  record: $.more"));
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        JsonNode first = workshop.rows("acme/items").stream()
                .filter(row -> row.path("id").asInt() == 1)
                .findFirst()
                .orElseThrow();
        assertThat(first.path("thread").path("id").asText()).isEqualTo("t1");
        assertThat(first.path("size").toString()).isEqualTo("1.10");
    }

    @Test
    void triesARecordAgainAndFailsTheWholePageWithIt() throws Exception {
        messages(asked -> asked.path().endsWith("/2") && asked.before() < 2
                ? Reply.status(503).json("{}")
                : asked.path().endsWith("/6") ? Reply.status(403).json("{\"error\":\"no\"}") : message(asked));
        RunSummary summary = pull(DETAIL);
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.error()).contains("/messages/6", "403");
        // The first page is whole, and counts; of the second nothing does.
        assertThat(api.asked("/messages/2")).hasSize(3);
        assertThat(workshop.ids("acme/items")).isEmpty();
    }

    @Test
    void endsPausedWithinAPageAndReadsItAgainThen() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch stopping = new CountDownLatch(1);
        AtomicInteger second = new AtomicInteger();
        messages(asked -> {
            if (asked.path().endsWith("/6") && second.getAndIncrement() == 0) {
                arrived.countDown();
                meet(stopping);
            }
            return message(asked);
        });
        try (LoadedRoutes routes = load(DETAIL.replace("parallel: 3", "parallel: 1"))) {
            RunRequest first = routes.ask("acme-items");
            routes.context().start();
            meet(arrived);
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> stop(routes));
            await().until(() -> !((org.apache.camel.StatefulService)
                            routes.context().getRoute("acme-items").getConsumer())
                    .isStarted());
            stopping.countDown();
            RunSummary paused = first.done().get(10, TimeUnit.SECONDS);
            stopped.get(10, TimeUnit.SECONDS);
            assertThat(paused.status()).as(paused.error()).isEqualTo(RunStatus.PAUSED);
            assertThat(workshop.ids("acme/items")).containsExactly(1L, 2L, 3L, 4L);
            RunRequest again = routes.ask("acme-items");
            routes.context().getRouteController().startRoute("acme-items");
            assertThat(again.done().get(10, TimeUnit.SECONDS).status()).isEqualTo(RunStatus.DONE);
        }
        assertThat(workshop.ids("acme/items")).isEqualTo(ids(1, 7));
    }

    @Test
    void asksForPagesAheadAndReadsThemInOrder() throws Exception {
        CountDownLatch together = new CountDownLatch(4);
        AtomicInteger open = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        api.on("/items", asked -> {
            most.accumulateAndGet(open.incrementAndGet(), Math::max);
            if (!asked.query("skip").equals("0")) {
                together.countDown();
                meet(together);
            }
            open.decrementAndGet();
            return items(asked, 95);
        });
        RunSummary summary = pull(PAGES);
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(summary.pages()).isEqualTo(10);
        assertThat(workshop.ids("acme/items")).isEqualTo(ids(0, 94));
        assertThat(most.get()).isEqualTo(4);
        // Without a count, up to three pages behind the last are asked for in vain.
        assertThat(api.asked("/items")).hasSizeBetween(10, 13);
    }

    @Test
    void asksForNoPageBehindTheLastWhereTheCountIsKnown() throws Exception {
        api.on("/items", asked -> items(asked, 95));
        RunSummary summary = pull(PAGES.replace("size: 10,", "size: 10, total: $.total,"));
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(api.asked("/items")).hasSize(10);
        assertThat(workshop.ids("acme/items")).isEqualTo(ids(0, 94));
    }

    @Test
    void takesNothingFromPagesAheadThatFailUntilItIsTheirTurn() throws Exception {
        // Behind the end the vendor says 404, and a page that is asked for too early fails once.
        AtomicInteger early = new AtomicInteger();
        api.on("/items", asked -> {
            int skip = Integer.parseInt(asked.query("skip"));
            if (skip >= 40) {
                return Reply.status(404).json("{\"error\":\"no such page\"}");
            }
            return skip == 20 && early.getAndIncrement() == 0
                    ? Reply.status(400).json("{\"error\":\"not yet\"}")
                    : items(asked, 38);
        });
        RunSummary summary = pull(PAGES);
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(workshop.ids("acme/items")).isEqualTo(ids(0, 37));
        assertThat(early.get()).isEqualTo(2);
    }

    @Test
    void keepsWithinTheMemoryThatAllPagesMayHold() throws Exception {
        workshop.close();
        PageMemory memory = new PageMemory(6_000);
        workshop = new Workshop(folder.resolve("data"), new MutableClock("2026-03-11T00:00:00Z")).withMemory(memory);
        api.on("/items", asked -> items(asked, 200));
        RunSummary summary = pull(PAGES);
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(workshop.ids("acme/items")).isEqualTo(ids(0, 199));
    }

    private void messages(java.util.function.Function<Asked, Reply> one) {
        api.on(
                "/messages",
                asked -> Reply.ok(
                        asked.query("page").equals("2")
                                ? "{\"messages\":[%s]}".formatted(stubs(5, 7))
                                : "{\"messages\":[%s],\"next\":\"2\"}".formatted(stubs(1, 4))));
        for (int id = 1; id <= 7; id++) {
            api.on("/messages/" + id, one);
        }
    }

    private static Reply message(Asked asked) {
        String id = asked.path().substring("/messages/".length());
        return Reply.ok("{\"id\":%s,\"text\":\"m%s\",\"more\":{\"size\":1.10}}".formatted(id, id));
    }

    private static String stubs(int first, int last) {
        return LongStream.rangeClosed(first, last)
                .mapToObj(id -> "{\"id\":%d,\"thread\":{\"id\":\"t%d\"}}".formatted(id, id))
                .collect(Collectors.joining(","));
    }

    private static Reply items(Asked asked, int total) {
        int skip = asked.query("skip").isEmpty() ? 0 : Integer.parseInt(asked.query("skip"));
        String rows = LongStream.range(skip, Math.min(skip + 10, total))
                .mapToObj("{\"id\":%d}"::formatted)
                .collect(Collectors.joining(","));
        return Reply.ok("{\"data\":[%s],\"total\":%d}".formatted(rows, total));
    }

    private RunSummary pull(String properties) throws Exception {
        try (LoadedRoutes routes = load(properties)) {
            return routes.pull("acme-items").get(0);
        }
    }

    private LoadedRoutes load(String properties) throws Exception {
        return LoadedRoutes.of(workshop, folder, Workshop.vendor(api.url(), Workshop.stream("items", properties)));
    }

    private static List<Long> ids(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    private static void stop(LoadedRoutes routes) {
        try {
            routes.context().getRouteController().stopRoute("acme-items");
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
}
