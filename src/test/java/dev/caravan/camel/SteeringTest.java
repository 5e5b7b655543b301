package dev.caravan.camel;

import static dev.caravan.testkit.Workshop.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.run.Act;
import dev.caravan.run.By;
import dev.caravan.run.DryRun;
import dev.caravan.run.LiveStream;
import dev.caravan.run.Mode;
import dev.caravan.run.RunRequest;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.run.SliceView;
import dev.caravan.run.Steering;
import dev.caravan.run.SteeringException;
import dev.caravan.run.StreamView;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Orders;
import dev.caravan.testkit.Workshop;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.apache.camel.ServiceStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator says of a stream while it is pulled, through the real route. */
@Timeout(60)
class SteeringTest {
    private static final By ANN = new By("ann", "api");
    private static final String ID = "acme-orders";

    /** Four orders a day, from the first of March; a page has three. */
    private static final Orders API = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofHours(6), 1000, 3);

    private static final List<Long> TEN_DAYS = LongStream.range(0, 40).boxed().toList();

    private final Path folder;
    private final MutableClock clock = new MutableClock("2026-03-11T00:00:00Z");
    private final Workshop workshop;
    private final CountDownLatch arrived = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);
    private volatile Function<Asked, Reply> script = SteeringTest::usual;
    private final FakeApi api = FakeApi.start().on("/orders", asked -> script.apply(asked));

    SteeringTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder.resolve("data"), clock);
    }

    @AfterEach
    void close() {
        api.close();
        workshop.close();
    }

    @ParameterizedTest
    @CsvSource({"pause, 1", "stop, 1", "pause, 4", "stop, 4"})
    void endsAtThePageBorderAndGoesOnThere(String how, int parallel) throws Exception {
        script = this::holdsTheFourthOfMarch;
        try (LoadedRoutes routes = load(ORDERS + "parallel: " + parallel + "\n")) {
            RunRequest first = ask(routes);
            Steering steering = begin(routes);
            meet(arrived);
            if (how.equals("pause")) {
                steering.pause(ID, ANN);
            } else {
                steering.stop(ID, ANN);
            }
            answer.countDown();
            RunSummary paused = end(first);
            assertThat(paused.status()).isEqualTo(RunStatus.PAUSED);
            assertThat(paused.error())
                    .isEqualTo(how.equals("pause") ? "paused by ann (api)" : "paused: stopped by ann (api)");
            if (parallel == 1) {
                assertThat(paused.rows()).isEqualTo(15);
            }
            ServiceStatus wanted = how.equals("pause") ? ServiceStatus.Suspended : ServiceStatus.Stopped;
            await().until(() -> status(routes) == wanted);
            int before = api.asked().size();
            assertThatThrownBy(() -> steering.run(ID, ANN))
                    .isInstanceOf(SteeringException.class)
                    .hasMessageContaining(how.equals("pause") ? "resume it first" : "start it first");

            script = SteeringTest::usual;
            if (how.equals("pause")) {
                steering.resume(ID, ANN);
            } else {
                steering.start(ID, ANN);
            }
            await().until(() ->
                    workshop.ids("acme/orders").size() == 40 && !live(routes).isRunning());
            assertThat(api.asked().size()).isGreaterThan(before);
            if (parallel == 1) {
                assertThat(api.asked().get(before).query("page")).isEqualTo("2");
            }
            assertThat(status(routes)).isEqualTo(ServiceStatus.Started);
            assertThat(routes.acts()).extracting(Act::action).startsWith(how, how.equals("pause") ? "resume" : "start");
        }
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void drainsToTheEndOfTheRunAndStops() throws Exception {
        script = this::holdsTheFourthOfMarch;
        try (LoadedRoutes routes = load(ORDERS)) {
            RunRequest first = ask(routes);
            Steering steering = begin(routes);
            meet(arrived);
            RunRequest second = ask(routes);
            steering.drain(ID, ANN);
            assertThat(live(routes).mode()).isEqualTo(Mode.DRAINING);
            answer.countDown();
            assertThat(end(first).status()).isEqualTo(RunStatus.DONE);
            assertThat(end(second).error()).isEqualTo("paused: stopped before it began");
            await().until(() -> status(routes) == ServiceStatus.Stopped);
            assertThat(live(routes).mode()).isEqualTo(Mode.STOPPED);
            assertThat(routes.acts()).extracting(Act::action).containsExactly("drain", "drained");
        }
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void pausesWhileItWaitsForTheVendorAndSaysWhatForUntilWhen() throws Exception {
        AtomicInteger count = new AtomicInteger();
        script = asked -> count.incrementAndGet() == 3
                ? Reply.status(429).header("Retry-After", "600").json("{}")
                : usual(asked);
        try (LoadedRoutes routes = load(ORDERS)) {
            RunRequest first = ask(routes);
            Steering steering = begin(routes);
            await().until(() -> view(routes).waitingFor() != null);
            StreamView waiting = view(routes);
            assertThat(waiting.waitingUntil()).isEqualTo("2026-03-11T00:10:00Z");
            assertThat(waiting.stuck()).isNull();
            clock.move(Duration.ofMinutes(8));
            assertThat(view(routes).stuck()).as("waiting is not stuck").isNull();
            steering.pause(ID, ANN);
            assertThat(end(first).status()).isEqualTo(RunStatus.PAUSED);
            assertThat(api.asked()).hasSize(3);

            script = SteeringTest::usual;
            steering.release("acme", ANN);
            steering.resume(ID, ANN);
            untilLanded(workshop, 41);
        }
        assertThat(workshop.ids("acme/orders"))
                .isEqualTo(LongStream.rangeClosed(0, 40).boxed().toList());
    }

    @Test
    void pausesBetweenTwoTriesOfARequest() throws Exception {
        script = asked -> {
            if (asked.query("from").startsWith("2026-03-04")) {
                arrived.countDown();
                return Reply.status(503).header("Retry-After", "9").json("{}");
            }
            return usual(asked);
        };
        try (LoadedRoutes routes = load(ORDERS)) {
            RunRequest first = ask(routes);
            Steering steering = begin(routes);
            meet(arrived);
            long begun = System.nanoTime();
            steering.pause(ID, ANN);
            assertThat(end(first).status()).isEqualTo(RunStatus.PAUSED);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(7));
            script = SteeringTest::usual;
            steering.resume(ID, ANN);
            untilLanded(workshop, 40);
        }
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"suspend", "stop"})
    void meansTheSameByCamelsOwnActions(String how) throws Exception {
        script = this::holdsTheFourthOfMarch;
        try (LoadedRoutes routes = load(ORDERS)) {
            RunRequest first = ask(routes);
            begin(routes);
            meet(arrived);
            Thread console = new Thread(() -> byCamel(routes, how));
            console.start();
            await().until(() -> status(routes) != ServiceStatus.Started || !consumerStarted(routes));
            answer.countDown();
            assertThat(end(first).status()).isEqualTo(RunStatus.PAUSED);
            console.join();
            assertThat(live(routes).mode()).isEqualTo(how.equals("stop") ? Mode.STOPPED : Mode.PAUSED);
            script = SteeringTest::usual;
            byCamel(routes, how.equals("stop") ? "start" : "resume");
            assertThat(live(routes).mode()).isEqualTo(Mode.ACTIVE);
            untilLanded(workshop, 40);
            assertThat(routes.acts())
                    .extracting(Act::action, act -> act.by().name())
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple(how.equals("stop") ? "stop" : "pause", "jmx"),
                            org.assertj.core.groups.Tuple.tuple(how.equals("stop") ? "start" : "resume", "jmx"));
        }
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pause", "stop"})
    void whatWasSaidSurvivesARestartAndChangedRatesDoNot(String how) throws Exception {
        try (LoadedRoutes routes = load(ORDERS)) {
            RunRequest first = ask(routes);
            Steering steering = begin(routes);
            end(first);
            steering.changeRate("acme", 7, ANN);
            steering.changeInFlight("acme", 3, ANN);
            assertThat(live(routes).connection().limiter().quotas()).containsExactly("7 per 1s, burst 7");
            if (how.equals("pause")) {
                steering.pause(ID, ANN);
            } else {
                steering.stop(ID, ANN);
            }
        }
        clock.move(Duration.ofDays(1));
        int before = api.asked().size();
        try (Workshop next = new Workshop(folder.resolve("data"), clock);
                LoadedRoutes routes = new LoadedRoutes(next, folder.resolve("routes"), Map.of())) {
            Steering steering = begin(routes);
            ServiceStatus wanted = how.equals("pause") ? ServiceStatus.Suspended : ServiceStatus.Stopped;
            await().until(() -> status(routes) == wanted);
            assertThat(routes.acts()).isEmpty();
            assertThat(api.asked()).hasSize(before);
            assertThat(live(routes).connection().limiter().quotas()).containsExactly("10000 per 1s, burst 10000");
            if (how.equals("pause")) {
                steering.resume(ID, ANN);
            } else {
                steering.start(ID, ANN);
            }
            untilLanded(next, 44);
        }
    }

    @Test
    void leavesASliceForTheNextRunAndPullsTheOthers() throws Exception {
        script = this::holdsTheFourthOfMarch;
        try (LoadedRoutes routes = load(ORDERS)) {
            RunRequest first = ask(routes);
            Steering steering = begin(routes);
            meet(arrived);
            SliceView underWay = view(routes).slices().get(0);
            assertThat(underWay.step()).isEqualTo("fetch");
            assertThat(underWay.slice()).contains("2026-03-04");
            String later = view(routes).slices().stream()
                    .map(SliceView::slice)
                    .filter(slice -> slice.contains("2026-03-07"))
                    .findFirst()
                    .orElseThrow();
            steering.skip(ID, underWay.slice(), ANN);
            steering.skip(ID, later, ANN);
            answer.countDown();
            RunSummary summary = end(first);
            assertThat(summary.status()).isEqualTo(RunStatus.PARTIAL);
            assertThat(summary.error()).contains("2026-03-04", "2026-03-07", "skipped by ann (api)");
            assertThat(summary.rows()).isEqualTo(40 - 1 - 4);
            assertThat(end(ask(routes)).status()).isEqualTo(RunStatus.DONE);
        }
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void callsStuckWhatDoesNotMoveAndSaysWhere() throws Exception {
        script = this::holdsTheFourthOfMarch;
        try (LoadedRoutes routes = load(ORDERS)) {
            RunRequest first = ask(routes);
            begin(routes);
            meet(arrived);
            assertThat(view(routes).stuck()).isNull();
            clock.move(Duration.ofMinutes(11));
            assertThat(view(routes).stuck())
                    .contains("2026-03-04", "'fetch'", "since 2026-03-11T00:00:00Z", "acme-orders-1: ");
            answer.countDown();
            end(first);
            assertThat(view(routes).stuck()).isNull();
        }
    }

    @Test
    void showsWhatADryRunAsksAndGetsAndKeepsNothing() throws Exception {
        try (LoadedRoutes routes = load(ORDERS.replace("every: 1h", "every: 100d"))) {
            RunRequest first = ask(routes);
            Steering steering = begin(routes);
            end(first);
            api.forget();
            DryRun shown = steering.dryRun(ID, 2, ANN).get(20, TimeUnit.SECONDS);
            assertThat(shown.records()).isNotEmpty().allMatch(record -> record.contains("\"amount\":1.10"));
            assertThat(shown.requests().get(0)).startsWith("GET ").contains("/orders?");
            assertThat(shown.toString()).doesNotContain("s3cret");
            assertThatThrownBy(() -> steering.dryRun(ID, 0, ANN)).hasMessage("limit=0 is not from 1 to 1000");
        }
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void pullsASpanAgainWhereTheCheckpointStays() throws Exception {
        try (LoadedRoutes routes = load(ORDERS.replace("every: 1h", "every: 100d"))) {
            RunRequest first = ask(routes);
            Steering steering = begin(routes);
            end(first);
            api.forget();
            steering.backfill(ID, "2026-03-02", "2026-03-03", 2, ANN);
            await().until(() -> workshop.summaries().size() == 2);
            RunSummary summary = workshop.summaries().get(1);
            assertThat(summary.status()).isEqualTo(RunStatus.DONE);
            assertThat(summary.duplicates()).isEqualTo(8);
            assertThat(summary.checkpoint()).isEqualTo("2026-03-11T00:00:00Z");
            assertThatThrownBy(() -> steering.backfill(ID, "2026-03-02", null, 0, ANN))
                    .hasMessageContaining("both 'from' and 'to'");
            assertThatThrownBy(() -> steering.backfill(ID, "yesterday", "2026-03-02", 0, ANN))
                    .hasMessageStartingWith("from 'yesterday' is no day or time");
            assertThatThrownBy(() -> steering.backfill(ID, "2026-03-01", "2026-03-02", 65, ANN))
                    .hasMessage("parallel=65 is not from 1 to 64");
            assertThatThrownBy(() -> steering.run("acme-other", ANN)).hasMessage("There is no stream 'acme-other'");
        }
    }

    /** Whatever is said in whatever order: every record once. The seed is in the name of a failure. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void anyActionsInAnyOrderLandEveryRecordOnce(long seed) throws Exception {
        Random random = new Random(seed);
        workshop.withBatchRows(7);
        script = asked -> usual(asked).after(Duration.ofMillis(2));
        List<Long> all = LongStream.range(0, 400).boxed().toList();
        clock.move(Duration.ofDays(90));
        int actions = Integer.getInteger("caravan.steering.actions", 50);
        try (LoadedRoutes routes = load(ORDERS.replace("window: 1d", "window: 5d") + "parallel: 3\n")) {
            Steering steering = begin(routes);
            for (int i = 0; i < actions; i++) {
                act(steering, random);
                int pages = api.asked().size() + random.nextInt(4);
                await().pollInterval(Duration.ofMillis(2))
                        .until(() ->
                                api.asked().size() >= pages || !live(routes).isRunning());
            }
            steering.start(ID, ANN);
            // A file that is there when the folder is listed may have its place a moment later.
            await().pollInterval(Duration.ofMillis(50))
                    .ignoreExceptionsInstanceOf(UncheckedIOException.class)
                    .until(() -> {
                        if (live(routes).isRunning()) {
                            return false;
                        }
                        steering.run(ID, ANN);
                        return workshop.ids("acme/orders").size() >= 400;
                    });
            steering.stop(ID, ANN);
            await().until(() -> !live(routes).isRunning());
            assertThat(live(routes).verify().problems()).isEmpty();
        }
        assertThat(workshop.ids("acme/orders")).isEqualTo(all);
    }

    private static void act(Steering steering, Random random) {
        try {
            switch (random.nextInt(10)) {
                case 0, 1 -> steering.pause(ID, ANN);
                case 2, 3 -> steering.resume(ID, ANN);
                case 4 -> steering.stop(ID, ANN);
                case 5, 6 -> steering.start(ID, ANN);
                case 7 -> steering.drain(ID, ANN);
                case 8 -> steering.backfill(ID, "2026-03-20", "2026-03-24", 2, ANN);
                default -> steering.run(ID, ANN);
            }
        } catch (SteeringException e) {
            assertThat(e.reason()).isEqualTo(SteeringException.Reason.CONFLICT);
        }
    }

    private Reply holdsTheFourthOfMarch(Asked asked) {
        if (asked.query("from").startsWith("2026-03-04") && asked.query("page").isEmpty()) {
            arrived.countDown();
            meet(answer);
        }
        return usual(asked);
    }

    /** A file that is there when the folder is listed may have its place a moment later. */
    private static void untilLanded(Workshop in, int rows) {
        await().ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .until(() -> in.ids("acme/orders").size() == rows);
    }

    private static Steering begin(LoadedRoutes routes) throws Exception {
        routes.context().start();
        return routes.steering();
    }

    private static RunRequest ask(LoadedRoutes routes) {
        return routes.ask(ID);
    }

    private static RunSummary end(RunRequest request) throws Exception {
        return request.done().get(20, TimeUnit.SECONDS);
    }

    private static LiveStream live(LoadedRoutes routes) {
        return routes.streams().live(ID);
    }

    private StreamView view(LoadedRoutes routes) {
        return StreamView.of(live(routes), clock.instant(), Duration.ofMinutes(5));
    }

    private static ServiceStatus status(LoadedRoutes routes) {
        return routes.context().getRouteController().getRouteStatus(ID);
    }

    private static boolean consumerStarted(LoadedRoutes routes) {
        return new ConsumerGate(routes.context().getRoute(ID)).isOpen();
    }

    private static void byCamel(LoadedRoutes routes, String how) {
        try {
            var controller = routes.context().getRouteController();
            switch (how) {
                case "stop" -> controller.stopRoute(ID);
                case "start" -> controller.startRoute(ID);
                case "suspend" -> controller.suspendRoute(ID);
                default -> controller.resumeRoute(ID);
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private LoadedRoutes load(String settings) throws Exception {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        Files.writeString(
                routes.resolve("acme.camel.yaml"), Workshop.vendor(api.url(), Workshop.stream("orders", settings)));
        LoadedRoutes loaded = new LoadedRoutes(workshop, routes, Map.of());
        assertThat(loaded.streams().problems()).isEmpty();
        return loaded;
    }

    private static Reply usual(Asked asked) {
        return Reply.ok(API.answer(asked.uri()));
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
