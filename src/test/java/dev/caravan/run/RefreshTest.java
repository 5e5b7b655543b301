package dev.caravan.run;

import static dev.caravan.testkit.Workshop.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Window;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Orders;
import dev.caravan.testkit.Workshop;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Work that is resumed on its own: full refreshes and backfills. */
@Timeout(60)
class RefreshTest {
    private static final String URL = "https://api.acme.example/v1";
    /** Four orders a day, from the first of March. */
    private static final Orders API = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofHours(6), 1000, 3);

    private static final RunRequest SPAN = RunRequest.now()
            .withBackfill(new Window(Instant.parse("2026-03-02T00:00:00Z"), Instant.parse("2026-03-07T00:00:00Z")));

    private final Workshop workshop;
    private final MutableClock clock = new MutableClock("2026-03-11T00:00:00Z");
    private final List<Request> asked = new ArrayList<>();

    RefreshTest(@TempDir Path folder) {
        this.workshop = new Workshop(folder, clock);
    }

    @AfterEach
    void close() {
        workshop.close();
    }

    @Test
    void aRefreshTakesThePlaceOfWhatWasThere() {
        LiveStream orders = orders(ORDERS);
        pull(orders, RunRequest.now(), API::answer);
        Function<URI, String> changed = uri -> API.answer(uri).replace("\"amount\":1.10", "\"amount\":2.20");

        RunSummary refreshed = pull(orders, refresh(), changed);

        assertThat(refreshed.status()).as(refreshed.error()).isEqualTo(RunStatus.DONE);
        assertThat(refreshed.rows()).isEqualTo(40);
        assertThat(refreshed.duplicates())
                .as("keys of another generation do not count")
                .isZero();
        assertThat(workshop.ids("acme/orders")).isEqualTo(ids(40));
        assertThat(workshop.rows("acme/orders"))
                .allMatch(row -> row.path("amount").asText().equals("2.20"));
        assertThat(orders.verify().isSound()).isTrue();

        clock.move(Duration.ofDays(1));
        assertThat(pull(orders, RunRequest.now(), changed).rows())
                .as("goes on from the refresh")
                .isEqualTo(4);
        assertThat(workshop.ids("acme/orders")).isEqualTo(ids(44));
    }

    @Test
    void whatIsThereCountsUntilTheRefreshIsComplete() {
        LiveStream orders = orders(ORDERS);
        pull(orders, RunRequest.now(), API::answer);
        RunSummary broken = pull(orders, refresh(), failing("2026-03-06"));
        assertThat(broken.status()).isEqualTo(RunStatus.PARTIAL);
        assertThat(workshop.ids("acme/orders")).isEqualTo(ids(40));
        assertThat(orders.verify().isSound()).isTrue();
        assertThat(orders.checkpoint()).contains(Instant.parse("2026-03-11T00:00:00Z"));

        clock.move(Duration.ofDays(1));
        assertThat(pull(orders, RunRequest.now(), API::answer).rows())
                .as("ordinary runs go on")
                .isEqualTo(4);
        assertThat(workshop.ids("acme/orders")).isEqualTo(ids(44));

        asked.clear();
        RunSummary resumed = pull(orders, refresh(), API::answer);
        assertThat(resumed.status()).as(resumed.error()).isEqualTo(RunStatus.DONE);
        assertThat(asked).as("the day that failed, and the one that came").hasSize(4);
        assertThat(workshop.ids("acme/orders")).isEqualTo(ids(44));
        assertThat(orders.verify().isSound()).isTrue();
    }

    @Test
    void aRefreshUnderAnotherDefinitionBeginsAnew() {
        pull(orders(ORDERS), RunRequest.now(), API::answer);
        pull(orders(ORDERS), refresh(), failing("2026-03-06"));
        LiveStream changed = orders(ORDERS.replace("key: id", "key: [id, at]"));
        assertThat(pull(changed, RunRequest.now(), API::answer).error()).contains("state reset");

        RunSummary summary = pull(changed, refresh(), API::answer);
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(summary.rows()).isEqualTo(40);
        assertThat(workshop.ids("acme/orders")).isEqualTo(ids(40));
        clock.move(Duration.ofDays(1));
        assertThat(pull(changed, RunRequest.now(), API::answer).status()).isEqualTo(RunStatus.DONE);
        assertThat(changed.verify().isSound()).isTrue();
    }

    @Test
    void aRefreshWithSkippedSlicesIsNotComplete() {
        LiveStream orders = orders(ORDERS);
        pull(orders, RunRequest.now(), API::answer);
        String file = Workshop.vendor(URL, Workshop.stream("orders", ORDERS))
                .replace("in-flight: 64", "in-flight: 64\n        outcomes: [{status: 400, then: skip-slice}]");
        LiveStream skipping = workshop.live(file);
        RunSummary summary = pull(skipping, refresh(), failing("2026-03-06"));
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.error()).contains("the full refresh is not complete, slices were skipped");
        assertThat(workshop.ids("acme/orders")).isEqualTo(ids(40));
    }

    @Test
    void aBackfillGoesOnWhereItWasInterrupted() {
        LiveStream orders = orders(ORDERS);
        RunSummary broken = pull(orders, SPAN, failing("2026-03-04"));
        assertThat(broken.status()).isEqualTo(RunStatus.PARTIAL);
        assertThat(broken.rows()).isEqualTo(16);
        assertThat(orders.checkpoint()).isEmpty();

        asked.clear();
        RunSummary resumed = pull(orders, SPAN, API::answer);
        assertThat(resumed.status()).isEqualTo(RunStatus.DONE);
        assertThat(resumed.rows()).isEqualTo(4);
        assertThat(asked).as("one day, of two pages").hasSize(2);
        assertThat(workshop.store().progress(orders.key()).units()).isEmpty();
        assertThat(orders.checkpoint()).isEmpty();

        asked.clear();
        RunSummary again = pull(orders, SPAN, API::answer);
        assertThat(again.rows()).isZero();
        assertThat(again.duplicates()).isEqualTo(20);
        assertThat(asked).as("once complete, the same backfill reads again").hasSize(10);
    }

    @Test
    void aBackfillAndTheRunsOfTheScheduleDoNotMoveEachOther() {
        LiveStream orders = orders(ORDERS);
        pull(orders, SPAN, failing("2026-03-04"));
        assertThat(pull(orders, RunRequest.now(), API::answer).rows()).isEqualTo(24);
        assertThat(orders.checkpoint()).contains(Instant.parse("2026-03-11T00:00:00Z"));
        assertThat(pull(orders, SPAN, API::answer).duplicates()).isEqualTo(4);
        assertThat(orders.checkpoint()).contains(Instant.parse("2026-03-11T00:00:00Z"));
        assertThat(workshop.ids("acme/orders")).isEqualTo(ids(40));
        assertThat(workshop.store().progress(orders.key()))
                .extracting(Progress::units)
                .matches(units -> units.isEmpty());
    }

    private static RunRequest refresh() {
        return RunRequest.now().withFullRefresh(true);
    }

    private RunSummary pull(LiveStream stream, RunRequest request, Function<URI, String> api) {
        return new ByHand(each -> {
                    asked.add(each);
                    return answer(api.apply(each.uri()));
                })
                .pull(stream, again(request), Gate.OPEN);
    }

    /** A request is answered once. */
    private static RunRequest again(RunRequest request) {
        return RunRequest.now().withBackfill(request.backfill()).withFullRefresh(request.fullRefresh());
    }

    private static Answer answer(String body) {
        return body.isEmpty() ? ByHand.answer(400, "{}") : ByHand.answer(200, body);
    }

    private static Function<URI, String> failing(String day) {
        return uri -> FakeApi.query(uri).getOrDefault("from", "").startsWith(day) ? "" : API.answer(uri);
    }

    private LiveStream orders(String properties) {
        return workshop.live(Workshop.vendor(URL, Workshop.stream("orders", properties)));
    }

    private static List<Long> ids(int count) {
        return LongStream.range(0, count).boxed().toList();
    }
}
