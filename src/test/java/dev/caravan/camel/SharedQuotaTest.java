package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.run.RunRequest;
import dev.caravan.run.RunStatus;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.Workshop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ten streams of one connection at once, their requests counted where they arrive. */
@Timeout(90)
class SharedQuotaTest {
    private static final int STREAMS = 10;
    private static final int PAGES = 24;
    private static final int RATE = 60;
    private static final Duration PER = Duration.ofSeconds(2);

    private final Path folder;
    private final Workshop workshop;
    private final FakeApi api = FakeApi.start().on("/items", SharedQuotaTest::page);

    SharedQuotaTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder.resolve("data"), Clock.systemUTC());
    }

    @AfterEach
    void close() {
        api.close();
        workshop.close();
    }

    @Test
    void neverExceedTheQuotaAndUseIt() throws Exception {
        pullAll("quotas: [{rate: %d, per: %ds}]".formatted(RATE, PER.toSeconds()), "");
        List<Asked> arrived = arrived();
        assertThat(arrived).hasSize(STREAMS * PAGES);
        for (int i = 0; i + RATE < arrived.size(); i++) {
            assertThat(arrived.get(i + RATE).since(arrived.get(i))).isGreaterThanOrEqualTo(PER);
        }
        int lastFull = arrived.size() - RATE;
        Duration time = arrived.get(lastFull).since(arrived.get(0));
        double use = (double) lastFull / RATE * PER.toNanos() / time.toNanos();
        // 97 % when the machine is at rest; a build shares it with others.
        assertThat(use).as("share of the quota that was used").isBetween(0.85, 1.0);
        Files.writeString(Path.of("target/quota-use.txt"), Double.toString(use));
    }

    @Test
    void keepToWhatTheServerSaysIsLeft() throws Exception {
        // No quota is declared; the server refuses more than twelve in a second of its clock, and says what is left.
        AtomicInteger refused = new AtomicInteger();
        List<Long> windows = new ArrayList<>();
        api.on("/items", asked -> {
            long second = System.currentTimeMillis() / 1000;
            int left;
            synchronized (windows) {
                left = 11
                        - (int) windows.stream().filter(each -> each == second).count();
                windows.add(second);
            }
            if (left < 0) {
                refused.incrementAndGet();
                return Reply.status(429).json("{}");
            }
            return page(asked)
                    .header("X-RateLimit-Remaining", Integer.toString(left))
                    .header("X-RateLimit-Reset", Long.toString((second + 1) * 1000));
        });
        pullAll("quotas: [{rate: 1000, per: 1s}]", "max-pages: 6\n");
        // Before the first answer of a span nobody knows of it: as many as are in flight may be too many.
        assertThat(refused.get()).isLessThanOrEqualTo(20);
    }

    private void pullAll(String limits, String properties) throws Exception {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        List<String> streams = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            streams.add(Workshop.stream("items" + i, """
                    path: /items
                    query: {stream: "%d"}
                    records: $.data
                    key: id
                    next: {from: body, value: $.next, to: query.page}
                    """.formatted(i) + properties));
        }
        Files.writeString(
                routes.resolve("acme.camel.yaml"),
                Workshop.vendor(api.url(), streams.toArray(String[]::new))
                        .replaceFirst("quotas: .*", limits)
                        .replaceFirst("in-flight: 64", "in-flight: 8"));
        try (LoadedRoutes loaded = new LoadedRoutes(workshop, routes, Map.of())) {
            assertThat(loaded.streams().problems()).isEmpty();
            List<RunRequest> requests = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                requests.add(loaded.ask("acme-items" + i));
            }
            loaded.context().start();
            for (RunRequest each : requests) {
                RunStatus status = each.done().get(60, TimeUnit.SECONDS).status();
                assertThat(status).isEqualTo(properties.isEmpty() ? RunStatus.DONE : RunStatus.FAILED);
            }
        }
    }

    private static Reply page(Asked asked) {
        int page = asked.query("page").isEmpty() ? 1 : Integer.parseInt(asked.query("page"));
        return Reply.page(
                List.of("{\"id\":\"%s-%d\"}".formatted(asked.query("stream"), page)),
                page < PAGES ? Integer.toString(page + 1) : "");
    }

    private List<Asked> arrived() {
        return api.asked().stream()
                .sorted(Comparator.comparing(each -> each.since(api.asked().get(0))))
                .toList();
    }
}
