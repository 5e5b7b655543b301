package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static dev.caravan.testkit.Workshop.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.commit.RunEntry;
import dev.caravan.commit.ScheduleEntry;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.sink.Reject;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Window;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Orders;
import dev.caravan.testkit.Workshop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class RunTest {
    private static final String URL = "https://api.acme.example/v1";
    /** Four orders a day, from the first of March. */
    private static final Orders API = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofHours(6), 1000, 3);

    private static final List<Long> TEN_DAYS = LongStream.range(0, 40).boxed().toList();

    private final Path folder;
    private final Workshop workshop;
    private final MutableClock clock = new MutableClock("2026-03-11T00:00:00Z");
    private final List<Request> asked = new ArrayList<>();

    RunTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder, clock);
    }

    @AfterEach
    void close() {
        workshop.close();
    }

    @Test
    void countsWhatItDid() {
        RunSummary summary = new ByHand(usual()).pull(orders(ORDERS));
        assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        assertThat(summary.rows()).isEqualTo(40);
        assertThat(summary.pages()).isEqualTo(20);
        assertThat(summary.requests()).isEqualTo(20);
        assertThat(summary.retries()).isZero();
        assertThat(summary.files()).isEqualTo(10);
        assertThat(summary.bytes()).isPositive();
        assertThat(summary.from()).isEqualTo("2026-03-01T00:00:00Z");
        assertThat(summary.to()).isEqualTo("2026-03-11T00:00:00Z");
        assertThat(summary.checkpoint()).isEqualTo("2026-03-11T00:00:00Z");
        assertThat(summary.source()).isEqualTo("acme_api");
        assertThat(summary.error()).isNull();
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
        assertThat(workshop.summaries()).containsExactly(summary);
    }

    @Test
    void pullsOnlyWhatIsNewTheNextTime() {
        LiveStream orders = orders(ORDERS + "lookback: 1d\n");
        new ByHand(usual()).pull(orders);
        clock.move(Duration.ofDays(1));
        RunSummary second = new ByHand(usual()).pull(orders);
        assertThat(second.rows()).isEqualTo(4);
        assertThat(second.duplicates()).isEqualTo(4);
        assertThat(second.from()).isEqualTo("2026-03-10T00:00:00Z");
        assertThat(workshop.ids("acme/orders")).hasSize(44).doesNotHaveDuplicates();
    }

    @Test
    void endsWithASummaryAlsoWhenTheDatabaseDoesNotAnswer() {
        LiveStream orders = orders(ORDERS);
        workshop.store().close();

        RunSummary atTheStart = new ByHand(usual()).pull(orders);

        assertThat(atTheStart.status()).isEqualTo(RunStatus.FAILED);
        assertThat(atTheStart.error()).contains("caravan.db is closed");
        assertThat(orders.isRunning()).isFalse();
    }

    @Test
    void pausesWhatWasAskedForAndNeverBegun() {
        LiveStream orders = orders(ORDERS);
        RunRequest request = RunRequest.now();
        RunRequest late = RunRequest.now();
        orders.ask(request);

        orders.leave();
        orders.ask(late);

        for (RunRequest each : List.of(request, late)) {
            assertThat(each.done().join().status()).isEqualTo(RunStatus.PAUSED);
            assertThat(each.done().join().error()).contains("stopped before it began");
        }
    }

    @Test
    void endsWithASummaryAlsoWhenTheDatabaseStopsAnsweringInTheMiddle() {
        LiveStream orders = orders(ORDERS);
        AtomicInteger asked = new AtomicInteger();

        RunSummary inTheMiddle = new ByHand(request -> {
                    if (asked.incrementAndGet() == 8) {
                        workshop.store().close();
                    }
                    return usual().apply(request);
                })
                .pull(orders);

        assertThat(inTheMiddle.status()).isEqualTo(RunStatus.PARTIAL);
        assertThat(inTheMiddle.error()).contains("caravan.db is closed");
        assertThat(orders.isRunning()).isFalse();
    }

    @Test
    void pausesWhenAHoldIsLongerThanItsPatience() {
        RunSummary paused = new ByHand(once(answer(429, "", "Retry-After", "3600"))).pull(orders(ORDERS));
        assertThat(paused.status()).isEqualTo(RunStatus.PAUSED);
        assertThat(paused.error()).contains("waiting for", "429", "2026-03-11T01:00:00Z");
        assertThat(paused.checkpoint()).isNull();
        clock.move(Duration.ofHours(1));
        assertThat(new ByHand(usual()).pull(orders(ORDERS)).status()).isEqualTo(RunStatus.DONE);
        assertThat(workshop.ids("acme/orders"))
                .isEqualTo(LongStream.range(0, 41).boxed().toList());
    }

    @Test
    void waitsOutAHoldWithinItsPatience() {
        LiveStream orders = orders(ORDERS);
        CompletableFuture<RunSummary> run = CompletableFuture.supplyAsync(
                () -> new ByHand(once(answer(429, "", "Retry-After", "60"))).pull(orders));
        await().until(() -> orders.state().contains("waiting for HTTP 429"));
        assertThat(run).isNotDone();
        clock.move(Duration.ofSeconds(61));
        RunSummary summary = run.join();
        assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        assertThat(summary.waits()).isEqualTo(1);
        assertThat(summary.retries()).isZero();
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void takesAHoldThatIsRenewedAgainAndAgainForOneWait() {
        LiveStream orders = orders(ORDERS);
        CompletableFuture<RunSummary> run = CompletableFuture.supplyAsync(
                () -> new ByHand(request -> answer(429, "", "Retry-After", "600")).pull(orders));
        await().until(() -> orders.state().contains("waiting for HTTP 429"));
        clock.move(Duration.ofSeconds(601));
        RunSummary summary = run.join();
        assertThat(summary.status()).isEqualTo(RunStatus.PAUSED);
        assertThat(summary.requests()).isEqualTo(2);
    }

    @Test
    void endsAWaitWhenItsGateCloses() {
        LiveStream orders = orders(ORDERS);
        AtomicBoolean open = new AtomicBoolean(true);
        CompletableFuture<RunSummary> run = CompletableFuture.supplyAsync(() ->
                new ByHand(request -> answer(429, "", "Retry-After", "600")).pull(orders, RunRequest.now(), open::get));
        await().until(() -> orders.state().contains("waiting for HTTP 429"));
        open.set(false);
        assertThat(run.join().status()).isEqualTo(RunStatus.PAUSED);
        assertThat(run.join().error()).contains("stopped");
    }

    @Test
    void pausesBetweenTwoPagesAndGoesOnThere() {
        LiveStream orders = orders(ORDERS);
        RunSummary paused = new ByHand(usual()).pull(orders, RunRequest.now(), () -> asked.size() < 5);
        assertThat(paused.status()).isEqualTo(RunStatus.PAUSED);
        assertThat(paused.checkpoint()).isEqualTo("2026-03-03T00:00:00Z");
        assertThat(paused.rows()).isEqualTo(11);
        asked.clear();
        RunSummary rest = new ByHand(usual()).pull(orders);
        assertThat(asked.get(0).uri()).hasParameter("page", "2").hasParameter("from", "2026-03-03T00:00:00Z");
        assertThat(rest.status()).isEqualTo(RunStatus.DONE);
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void leavesTheForwardCursorAloneInABackfill() {
        LiveStream orders = orders(ORDERS.replace("2026-03-01", "2026-03-05"));
        new ByHand(usual()).pull(orders);
        Progress before = workshop.store().progress(orders.key());
        RunSummary first =
                new ByHand(usual()).pull(orders, backfill("2026-03-02T00:00:00Z", "2026-03-07T00:00:00Z"), Gate.OPEN);
        assertThat(first.status()).isEqualTo(RunStatus.DONE);
        assertThat(first.rows()).isEqualTo(12);
        assertThat(first.duplicates()).isEqualTo(8);
        RunSummary again =
                new ByHand(usual()).pull(orders, backfill("2026-03-02T00:00:00Z", "2026-03-07T00:00:00Z"), Gate.OPEN);
        assertThat(again.rows()).isZero();
        assertThat(workshop.store().progress(orders.key())).isEqualTo(before);
        assertThat(workshop.ids("acme/orders"))
                .isEqualTo(LongStream.range(4, 40).boxed().toList());
    }

    @Test
    void stopsAtThePageBorderAfterItsLimit() {
        LiveStream orders = orders(ORDERS);
        RunSummary limited = new ByHand(usual()).pull(orders, limit(2), Gate.OPEN);
        assertThat(limited.rows()).isEqualTo(3);
        assertThat(limited.checkpoint()).isNull();
        RunSummary whole = new ByHand(usual()).pull(orders, limit(1), Gate.OPEN);
        assertThat(whole.rows()).isEqualTo(1);
        assertThat(whole.checkpoint()).isEqualTo("2026-03-02T00:00:00Z");
        new ByHand(usual()).pull(orders);
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void beginsASliceAnewWhoseOldPositionTheApiRefuses() {
        LiveStream orders = orders(ORDERS);
        new ByHand(usual()).pull(orders, RunRequest.now(), () -> asked.size() < 3);
        asked.clear();
        RunSummary summary = new ByHand(
                        usual(request -> asked.size() == 1 ? answer(400, "{\"message\":\"no such page\"}") : null))
                .pull(orders);
        assertThat(asked.get(0).uri()).hasParameter("page", "2");
        assertThat(asked.get(1).uri()).hasNoParameter("page");
        assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void failsWhenTheFirstPageIsRefusedToo() {
        LiveStream orders = orders(ORDERS);
        new ByHand(usual()).pull(orders, RunRequest.now(), () -> asked.size() < 19);
        asked.clear();
        RunSummary summary = new ByHand(usual(request -> answer(400, ""))).pull(orders);
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.checkpoint()).isEqualTo("2026-03-10T00:00:00Z");
    }

    @Test
    void beginsASliceAnewWhereAnErrorThatCallsItselfASuccessRefusesItsPosition() {
        LiveStream orders = orders(ORDERS.replace("window: 1d", "window: 100d"));
        new ByHand(usual()).pull(orders, RunRequest.now(), () -> asked.size() < 2);
        asked.clear();
        RunSummary summary = new ByHand(
                        usual(request -> asked.size() == 1 ? answer(200, "{\"error\":\"cursor expired\"}") : null))
                .pull(orders);
        assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        assertThat(FakeApi.query(asked.get(0).uri()).get("page")).isNotEqualTo("1");
        assertThat(FakeApi.query(asked.get(1).uri()).getOrDefault("page", "1")).isEqualTo("1");
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void commitsWhatItHasBeforeALongWait() {
        RunSummary paused = new ByHand(
                        usual(request -> asked.size() == 3 ? answer(429, "", "Retry-After", "86400") : null))
                .pull(orders(ORDERS.replace("window: 1d", "window: 100d")));
        assertThat(paused.status()).isEqualTo(RunStatus.PAUSED);
        assertThat(paused.error()).contains("until 2026-03-12T00:00:00Z");
        assertThat(workshop.ids("acme/orders")).hasSize(6);
    }

    @Test
    void takesA304ForNoAnswerWhereNothingWasSaidOfWhatIsKnown() {
        RunSummary summary = new ByHand(usual(request -> answer(304, ""))).pull(orders(ORDERS));
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.error()).contains("HTTP 304, though nothing was said");
        assertThat(summary.checkpoint()).isNull();
    }

    @Test
    void endsASliceWhosePagesAreAllTheSame() {
        String page = "{\"data\":[{\"id\":1,\"at\":\"2026-03-02T00:00:00Z\"}],\"next\":\"%d\"}";
        RunSummary summary = new ByHand(usual(request -> answer(200, page.formatted(asked.size()))))
                .pull(orders(ORDERS.replace("window: 1d", "window: 100d")));
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.error()).contains("page=1", "the very records of an earlier one");
        assertThat(summary.requests()).isEqualTo(2);
        assertThat(summary.checkpoint()).isNull();
    }

    @Test
    void givesBackTheMemoryOfItsPagesHoweverItEnds() {
        PageMemory memory = new PageMemory(100_000);
        workshop.withMemory(memory);
        new ByHand(usual()).pull(orders(ORDERS));
        assertThat(memory.taken()).isZero();
        new ByHand(usual(request -> asked.size() % 2 == 0 ? answer(200, "{\"data\":[") : null)).pull(orders(ORDERS));
        assertThat(memory.taken()).isZero();
    }

    @Test
    void commitsEarlyWhereMemoryIsShort() {
        workshop.withMemory(new PageMemory(17_500));
        RunSummary summary = new ByHand(usual()).pull(orders(ORDERS.replace("window: 1d", "window: 100d")));
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(summary.files()).as("one for each batch and day").isGreaterThan(11);
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void failsASliceWhosePageNeverFitsIntoMemory() {
        workshop.withMemory(new PageMemory(400));
        RunSummary summary = new ByHand(usual()).pull(orders(ORDERS));
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.error()).contains("of memory that all pages", "caravan.page-memory", "-Xmx");
    }

    @Test
    void givesUpWhenASliceMustBeginAnewTooOften() {
        String yaml = rule("{status: 409, then: restart-slice}", ORDERS.replace("window: 1d", "window: 100d"));
        RunSummary summary = new ByHand(usual(request -> answer(409, ""))).pull(workshop.live(yaml));
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.requests()).isEqualTo(3);
    }

    @Test
    void leavesASkippedSliceBehindTheCheckpoint() {
        RunSummary summary = new ByHand(usual(request -> asks(request, "2026-03-03") ? answer(404, "") : null))
                .pull(workshop.live(rule("{status: 404, then: skip-slice, say: \"look it up\"}", ORDERS)));
        assertThat(summary.rows()).isEqualTo(36);
        assertThat(summary.checkpoint()).isEqualTo("2026-03-03T00:00:00Z");
        assertThat(summary.status()).isEqualTo(RunStatus.PARTIAL);
        assertThat(summary.error()).contains("acme-orders 2026-03-03T00:00:00Z", "skipped: HTTP 404", "; look it up");
    }

    @Test
    void aRunWhoseSlicesAreAllSkippedHasFailed() {
        RunSummary summary = new ByHand(request -> answer(404, ""))
                .pull(workshop.live(rule("{status: 404, then: skip-slice}", ORDERS)));
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.requests()).isEqualTo(10);
    }

    @Test
    void movesPastASliceThatHasNoData() {
        RunSummary summary = new ByHand(usual(request -> asks(request, "2026-03-03") ? answer(404, "") : null))
                .pull(workshop.live(rule("{status: 404, then: end-of-data}", ORDERS)));
        assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        assertThat(summary.rows()).isEqualTo(36);
        assertThat(summary.checkpoint()).isEqualTo("2026-03-11T00:00:00Z");
    }

    @Test
    void commitsTheOtherSlicesWhenOneFails() {
        RunSummary summary =
                new ByHand(usual(request -> asks(request, "2026-03-03") ? answer(401, "") : null)).pull(orders(ORDERS));
        assertThat(summary.status()).isEqualTo(RunStatus.PARTIAL);
        assertThat(summary.rows()).isEqualTo(36);
        assertThat(summary.error()).contains("acme-orders", "2026-03-03", "401").doesNotContain("s3cret");
        new ByHand(usual()).pull(orders(ORDERS));
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void sendsTheValidatorOfASinglePageTheNextTime() {
        LiveStream list = orders("path: /list\nkey: id\nconditional: true\n");
        new ByHand(usual(request -> answer(200, "[{\"id\":1}]", "ETag", "\"one\""))).pull(list);
        RunSummary unchanged = new ByHand(usual(request -> answer(304, ""))).pull(list);
        assertThat(asked.get(0).headers()).doesNotContainKey("If-None-Match");
        assertThat(asked.get(1).headers()).containsEntry("If-None-Match", "\"one\"");
        assertThat(unchanged.status()).isEqualTo(RunStatus.DONE);
        assertThat(unchanged.rows()).isZero();
        assertThat(unchanged.requests()).isEqualTo(1);
        new ByHand(usual(request -> answer(304, ""))).pull(list);
        assertThat(asked.get(2).headers()).containsEntry("If-None-Match", "\"one\"");
    }

    @Test
    void opensARunThatIsAskedForMeanwhileAfterTheOneUnderWay() {
        LiveStream orders = orders(ORDERS);
        orders.ask(RunRequest.now());
        Run first = orders.open(Gate.OPEN);
        RunRequest second = RunRequest.now();
        orders.ask(second);
        assertThat(orders.open(Gate.OPEN).getSlices()).isEmpty();
        assertThat(second.done()).isNotDone();
        first.close(null);
        Run next = orders.open(Gate.OPEN);
        assertThat(next.getSlices()).isNotEmpty();
        next.close(null);
        assertThat(second.done()).isCompleted();
    }

    @Test
    void asksWithTheValuesGivenToTheRun() {
        LiveStream list = orders("path: /list\nkey: id\nquery: {region: '${vars.region}'}\n");
        ByHand api = new ByHand(usual(request -> answer(200, "[{\"id\":1}]")));
        RunSummary without = api.pull(list);
        assertThat(without.status()).isEqualTo(RunStatus.FAILED);
        assertThat(without.error()).contains("acme-orders", "--var region=value");
        RunRequest north = RunRequest.now().withVars(Map.of("region", "north"));
        assertThat(api.pull(list, north, Gate.OPEN).status()).isEqualTo(RunStatus.DONE);
        assertThat(asked.get(0).uri().getQuery()).isEqualTo("region=north");
    }

    @Test
    void keepsNoValidatorOfAPageThatMayBeFull() {
        LiveStream list = orders("path: /list\nkey: id\nconditional: true\nquery: {per_page: 2}\n");
        Function<Request, Answer> full = usual(request -> answer(200, "[{\"id\":1},{\"id\":2}]", "ETag", "\"one\""));
        new ByHand(full).pull(list);
        new ByHand(full).pull(list);
        assertThat(asked.get(1).headers()).doesNotContainKey("If-None-Match");
    }

    @Test
    void forgetsTheValidatorWhenTheListGrows() {
        LiveStream list = orders("path: /list\nkey: id\nconditional: true\n");
        new ByHand(usual(request -> answer(200, "[{\"id\":1}]", "ETag", "\"one\""))).pull(list);
        new ByHand(usual(request -> answer(200, "[{\"id\":1},{\"id\":2}]"))).pull(list);
        new ByHand(usual(request -> answer(200, "[]"))).pull(list);
        assertThat(asked.get(2).headers()).doesNotContainKey("If-None-Match");
    }

    @Test
    void keepsNoValidatorOfSeveralPages() {
        LiveStream list = orders("""
                path: /list
                records: $.data
                key: id
                conditional: true
                next: {from: body, value: $.next, to: query.page}
                """);
        Orders pages = new Orders(Instant.EPOCH, Duration.ofDays(1), 5, 3);
        Function<Request, Answer> api = usual(request -> answer(200, pages.answer(request.uri()), "ETag", "\"one\""));
        new ByHand(api).pull(list);
        asked.clear();
        new ByHand(api).pull(list);
        assertThat(asked.get(0).headers()).doesNotContainKey("If-None-Match");
    }

    @Test
    void asksAgainForAnAnswerThatWasNotWhole() {
        LiveStream orders = orders(ORDERS);
        CompletableFuture<RunSummary> run = CompletableFuture.supplyAsync(
                () -> new ByHand(once(answer(200, "{\"data\":[{\"id\":1,"))).pull(orders));
        await().until(() -> orders.state().contains("waiting for a whole answer"));
        clock.move(Duration.ofSeconds(1));
        assertThat(run.join().status()).isEqualTo(RunStatus.DONE);
        assertThat(run.join().retries()).isEqualTo(1);
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void holdsAStreamWhoseKeyChangedAndPullsAnewOneWhoseRequestDid() {
        new ByHand(usual()).pull(orders(ORDERS), RunRequest.now(), () -> asked.size() < 3);
        asked.clear();
        RunSummary held = new ByHand(usual()).pull(orders(ORDERS.replace("key: id", "key: at")));
        assertThat(held.status()).isEqualTo(RunStatus.FAILED);
        assertThat(held.error()).contains("held", "state reset acme-orders");
        assertThat(asked).isEmpty();
        new ByHand(usual()).pull(orders(ORDERS.replace("query: {", "query: {expand: all, ")));
        assertThat(asked.get(0).uri()).hasNoParameter("page");
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void asksNothingWithoutACredential() {
        RunSummary summary = new ByHand(usual())
                .pull(workshop.live(Workshop.vendor(URL, Workshop.stream("orders", ORDERS))
                        .replace("token: s3cret-token", "token: \"\"")));
        assertThat(summary.status()).isEqualTo(RunStatus.NOT_CONFIGURED);
        assertThat(summary.error()).contains("acme.camel.yaml");
        assertThat(asked).isEmpty();
    }

    @Test
    void leavesAStreamAloneThatAnotherRunHolds() {
        LiveStream first = orders(ORDERS);
        first.ask(RunRequest.now());
        Run holder = first.open(Gate.OPEN);
        Optional<ScheduleEntry> place = workshop.store().schedules().of(first.key());
        clock.move(Duration.ofHours(1));
        RunSummary second = new ByHand(usual()).pull(orders(ORDERS));
        assertThat(second.status()).isEqualTo(RunStatus.HELD);
        assertThat(asked).isEmpty();
        assertThat(place).isPresent();
        assertThat(workshop.store().schedules().of(first.key())).isEqualTo(place);
        holder.close(null);
    }

    @Test
    void isRepeatedWhenItIsKilledBeforeItsReport() {
        LiveStream orders = orders(ORDERS);
        List<Boolean> over = new ArrayList<>();
        workshop.onSummary(summary -> {
            over.add(!workshop.store().runs().latest(orders.key(), 1).isEmpty());
            over.add(finished(orders));
            throw new Killed();
        });
        assertThatThrownBy(() -> new ByHand(usual()).pull(orders)).isInstanceOf(Killed.class);
        workshop.onSummary(summary -> {});

        assertThat(over)
                .as("neither the history nor the schedule says that it is over")
                .containsExactly(false, false);
        assertThat(repeated().rows()).isZero();
    }

    @Test
    void isRepeatedWhenItIsKilledBetweenItsReportAndItsPlaceInTheSchedule() throws Exception {
        LiveStream orders = orders(ORDERS);
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("state/caravan.db"));
                Statement statement = other.createStatement()) {
            statement.execute("""
                    CREATE TRIGGER killed BEFORE UPDATE ON schedule WHEN NEW.last_finished IS NOT NULL
                    BEGIN SELECT RAISE(ABORT, 'killed'); END""");
            new ByHand(usual()).pull(orders);
            statement.execute("DROP TRIGGER killed");
        }
        RunSummary first = workshop.summaries().get(0);
        assertThat(history(orders)).containsExactly(first.run());

        RunSummary second = repeated();
        assertThat(first.rows()).isEqualTo(40);
        assertThat(second.rows()).isZero();
        assertThat(history(orders)).containsExactlyInAnyOrder(first.run(), second.run());
        assertThat(workshop.summaries()).containsExactly(first, second);
    }

    /** Returns what another process does that finds a run which is not over, and nothing asked for. */
    private RunSummary repeated() {
        LiveStream next = orders(ORDERS);
        assertThat(next.due()).isEqualTo(Instant.EPOCH);
        new ByHand(usual()).turn(next);
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
        assertThat(finished(next)).isTrue();
        assertThat(orders(ORDERS).due()).isAfter(clock.instant());
        return next.lastRun().orElseThrow();
    }

    private boolean finished(LiveStream stream) {
        return workshop.store().schedules().of(stream.key()).orElseThrow().lastFinished() != null;
    }

    private List<String> history(LiveStream stream) {
        return workshop.store().runs().latest(stream.key(), 10).stream()
                .map(RunEntry::run)
                .toList();
    }

    /** Nobody takes it for a failure that can be told of. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    @Test
    void pullsASliceOfTooManyPagesInHalves() {
        RunSummary summary = new ByHand(usual()).pull(orders(ORDERS + "max-pages: 1\n"));
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(summary.checkpoint()).isEqualTo("2026-03-11T00:00:00Z");
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
        assertThat(asked)
                .extracting(request -> FakeApi.query(request.uri()).get("from"))
                .contains("2026-03-05T12:00:00Z");
    }

    @Test
    void goesOnWithTheHalfOfASliceThatFailed() {
        LiveStream orders = orders(ORDERS + "max-pages: 1\n");
        RunSummary broken = new ByHand(usual(request ->
                        FakeApi.query(request.uri()).getOrDefault("from", "").equals("2026-03-05T12:00:00Z")
                                ? answer(400, "{}")
                                : answer(200, API.answer(request.uri()))))
                .pull(orders);
        assertThat(broken.status()).isEqualTo(RunStatus.PARTIAL);
        assertThat(broken.checkpoint()).isEqualTo("2026-03-05T12:00:00Z");
        asked.clear();
        RunSummary rest = new ByHand(usual()).pull(orders);
        assertThat(rest.rows())
                .as("of two, one was on the page that was read before the split")
                .isEqualTo(1);
        assertThat(rest.duplicates()).isEqualTo(1);
        assertThat(asked).hasSize(1);
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void failsASliceOfTooManyPagesThatCannotBeDivided() {
        LiveStream days = orders(ORDERS.replace("format: iso", "format: [date, iso]") + "max-pages: 1\n");
        RunSummary summary = new ByHand(usual(request ->
                        answer(200, "{\"data\":[{\"id\":%d}],\"next\":\"%d\"}".formatted(asked.size(), asked.size()))))
                .pull(days);
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.error())
                .contains("truncated: more than 1 pages, and it cannot be split", "'window'", "'max-pages'");
        assertThat(summary.checkpoint()).isNull();
    }

    @Test
    void keepsNothingOfATrial() throws Exception {
        List<String> shown = new ArrayList<>();
        LiveStream orders = orders(ORDERS);
        RunRequest request = RunRequest.now().withTrial(new Trial(2, shown::add, ignored -> {}, ignored -> {}));
        RunSummary summary = new ByHand(usual()).pull(orders, request, Gate.OPEN);
        assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        assertThat(shown).hasSize(2).allMatch(line -> line.contains("\"id\":"));
        assertThat(asked).hasSize(1);
        assertThat(workshop.summaries()).isEmpty();
        assertThat(workshop.store().progress(orders.key())).isEqualTo(Progress.NONE);
        try (var landed = Files.list(folder)) {
            assertThat(landed.map(file -> file.getFileName().toString())).containsExactly("state");
        }
    }

    @Test
    void showsInATrialWhatWouldBeRejectedAndDoesNotReadOnForever() {
        List<Reject> rejects = new ArrayList<>();
        RunRequest request = RunRequest.now().withTrial(new Trial(2, shown -> {}, rejects::add, ignored -> {}));
        RunSummary summary = new ByHand(usual(asked -> answer(200, "{\"data\":[{},7],\"next\":\"more\"}")))
                .pull(orders(ORDERS + "max-rejected: 0%\n"), request, Gate.OPEN);
        assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        assertThat(rejects).extracting(Reject::raw).containsExactly("{}", "7");
        assertThat(asked).hasSize(1);
    }

    @Test
    void opensNothingUntilItIsDue() {
        LiveStream orders = orders(ORDERS);
        new ByHand(usual()).pull(orders);
        assertThat(orders.open(Gate.OPEN).getSlices()).isEmpty();
        clock.move(Duration.ofMinutes(59));
        assertThat(orders(ORDERS).open(Gate.OPEN).getSlices()).isEmpty();
        clock.move(Duration.ofMinutes(4));
        Run due = orders.open(Gate.OPEN);
        assertThat(due.getSlices()).hasSize(1);
        due.close(null);
        assertThat(workshop.summaries()).hasSize(2);
    }

    @Test
    void failsBeforeTheCommitWhenTooMuchIsRejected() {
        LiveStream strict = orders(ORDERS + "max-rejected: 5%\n");
        Function<Request, Answer> half = usual(request -> asks(request, "2026-03-03")
                ? answer(
                        200,
                        "{\"data\":[{\"id\":900,\"at\":\"2026-03-03T01:00:00Z\"},{\"at\":\"2026-03-03T02:00:00Z\"},7]}")
                : null);
        RunSummary failed = new ByHand(half).pull(strict);
        assertThat(failed.status()).isEqualTo(RunStatus.PARTIAL);
        assertThat(failed.checkpoint()).isEqualTo("2026-03-03T00:00:00Z");
        assertThat(failed.error())
                .contains(
                        "acme-orders 2026-03-03T00:00:00Z",
                        "18.2% of the records read were rejected, 2 of 11, where 'max-rejected' allows 5%",
                        "1 because a record is an object, this is a number; 1 because the key field 'id' is missing",
                        "preview acme-orders",
                        "errors/acme/orders",
                        "max-rejected: 100%");
        assertThat(workshop.ids("acme/orders")).doesNotContain(900L);

        RunSummary allowed = new ByHand(half).pull(orders(ORDERS + "max-rejected: 100%\n"));
        assertThat(allowed.status()).isEqualTo(RunStatus.DONE);
        assertThat(allowed.rejected()).isEqualTo(2);
        assertThat(workshop.ids("acme/orders")).contains(900L);
        assertThat(Landed.in(folder, "errors/acme/orders").lines()).hasSize(2).anySatisfy(line -> assertThat(line)
                .isEqualTo("{\"reason\":\"a record is an object, this is a number\",\"page\":\"%s\",\"raw\":\"7\"}"
                        .formatted(orders(ORDERS).firstPosition())));
    }

    @Test
    void bearsABadRecordOfAQuietStreamAndNotHalfOfMany() {
        LiveStream list = orders("path: /list\nkey: id\n");
        assertThat(new ByHand(usual(request -> answer(200, "[{},{},{}]")))
                        .pull(list)
                        .status())
                .isEqualTo(RunStatus.DONE);
        String many = "[" + "{},".repeat(60)
                + LongStream.range(0, 50).mapToObj("{\"id\":%d}"::formatted).collect(Collectors.joining(",")) + "]";
        RunSummary failed = new ByHand(usual(request -> answer(200, many))).pull(list);
        assertThat(failed.status()).isEqualTo(RunStatus.FAILED);
        assertThat(failed.error())
                .contains("60 of 110", "allows 50% (from 100 records on)", "60 because the key field 'id' is missing");
        assertThat(workshop.ids("acme/orders")).isEmpty();
    }

    @Test
    void keepsAndCountsRecordsWithoutTheirCursor() {
        LiveStream list = orders("path: /list\nkey: id\ncursor: {field: at, format: iso, order: ascending}\n");
        RunSummary summary = new ByHand(usual(request ->
                        answer(200, "[{\"id\":1,\"at\":\"2026-03-03T00:00:00Z\"},{\"id\":2,\"at\":null},{\"id\":3}]")))
                .pull(list);
        assertThat(summary.rows()).isEqualTo(3);
        assertThat(summary.undated()).isEqualTo(2);
        assertThat(summary.checkpoint()).isEqualTo("2026-03-03T00:00:00Z");
        assertThat(folder.resolve("acme/orders/date=unknown")).isNotEmptyDirectory();
        assertThat(list.counters().undated()).isEqualTo(2);
    }

    @Test
    void countsNothingAsUndatedInAStreamWithoutACursor() {
        RunSummary summary = new ByHand(usual(request -> answer(200, "[{\"id\":1},{\"id\":2}]")))
                .pull(orders("path: /list\nkey: id\n"));
        assertThat(summary.rows()).isEqualTo(2);
        assertThat(summary.undated()).isZero();
    }

    /** Otherwise a stream of nothing but rejects would hold all of them until its end. */
    @Test
    void rejectsFillABatchLikeRecords() {
        LiveStream list = new Workshop(folder.resolve("small"), clock)
                .withBatchRows(2)
                .live(Workshop.vendor(URL, Workshop.stream("orders", """
                        path: /list
                        records: $.data
                        key: id
                        next: {from: body, value: $.next, to: query.page}
                        """)));
        AtomicInteger page = new AtomicInteger();
        RunSummary summary = new ByHand(usual(request -> answer(
                        200,
                        "{\"data\":[{},{}],\"next\":%s}"
                                .formatted(page.incrementAndGet() < 4 ? "\"" + page + "\"" : null))))
                .pull(list);
        assertThat(summary.rejected()).isEqualTo(8);
        assertThat(Landed.in(folder.resolve("small"), "acme/orders").commits().stream()
                        .filter(commit -> !commit.path("rejects").isEmpty()))
                .hasSize(4);
    }

    @Test
    void leavesOutARunThatAnotherProcessMade() {
        LiveStream orders = orders(ORDERS);
        LiveStream elsewhere = orders(ORDERS);
        new ByHand(usual()).pull(elsewhere);

        assertThat(orders.open(Gate.OPEN).getSlices()).isEmpty();

        clock.move(Duration.ofMinutes(63));
        Run due = orders.open(Gate.OPEN);
        assertThat(due.getSlices()).hasSize(1);
        due.close(null);
        assertThat(workshop.summaries()).hasSize(2);
    }

    private LiveStream orders(String properties) {
        return workshop.live(Workshop.vendor(URL, Workshop.stream("orders", properties)));
    }

    private static String rule(String rule, String properties) {
        return Workshop.vendor(URL + "\n        outcomes: [" + rule + "]", Workshop.stream("orders", properties));
    }

    private Function<Request, Answer> usual() {
        return usual(request -> null);
    }

    /** Answers as the API does, unless {@code odd} has something else to say. */
    private Function<Request, Answer> usual(Function<Request, Answer> odd) {
        return request -> {
            asked.add(request);
            Answer other = odd.apply(request);
            return other == null ? answer(200, API.answer(request.uri())) : other;
        };
    }

    private Function<Request, Answer> once(Answer first) {
        return usual(request -> asked.size() == 1 ? first : null);
    }

    private static boolean asks(Request request, String day) {
        return FakeApi.query(request.uri()).getOrDefault("from", "").startsWith(day);
    }

    private static RunRequest backfill(String from, String to) {
        return RunRequest.now().withBackfill(new Window(Instant.parse(from), Instant.parse(to)));
    }

    private static RunRequest limit(long rows) {
        return RunRequest.now().withLimit(rows);
    }
}
