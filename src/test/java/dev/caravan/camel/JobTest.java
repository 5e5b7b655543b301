package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.commit.Origin;
import dev.caravan.commit.StreamKey;
import dev.caravan.run.RunRequest;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.slice.Window;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.Workshop;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Slices that the vendor works out first, by a server that is asked through the whole route. */
@Timeout(60)
class JobTest {
    private static final StreamKey EXPORT = new StreamKey("acme", "export", Origin.REAL);

    private final Path folder;
    private final Workshop workshop;
    private final FakeApi api = FakeApi.start();
    private final FakeApi files = FakeApi.start("127.0.0.2");

    JobTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder.resolve("data"), Clock.systemUTC());
    }

    @AfterEach
    void close() {
        api.close();
        files.close();
        workshop.close();
    }

    @Test
    void submitsAsksAndReadsFilesElsewhereWithoutTheCredential() throws Exception {
        AtomicReference<String> kept = new AtomicReference<>("");
        api.on("/exports", asked -> Reply.status(202).json("{\"id\":\"j/1\"}"));
        api.on("/exports/j/1", asked -> {
            kept.set(String.valueOf(workshop.store().progress(EXPORT)));
            return asked.before() < 2
                    ? Reply.status(202).json("{\"status\":\"RUNNING\"}")
                    : Reply.ok(
                            "{\"status\":\"SUCCESS\",\"files\":[{\"url\":\"%s/f/1?sig=a\"},{\"url\":\"%s/f/2?sig=b\"}]}"
                                    .formatted(files.url(), files.url()));
        });
        files.on("/f/1", asked -> Reply.ok(rows(1, 3)));
        files.on("/f/2", asked -> Reply.ok(rows(4, 5)));
        RunSummary summary = pull("""
                path: /exports
                body: {level: ad}
                headers: {X-Version: "7"}
                job:
                  id: $.id
                  poll:
                    path: /exports/${job.id}
                    every: {first: 5ms, most: 20ms}
                    done: {$.status: SUCCESS}
                    failed: {$.status: [ERROR, FAILED]}
                    within: 1m
                  result: {urls: "$.files[*].url"}
                key: id
                """);
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(summary.pages()).isEqualTo(2);
        assertIds(1, 5);
        assertThat(kept.get()).contains("j/1");
        assertThat(api.asked("/exports")).singleElement().satisfies(asked -> {
            assertThat(asked.method()).isEqualTo("POST");
            assertThat(asked.headers().getFirst("Authorization")).isEqualTo("Bearer s3cret-token");
        });
        assertThat(files.asked()).hasSize(2).allSatisfy(asked -> assertThat(asked.headers())
                .doesNotContainKeys("Authorization", "X-version"));
        // A signed address is a credential: it is asked as it came, and kept nowhere.
        assertThat(files.asked().get(0).query("sig")).isEqualTo("a");
        assertThat(String.valueOf(workshop.store().progress(EXPORT))).doesNotContain("sig=");
    }

    @Test
    void readsAResultPageByPageOrFromTheAnswerThatSaysItIsDone() throws Exception {
        api.on("/submit", asked -> Reply.status(201).header("Location", "/jobs/7"));
        api.on("/jobs/7", asked -> Reply.ok("{\"state\":\"done\",\"rows\":%s}".formatted(rows(1, 2))));
        api.on(
                "/jobs/7/rows",
                asked -> Reply.ok(
                        asked.query("page").equals("2")
                                ? "{\"rows\":%s}".formatted(rows(3, 3))
                                : "{\"rows\":%s,\"next\":\"2\"}".formatted(rows(1, 2))));
        String properties = """
                path: /submit
                method: POST
                records: $.rows
                key: id
                job:
                  id: header.Location
                  poll: {url: "${job.id}", every: 5ms, done: {$.state: done}}
                """;
        try (LoadedRoutes routes =
                load(Workshop.stream("inline", properties), Workshop.stream("export", properties + """
                          result: {url: "${job.id}/rows", query: {size: 2}}
                        next: {from: body, value: $.next, to: query.page}
                        """))) {
            assertThat(routes.pull("acme-inline", "acme-export"))
                    .extracting(RunSummary::error)
                    .containsOnlyNulls();
        }
        assertThat(workshop.ids("acme/inline")).containsExactly(1L, 2L);
        assertIds(1, 3);
        assertThat(api.asked("/jobs/7/rows").stream().map(each -> each.uri().getQuery()))
                .containsExactly("size=2", "size=2&page=2");
    }

    @Test
    void goesOnWithItsJobAfterAPause() throws Exception {
        AtomicReference<String> state = new AtomicReference<>("RUNNING");
        api.on("/exports", asked -> Reply.ok("{\"id\":\"j1\"}"));
        api.on("/exports/j1", asked -> Reply.ok("{\"status\":\"%s\",\"rows\":%s}".formatted(state.get(), rows(1, 2))));
        try (LoadedRoutes routes = load(Workshop.stream("export", """
                path: /exports
                method: POST
                records: $.rows
                key: id
                job:
                  id: $.id
                  poll: {path: "/exports/${job.id}", every: {first: 5ms, most: 1h}, done: {$.status: SUCCESS}}
                """))) {
            RunRequest first = routes.ask("acme-export");
            routes.context().start();
            await().until(() -> routes.streams().live("acme-export").state().startsWith("waiting for job j1 of all"));
            routes.context().getRouteController().stopRoute("acme-export");
            RunSummary paused = first.done().get(10, TimeUnit.SECONDS);
            assertThat(paused.status()).as(paused.error()).isEqualTo(RunStatus.PAUSED);
            state.set("SUCCESS");
            RunRequest again = routes.ask("acme-export");
            routes.context().getRouteController().startRoute("acme-export");
            RunSummary done = again.done().get(10, TimeUnit.SECONDS);
            assertThat(done.status()).as(done.error()).isEqualTo(RunStatus.DONE);
        }
        assertThat(api.asked("/exports")).hasSize(1);
        assertIds(1, 2);
    }

    @Test
    void submitsAgainWhatFailedAndThenSplitsTheSlice() throws Exception {
        // Jobs for more than a week fail.
        api.on(
                "/exports",
                // The stream is due, too, so others than the test's may come first.
                asked -> asked.body().matches(".*01-01.*01-09.*")
                                && api.asked("/exports").stream()
                                                .filter(each -> each.body().equals(asked.body()))
                                                .count()
                                        == 1
                        ? Reply.ok("{\"error\":\"already in progress\"}")
                        : Reply.ok("{\"id\":\"%s\"}".formatted(asked.body().replaceAll("[^0-9]+", "-"))));
        for (String span : List.of("-2026-01-01-2026-01-09-", "-2026-01-01-2026-01-05-", "-2026-01-05-2026-01-09-")) {
            api.on(
                    "/exports/" + span,
                    asked -> Reply.ok("{\"status\":\"%s\",\"error\":%s,\"rows\":%s}"
                            .formatted(
                                    span.contains("01-01-2026-01-09") ? "FAILED" : "DONE",
                                    span.contains("01-01-2026-01-09") ? "{\"message\":\"too much data\"}" : "null",
                                    span.endsWith("09-") ? days(5, 8) : days(1, 4))));
        }
        String properties = """
                path: /exports
                body: {from: "${window.from}", to: "${window.to}"}
                records: $.rows
                key: id
                cursor: {field: at, format: date}
                job:
                  id: $.id
                  busy: {$.error: "*in progress*"}
                  poll: {path: "/exports/${job.id}", every: 5ms, done: {$.status: DONE}, failed: {$.status: FAILED}}
                  resubmit: 2
                  then: %s
                """;
        try (LoadedRoutes routes = load(
                Workshop.stream("export", properties.formatted("split-slice")),
                Workshop.stream("stops", properties.formatted("stop").replace("resubmit: 2", "resubmit: 0")))) {
            RunSummary summary = backfill(routes, "acme-export");
            assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
            assertThat(api.asked("/exports").stream()
                            .filter(each -> each.body().contains("2026-01"))
                            .map(each -> each.body().replaceAll("[^0-9]+", " ")))
                    .as("%s", api.asked())
                    .containsExactly(
                            " 2026 01 01 2026 01 09 ",
                            " 2026 01 01 2026 01 09 ",
                            " 2026 01 01 2026 01 09 ",
                            " 2026 01 01 2026 01 09 ",
                            " 2026 01 01 2026 01 05 ",
                            " 2026 01 05 2026 01 09 ");
            RunSummary stopped = backfill(routes, "acme-stops");
            assertThat(stopped.status()).isEqualTo(RunStatus.FAILED);
            assertThat(stopped.error()).contains("job -2026-01-01-2026-01-09- failed: too much data");
        }
        assertIds(1, 8);
    }

    @Test
    void asksForNewAddressesWhenThoseOfItsFilesHaveExpired() throws Exception {
        api.on("/exports", asked -> Reply.ok("{\"id\":\"j%d\"}".formatted(asked.before())));
        for (String job : List.of("j0", "j1")) {
            api.on(
                    "/exports/" + job,
                    asked -> Reply.ok("{\"status\":\"DONE\",\"files\":[\"%s/a?n=%d\",\"%s/b?n=%d\"]}"
                            .formatted(files.url(), asked.before(), files.url(), asked.before())));
        }
        files.on("/a", asked -> Reply.ok(rows(1, 2)));
        // The first address expires, and so does that of the whole first job.
        files.on("/b", asked -> asked.before() < 2 ? Reply.status(403) : Reply.ok(rows(3, 4)));
        RunSummary summary = pull("""
                path: /exports
                method: POST
                key: id
                job:
                  id: $.id
                  poll: {path: "/exports/${job.id}", every: 5ms, done: {$.status: DONE}}
                  result: {urls: $.files}
                """);
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertIds(1, 4);
        assertThat(api.asked("/exports")).hasSize(2);
        assertThat(api.asked("/exports/j0")).hasSize(2);
        assertThat(files.asked("/b").stream().map(each -> each.query("n"))).containsExactly("0", "1", "0");
    }

    @Test
    void endsWithoutRowsWhereThereAreNoFilesAndFailsWhereNothingIsSaidOfThem() throws Exception {
        api.on("/exports", asked -> Reply.ok("{\"id\":\"%s\"}".formatted(asked.query("id"))));
        api.on("/exports/none", asked -> Reply.ok("{\"status\":\"DONE\",\"url\":null}"));
        api.on("/exports/unsaid", asked -> Reply.ok("{\"status\":\"DONE\"}"));
        api.on("/exports/away", asked -> Reply.ok("{\"status\":\"DONE\",\"url\":\"http://127.0.0.3/x\"}"));
        api.on("/exports/slow", asked -> Reply.ok("{\"status\":\"RUNNING\"}"));
        String properties = """
                path: /exports
                query: {id: %s}
                method: POST
                key: id
                job:
                  id: $.id
                  poll: {path: "/exports/${job.id}", every: 5ms, done: {$.status: DONE}, within: 30ms}
                  result: {urls: $.url}
                  resubmit: 0
                """;
        try (LoadedRoutes routes = load(
                Workshop.stream("none", properties.formatted("none")),
                Workshop.stream("unsaid", properties.formatted("unsaid")),
                Workshop.stream("away", properties.formatted("away")),
                Workshop.stream("slow", properties.formatted("slow")),
                Workshop.stream("nameless", properties.formatted("''")))) {
            List<RunSummary> ended = routes.pull("acme-none", "acme-unsaid", "acme-away", "acme-slow", "acme-nameless");
            assertThat(ended.get(0).status()).as(ended.get(0).error()).isEqualTo(RunStatus.DONE);
            assertThat(ended.get(1).error())
                    .contains("job unsaid is done, but there are no addresses of files at $.url");
            assertThat(ended.get(2).error()).contains("http://127.0.0.3 is not on");
            assertThat(ended.get(3).error()).contains("job slow is not done within 30ms");
            assertThat(ended.get(4).error()).contains("names none at $.id");
        }
    }

    private static RunSummary backfill(LoadedRoutes routes, String stream) throws Exception {
        RunRequest request = RunRequest.now()
                .withBackfill(new Window(Instant.parse("2026-01-01T00:00:00Z"), Instant.parse("2026-01-09T00:00:00Z")));
        routes.streams().live(stream).ask(request);
        routes.context().start();
        return request.done().get(30, TimeUnit.SECONDS);
    }

    private RunSummary pull(String properties) throws Exception {
        try (LoadedRoutes routes = load(Workshop.stream("export", properties))) {
            return routes.pull("acme-export").get(0);
        }
    }

    private LoadedRoutes load(String... streams) throws Exception {
        String hosts = "        hosts: [\"%s\"]\n".formatted(files.url().substring("http://".length()));
        return LoadedRoutes.of(workshop, folder, Workshop.vendor(api.url(), hosts + String.join("", streams)));
    }

    private void assertIds(long first, long last) {
        assertThat(workshop.ids("acme/export"))
                .isEqualTo(LongStream.rangeClosed(first, last).boxed().toList());
    }

    private static String rows(int first, int last) {
        return LongStream.rangeClosed(first, last)
                .mapToObj("{\"id\":%d}"::formatted)
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String days(int first, int last) {
        return LongStream.rangeClosed(first, last)
                .mapToObj(day -> "{\"id\":%d,\"at\":\"2026-01-%02d\"}".formatted(day, day))
                .collect(Collectors.joining(",", "[", "]"));
    }
}
