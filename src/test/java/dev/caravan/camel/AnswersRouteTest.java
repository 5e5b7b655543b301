package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What rules and retries of a vendor file do to a pull, through the real route. */
@Timeout(60)
class AnswersRouteTest {
    private static final String ITEMS = "path: /items\nrecords: $.data\nkey: id\n";
    private static final Reply ONE = Reply.ok("{\"data\":[{\"id\":1}]}");

    private final Path folder;
    private final MutableClock clock = new MutableClock("2026-03-11T00:00:00Z");
    private final Workshop workshop;
    private final AtomicInteger turn = new AtomicInteger();
    private volatile Function<Asked, Reply> script = asked -> ONE;
    private final FakeApi api = FakeApi.start().on("/items", asked -> script.apply(asked));

    AnswersRouteTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder.resolve("data"), clock);
    }

    @AfterEach
    void close() {
        api.close();
        workshop.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | '' | 4",
                "'        retries: {count: 1}\n' | '' | 2",
                "'' | 'retries: {count: 0}' | 1",
                "'        retries: {count: 1}\n' | 'retries: {count: 5}' | 6",
                // Every answer takes a minute of the clock: the third one comes later than within.
                "'' | 'retries: {within: 90s}' | 3",
                "'        retries: {within: 90s}\n' | 'retries: {count: 1}' | 2"
            })
    void repeatsAsOftenAndAsLongAsTheFileSays(String connection, String stream, int requests) throws Exception {
        script = asked -> {
            clock.move(Duration.ofMinutes(1));
            return Reply.status(503).json("{}");
        };
        try (LoadedRoutes routes = load(connection, Workshop.stream("items", ITEMS + stream + "\n"))) {
            RunSummary summary = routes.pull("acme-items").get(0);
            assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
            assertThat(summary.retries()).isEqualTo(requests - 1);
        }
        assertThat(api.asked()).hasSize(requests);
    }

    @Test
    void countsTheRepetitionsOfEachPageAnew() throws Exception {
        script = asked -> turn.getAndIncrement() % 2 == 0
                ? Reply.status(503).json("{}")
                : Reply.ok("{\"data\":[{\"id\":%d}],\"next\":%s}"
                        .formatted(turn.get(), turn.get() < 10 ? "\"p" + turn.get() + "\"" : "null"));
        try (LoadedRoutes routes = load(
                "        retries: {count: 1}\n",
                Workshop.stream("items", ITEMS + "next: {from: body, value: $.next, to: query.page}\n"))) {
            assertThat(routes.pull("acme-items").get(0).status()).isEqualTo(RunStatus.DONE);
        }
        assertThat(workshop.ids("acme/items")).containsExactly(2L, 4L, 6L, 8L, 10L);
    }

    @Test
    void aRuleOfTheStreamComesBeforeThoseOfTheConnection() throws Exception {
        script = asked -> Reply.status(200).json("{\"ok\":false,\"error\":{\"code\":17}}");
        try (LoadedRoutes routes = load(
                "        outcomes: [{body: {$.error.code: [4, 17]}, then: stop}]\n",
                Workshop.stream("items", ITEMS),
                Workshop.stream(
                        "other",
                        ITEMS + "outcomes: [{status: 2xx, body: {$.ok: false, $..code: 17}, then: end-of-data}]\n"))) {
            assertThat(routes.pull("acme-items", "acme-other"))
                    .extracting(RunSummary::status)
                    .containsExactly(RunStatus.FAILED, RunStatus.DONE);
        }
    }

    @Test
    void aConnectionThatIsDownIsLeftAloneAndThenTriedWithOneRequest() throws Exception {
        script = asked -> Reply.status(503).json("{}");
        try (LoadedRoutes routes = load("""
                        retries: {count: 1}
                        breaker: {failures: 50%, of: 4, wait: 20m, probes: 1}
                """, Workshop.stream("items", ITEMS), Workshop.stream("other", ITEMS))) {
            assertThat(routes.pull("acme-items").get(0).status()).isEqualTo(RunStatus.FAILED);
            // Its second answer is the fourth in all: whoever meets the open breaker pauses.
            for (String each : List.of("acme-other", "acme-items")) {
                RunSummary left = routes.pull(each).get(0);
                assertThat(left.status()).isEqualTo(RunStatus.PAUSED);
                assertThat(left.error()).contains("breaker open, 50% of the last 4 answers were failures");
                assertThat(api.asked()).hasSize(4);
            }

            script = asked -> ONE;
            clock.move(Duration.ofMinutes(21));
            assertThat(routes.pull("acme-items").get(0).status()).isEqualTo(RunStatus.DONE);
            assertThat(routes.pull("acme-other").get(0).status()).isEqualTo(RunStatus.DONE);
        }
    }

    private LoadedRoutes load(String... parts) throws Exception {
        return LoadedRoutes.of(workshop, folder, Workshop.vendor(api.url(), parts));
    }
}
