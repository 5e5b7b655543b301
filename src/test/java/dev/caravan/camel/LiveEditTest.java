package dev.caravan.camel;

import static dev.caravan.testkit.Workshop.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.definition.VendorFile.Problem;
import dev.caravan.run.By;
import dev.caravan.run.LiveStream;
import dev.caravan.run.Mode;
import dev.caravan.run.RunRequest;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Orders;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files of {@code routes/} that are saved, well or badly, while their streams are pulled. */
@Timeout(60)
class LiveEditTest {
    private static final String FILE = "acme.camel.yaml";
    private static final String RARELY = ORDERS.replace("every: 1h", "every: 100d");

    /** Four orders a day, from the first of March; a page has three. */
    private static final Orders API = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofHours(6), 1000, 3);

    private static final List<Long> TEN_DAYS = LongStream.range(0, 40).boxed().toList();

    private static final String STEPS = """
            - route:
                id: steps
                from:
                  uri: direct:steps
                  steps:
                    - setProperty: {name: seen, constant: "yes"}
            """;

    private final Path folder;
    private final Path routes;
    private final Workshop workshop;
    private final CountDownLatch arrived = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);
    private volatile Function<Asked, Reply> script = LiveEditTest::usual;
    private final FakeApi api =
            FakeApi.start().on("/orders", asked -> script.apply(asked)).on("/v2/orders", asked -> script.apply(asked));

    LiveEditTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        this.routes = Files.createDirectories(folder.resolve("routes"));
        this.workshop = new Workshop(folder.resolve("data"), new MutableClock("2026-03-11T00:00:00Z"));
    }

    @AfterEach
    void close() {
        api.close();
        workshop.close();
    }

    private String file(String... parts) {
        return Workshop.vendor(api.url(), parts);
    }

    private static String stream(String name, String settings) {
        return Workshop.stream(name, settings);
    }

    @Test
    void appliesWhatIsNewChangedAndGoneAndLeavesTheRest() throws Exception {
        try (LoadedRoutes loaded =
                load(file(stream("orders", RARELY), stream("changed", RARELY), stream("gone", RARELY)))) {
            pull(loaded, "acme-orders", "acme-changed", "acme-gone");
            LiveStream orders = loaded.streams().live("acme-orders");
            save(
                    loaded,
                    FILE,
                    "# a comment, which moves all lines\n"
                            + file(
                                    stream("orders", RARELY),
                                    stream("new", RARELY),
                                    stream("changed", RARELY.replace("/orders", "/v2/orders"))));
            assertThat(loaded.streams().problems()).isEmpty();
            assertThat(loaded.streams().all())
                    .extracting(LiveStream::id)
                    .containsExactly("acme-changed", "acme-new", "acme-orders");
            assertThat(loaded.streams().live("acme-orders")).isSameAs(orders);
            assertThat(orders.place()).isEqualTo(FILE + ":10");
            assertThat(loaded.context().getRoute("acme-gone")).isNull();
            assertThat(loaded.steps("acme-new")).contains("fetch", "commit", "close");
            untilLanded("new", 40);
            api.forget();
            loaded.streams().live("acme-changed").resetState();
            assertThat(end(loaded.ask("acme-changed")).status()).isEqualTo(RunStatus.DONE);
            assertThat(api.asked("/v2/orders")).isNotEmpty();
            assertThat(loaded.streams().live("acme-changed").counters().rows()).isEqualTo(40);
            assertThat(view(loaded, FILE).state()).isEqualTo("good");
        }
    }

    @Test
    void aRunOfAnEditedStreamStopsAtAPageBorderAndGoesOnUnderTheNewDefinition() throws Exception {
        script = this::holdsTheFourthOfMarch;
        try (LoadedRoutes loaded = load(file(stream("orders", RARELY), stream("other", RARELY)))) {
            RunRequest first = loaded.ask("acme-orders");
            begin(loaded);
            meet(arrived);
            LiveStream other = loaded.streams().live("acme-other");
            save(loaded, FILE, file(stream("orders", RARELY + "lookback: 1h\n"), stream("other", RARELY)));
            assertThat(view(loaded, FILE).state()).isEqualTo("changing");
            answer.countDown();
            RunSummary paused = end(first);
            assertThat(paused.status()).isEqualTo(RunStatus.PAUSED);
            assertThat(paused.error()).isEqualTo("paused: its file was edited");
            loaded.edits().look();
            assertThat(view(loaded, FILE).state()).isEqualTo("good");
            assertThat(loaded.streams().live("acme-orders").definition().stream()
                            .lookback())
                    .isNotNull();
            assertThat(loaded.streams().live("acme-other")).isSameAs(other);
            untilLanded("orders", 40);
            untilLanded("other", 40);
        }
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void aRunGoesOnIntoAnotherSink() throws Exception {
        script = this::holdsTheFourthOfMarch;
        try (LoadedRoutes loaded = load(file(stream("orders", RARELY)))) {
            RunRequest first = loaded.ask("acme-orders");
            begin(loaded);
            meet(arrived);
            save(loaded, FILE, file(stream("orders", RARELY + "sink: {format: ndjson, partition-by: status}\n")));
            answer.countDown();
            assertThat(end(first).status()).isEqualTo(RunStatus.PAUSED);
            loaded.edits().look();
            untilLanded("orders", 40);
        }
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
        assertThat(folder.resolve("data/acme/orders"))
                .isDirectoryContaining(path -> path.endsWith("date=2026-03-01"))
                .isDirectoryContaining(path -> path.getFileName().toString().startsWith("status="))
                .isDirectoryNotContaining(path -> path.endsWith("date=2026-03-10"));
    }

    @Test
    void aFileThatIsGoodUntilItsRoutesStartChangesNothing() throws Exception {
        String good = file(stream("orders", RARELY), STEPS);
        try (LoadedRoutes loaded = load(good)) {
            pull(loaded, "acme-orders");
            String consumer = """
                    - route:
                        id: takes-files
                        from:
                          uri: file:%s?autoCreate=false&startingDirectoryMustExist=true
                          steps:
                            - log: {message: taken}
                    """.formatted(folder.resolve("nowhere"));
            save(loaded, FILE, file(stream("orders", RARELY + "lookback: 1h\n"), STEPS, consumer));

            FileView view = view(loaded, FILE);
            assertThat(view.state()).isEqualTo("bad");
            assertThat(view.mistakes()).singleElement().satisfies(mistake -> assertThat(mistake.message())
                    .contains(FILE, "nowhere"));
            assertThat(loaded.context().getRoute("takes-files")).isNull();
            assertThat(loaded.context().getRoute("steps")).isNotNull();
            assertThat(loaded.streams().live("acme-orders").definition().stream()
                            .lookback())
                    .hasToString("0s");
            assertThat(end(loaded.ask("acme-orders")).status()).isEqualTo(RunStatus.DONE);
        }
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void aChangedKeyHoldsTheStream() throws Exception {
        try (LoadedRoutes loaded = load(file(stream("orders", RARELY)))) {
            pull(loaded, "acme-orders");
            save(loaded, FILE, file(stream("orders", RARELY.replace("key: id", "key: [id, at]"))));
            RunSummary held = end(loaded.ask("acme-orders"));
            assertThat(held.status()).isEqualTo(RunStatus.FAILED);
            assertThat(held.error()).contains("held: key, cursor", "state keep acme-orders");
        }
    }

    @Test
    void whatWasSaidOfAStreamHoldsForItsNewDefinition() throws Exception {
        try (LoadedRoutes loaded = load(file(stream("orders", RARELY)))) {
            pull(loaded, "acme-orders");
            loaded.steering().pause("acme-orders", new By("ann", "api"));
            save(loaded, FILE, file(stream("orders", RARELY + "lookback: 1h\n")));
            assertThat(loaded.streams().live("acme-orders").mode()).isEqualTo(Mode.PAUSED);
            await().until(() -> loaded.context()
                    .getRouteController()
                    .getRouteStatus("acme-orders")
                    .isSuspended());
            assertThat(loaded.acts())
                    .extracting(act -> act.action() + " " + act.target())
                    .containsExactly("pause acme-orders", "edit " + FILE);
        }
    }

    /** @param said what its error says */
    private record Mistake(String name, UnaryOperator<String> edit, String said) {}

    private static List<Mistake> mistakes() {
        return List.of(
                new Mistake(
                        "syntax",
                        text -> text.replace("properties:\n", "properties:\n  - [\n"),
                        "not readable as YAML"),
                new Mistake("half written", text -> text.substring(0, text.indexOf("records:") + 4), ""),
                new Mistake("emptied", text -> "", FILE + ":1: the file is empty; delete it or give it streams"),
                new Mistake("only comments", text -> "# nothing\n", FILE + ":1: the file is empty; delete it"),
                new Mistake("no streams left", text -> "[]\n", "nothing is left of its streams"),
                new Mistake("no list", text -> "acme: true\n", "a route file is a list"),
                new Mistake("tab", text -> text.replace("    url:", "\turl:"), "not readable as YAML"),
                new Mistake(
                        "duplicate key",
                        text -> text.replace("key: id", "key: id\n              key: at"),
                        "duplicate key"),
                new Mistake("unknown setting", text -> text.replace("key: id", "keey: id"), "keey"),
                new Mistake("bad value", text -> text.replace("window: 1d", "window: soon"), "soon"),
                new Mistake("bad cursor", text -> text.replace("format: iso", "format: isoo"), "isoo"),
                new Mistake(
                        "unknown connection",
                        text -> text.replace("key: id", "key: id\n              connection: nobody"),
                        "nobody"),
                new Mistake("bad expression of ours", text -> text.replace("${window.from}", "${windw.from}"), "windw"),
                new Mistake("missing setting", text -> text.replace("/orders", "/{{no.such}}"), "no.such"),
                new Mistake(
                        "foreign id",
                        text -> text.replace("routeId: acme-orders", "routeId: other-orders"),
                        "acme-<stream>"),
                new Mistake(
                        "unknown template",
                        text -> text.replace("routeTemplateRef: stream", "routeTemplateRef: strem"),
                        "strem"),
                new Mistake(
                        "unknown component", text -> text.replace("uri: direct:steps", "uri: nosuch:steps"), "nosuch"),
                new Mistake(
                        "unknown option", text -> text.replace("uri: direct:steps", "uri: timer:x?nosuch=1"), "nosuch"),
                new Mistake("unknown step", text -> text.replace("- setProperty:", "- setPropertty:"), "setPropertty"),
                new Mistake(
                        "unknown bean",
                        text -> text.replace(
                                "- setProperty: {name: seen, constant: \"yes\"}", "- bean: {ref: nosuch, method: x}"),
                        "nosuch"),
                new Mistake(
                        "bad simple expression", text -> text.replace("constant: \"yes\"", "simple: \"${body\""), ""),
                new Mistake(
                        "unknown language",
                        text -> text.replace(
                                "constant: \"yes\"", "expression: {language: {language: nosuch, expression: x}}"),
                        "nosuch"),
                new Mistake(
                        "duplicate stream",
                        text -> text + text.substring(text.indexOf("- templatedRoute")),
                        "acme-orders"),
                new Mistake(
                        "two routes of one id",
                        text -> text + STEPS,
                        "the route 'steps' is already defined at " + FILE + ":"),
                new Mistake(
                        "a route's id taken by a stream",
                        text -> text.replace("id: steps", "id: acme-orders"),
                        "the route 'acme-orders' is already defined at " + FILE + ":"),
                new Mistake(
                        "lost parent",
                        text -> text.replace("window: 1d", "partitions: {stream: acme-nobody, take: {id: id}}"),
                        "acme-nobody"));
    }

    @Test
    void badEditsUnderThreePullsChangeNothingAndAreShown() throws Exception {
        List<String> ids = List.of("acme-orders", "acme-second", "acme-third");
        String good = file(stream("orders", RARELY), stream("second", RARELY), stream("third", RARELY), STEPS);
        CountDownLatch underWay = new CountDownLatch(3);
        CountDownLatch edited = new CountDownLatch(1);
        script = asked -> {
            if (asked.query("from").startsWith("2026-03-04")
                    && asked.query("page").isEmpty()) {
                underWay.countDown();
                meet(edited);
            }
            return usual(asked);
        };
        try (LoadedRoutes loaded = load(good)) {
            List<RunRequest> pulls = ids.stream().map(loaded::ask).toList();
            begin(loaded);
            meet(underWay);
            List<LiveStream> before = live(loaded, ids);
            for (Mistake mistake : mistakes()) {
                String bad = mistake.edit().apply(good);
                assertThat(bad).as("the mistake is in it").isNotEqualTo(good);
                save(loaded, FILE, bad);
                assertShown(loaded, mistake, ids);
                assertThat(live(loaded, ids)).isEqualTo(before);
            }
            save(loaded, FILE, good);
            assertThat(loaded.streams().problems()).isEmpty();
            assertThat(view(loaded, FILE).state()).isEqualTo("good");
            assertThat(live(loaded, ids)).isEqualTo(before);
            assertThat(pulls).noneMatch(pull -> pull.done().isDone());

            edited.countDown();
            for (RunRequest pull : pulls) {
                assertThat(end(pull).status()).isEqualTo(RunStatus.DONE);
            }
            assertThat(end(loaded.ask("acme-second")).status()).isEqualTo(RunStatus.DONE);
        }
        for (String id : ids) {
            assertThat(workshop.ids(id.replace('-', '/'))).isEqualTo(TEN_DAYS);
        }
    }

    /** Of a route Camel knows the line of its {@code from}, the fourth. */
    @Test
    void anIdThatAnotherFileHasIsShownWithBothPlaces() throws Exception {
        String good = file(stream("orders", RARELY), STEPS);
        int route =
                1 + (int) good.substring(0, good.indexOf("- route:")).lines().count();
        int stream = 1
                + (int) good.substring(0, good.indexOf("- templatedRoute:"))
                        .lines()
                        .count();
        try (LoadedRoutes loaded = load(good)) {
            assertTaken(loaded, STEPS, "other.camel.yaml:4: the route 'steps' is already defined at %s:%d;", route + 3);
            assertTaken(
                    loaded,
                    STEPS.replace("id: steps", "id: acme-orders"),
                    "other.camel.yaml:4: the route 'acme-orders' is already defined at %s:%d;",
                    stream);
            assertTaken(
                    loaded,
                    good.replace(STEPS, ""),
                    "other.camel.yaml:" + stream + ": stream 'acme-orders' is already defined at %s:%d;",
                    stream);
        }
    }

    private void assertTaken(LoadedRoutes loaded, String text, String said, int line) throws Exception {
        save(loaded, "other.camel.yaml", text);
        assertThat(loaded.streams().problems())
                .extracting(Problem::message)
                .singleElement()
                .asString()
                .startsWith(said.formatted(FILE, line))
                .contains("give one of them another id");
        assertThat(loaded.streams().all()).extracting(LiveStream::id).containsExactly("acme-orders");
        assertThat(view(loaded, FILE).state()).isEqualTo("good");
    }

    private static List<LiveStream> live(LoadedRoutes loaded, List<String> ids) {
        return ids.stream().map(loaded.streams()::live).toList();
    }

    private static void assertShown(LoadedRoutes loaded, Mistake mistake, List<String> ids) {
        assertThat(loaded.streams().problems())
                .as(mistake.name())
                .isNotEmpty()
                .extracting(Problem::message)
                .allMatch(message -> message.startsWith(FILE + ":"), "names the file")
                .anyMatch(message -> message.contains(mistake.said()));
        FileView view = view(loaded, FILE);
        assertThat(view.state()).as(mistake.name()).isEqualTo("bad");
        assertThat(view.streams()).containsExactlyElementsOf(ids);
        assertThat(view.mistakes()).isNotEmpty().noneMatch(each -> each.message()
                .contains("s3cret"));
        assertThat(view.mistakes().get(0).line()).as(mistake.name()).isNotNull();
    }

    @Test
    void aTemplateChangesAllItsStreamsIfItIsGood() throws Exception {
        String template = Files.readString(Path.of("routes/templates/stream.camel.yaml"));
        String turn = """
                                            - process:
                                                id: turn
                """;
        String mark = """
                                            - setProperty: {id: mark, name: mark, constant: "1"}
                """;
        String more = template.replace(turn, mark + turn);
        assertThat(more).isNotEqualTo(template);
        try (LoadedRoutes loaded = load(file(stream("orders", RARELY), stream("other", RARELY)))) {
            pull(loaded, "acme-orders", "acme-other");
            save(loaded, "templates/stream.camel.yaml", more.replace("ref: caravanTurn\n", "ref: caravaneTurn\n"));
            assertThat(loaded.streams().problems()).isNotEmpty().allMatch(problem -> problem.message()
                    .startsWith("templates/stream.camel.yaml: "));
            assertThat(loaded.steps("acme-orders")).doesNotContain("mark");

            save(loaded, "templates/stream.camel.yaml", more);
            assertThat(loaded.streams().problems()).isEmpty();
            assertThat(loaded.steps("acme-orders")).contains("mark", "fetch");
            assertThat(loaded.steps("acme-other")).contains("mark");
            for (String id : List.of("acme-orders", "acme-other")) {
                loaded.streams().live(id).resetState();
                assertThat(end(loaded.ask(id)).status()).isEqualTo(RunStatus.DONE);
            }

            Files.delete(routes.resolve("templates/stream.camel.yaml"));
            loaded.edits().look();
            loaded.edits().look();
            assertThat(loaded.steps("acme-orders"))
                    .as("the built-in one serves")
                    .doesNotContain("mark");
            assertThat(end(loaded.ask("acme-orders")).status()).isEqualTo(RunStatus.DONE);
        }
    }

    @Test
    void ownStepsChangeWithTheirFile() throws Exception {
        String stamped = STEPS.replace(
                "- setProperty: {name: seen, constant: \"yes\"}",
                "- setBody: {simple: '{\"id\":${body[id]},\"at\":\"${body[at]}\",\"by\":\"steps\"}'}");
        try (LoadedRoutes loaded = load(file(stream("orders", RARELY + "each: direct:steps\n"), STEPS))) {
            pull(loaded, "acme-orders");
            save(loaded, FILE, file(stream("orders", RARELY + "each: direct:steps\n"), stamped));
            assertThat(loaded.streams().problems()).isEmpty();
            RunRequest again = RunRequest.now().withFullRefresh(true);
            loaded.streams().live("acme-orders").ask(again);
            assertThat(end(again).status()).isEqualTo(RunStatus.DONE);
        }
        assertThat(workshop.rows("acme/orders")).hasSize(40).allMatch(row -> row.has("by"));
    }

    @Test
    void aDeletedFileTakesItsStreamsWithItUnlessOthersNeedThem() throws Exception {
        Files.writeString(
                routes.resolve("beta.camel.yaml"),
                file(stream("orders", RARELY)).replace("acme", "beta").replace("s3cret-token", "b3ta"));
        try (LoadedRoutes loaded = load(file(stream("orders", RARELY)))) {
            pull(loaded, "acme-orders", "beta-orders");
            Files.delete(routes.resolve("beta.camel.yaml"));
            loaded.edits().look();
            assertThat(loaded.streams().find("beta-orders"))
                    .as("it may come back")
                    .isPresent();
            loaded.edits().look();
            assertThat(loaded.streams().find("beta-orders")).isEmpty();
            assertThat(loaded.context().getRoute("beta-orders")).isNull();
            assertThat(folder.resolve("data/state/routes/beta.camel.yaml")).doesNotExist();

            save(loaded, "beta.camel.yaml", file(stream("orders", RARELY)));
            assertThat(loaded.streams().problems().get(0).message()).contains("beta.camel.yaml:", FILE);
            save(loaded, "beta.camel.yaml", file(stream("orders", RARELY)).replace("acme", "beta"));
            assertThat(loaded.streams().problems()).isEmpty();
            assertThat(end(loaded.ask("beta-orders")).status()).isEqualTo(RunStatus.DONE);
        }
    }

    @Test
    void aFileThatIsBadAtTheStartRunsByItsLastGoodCopyAndIsAppliedWhenItIsMended() throws Exception {
        String good = file(stream("orders", RARELY), STEPS);
        try (LoadedRoutes loaded = load(good)) {
            pull(loaded, "acme-orders");
        }
        Files.writeString(routes.resolve(FILE), good.replace("uri: direct:steps", "uri: nosuch:steps"));
        try (LoadedRoutes loaded = new LoadedRoutes(workshop, routes, Map.of())) {
            begin(loaded);
            assertThat(view(loaded, FILE).state()).isEqualTo("copy");
            assertThat(loaded.streams().problems().get(0).message()).contains(FILE + ":", "nosuch");
            assertThat(end(loaded.ask("acme-orders")).status()).isEqualTo(RunStatus.DONE);
            save(loaded, FILE, good.replace("- templatedRoute", "# mended\n- templatedRoute"));
            assertThat(view(loaded, FILE).state()).isEqualTo("good");
            assertThat(loaded.streams().problems()).isEmpty();
        }
    }

    @Test
    void aFileThatIsBadAtTheStartWithoutACopyStopsNobodyElse() throws Exception {
        Files.writeString(routes.resolve("beta.camel.yaml"), "- beans: [\n");
        Files.writeString(
                routes.resolve("gamma.camel.yaml"),
                file(stream("orders", RARELY), STEPS)
                        .replace("acme", "gamma")
                        .replace("id: steps", "id: gamma-steps")
                        .replace("uri: direct:steps", "uri: nosuch:steps"));
        Files.writeString(routes.resolve(FILE), file(stream("orders", RARELY)));
        try (LoadedRoutes loaded = new LoadedRoutes(workshop, routes, Map.of())) {
            begin(loaded);
            assertThat(end(loaded.ask("acme-orders")).status()).isEqualTo(RunStatus.DONE);
            assertThat(loaded.streams().problems())
                    .extracting(Problem::file)
                    .containsExactlyInAnyOrder("beta.camel.yaml", "gamma.camel.yaml");
            save(loaded, "beta.camel.yaml", file(stream("orders", RARELY)).replace("acme", "beta"));
            assertThat(end(loaded.ask("beta-orders")).status()).isEqualTo(RunStatus.DONE);
        }
    }

    private LoadedRoutes load(String yaml) throws Exception {
        Files.writeString(routes.resolve(FILE), yaml);
        LoadedRoutes loaded = new LoadedRoutes(workshop, routes, Map.of());
        assertThat(loaded.streams().problems()).isEmpty();
        return loaded;
    }

    private static void begin(LoadedRoutes loaded) throws Exception {
        loaded.context().start();
        loaded.steering();
        loaded.edits().take();
    }

    private static void pull(LoadedRoutes loaded, String... ids) throws Exception {
        assertThat(loaded.pull(ids)).extracting(RunSummary::status).containsOnly(RunStatus.DONE);
        begin(loaded);
    }

    /** Saves a file, and lets it be looked at until it is judged and applied. */
    private void save(LoadedRoutes loaded, String name, String text) throws Exception {
        Path file = routes.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        loaded.edits().look();
        loaded.edits().look();
    }

    private static FileView view(LoadedRoutes loaded, String name) {
        return loaded.edits().files().stream()
                .filter(each -> each.file().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void untilLanded(String name, int rows) {
        await().ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .until(() -> workshop.ids("acme/" + name).size() == rows);
    }

    private static RunSummary end(RunRequest request) throws Exception {
        return request.done().get(20, TimeUnit.SECONDS);
    }

    private Reply holdsTheFourthOfMarch(Asked asked) {
        if (asked.query("from").startsWith("2026-03-04") && asked.query("page").isEmpty()) {
            arrived.countDown();
            meet(answer);
        }
        return usual(asked);
    }

    private static Reply usual(Asked asked) {
        return Reply.ok(API.answer(asked.uri()));
    }

    private static void meet(CountDownLatch latch) {
        try {
            if (!latch.await(40, TimeUnit.SECONDS)) {
                throw new IllegalStateException("Nobody came");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
