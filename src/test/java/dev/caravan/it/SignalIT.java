package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testkit.AcmeRoutes;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.Items;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.Shape;
import dev.caravan.testkit.Summaries;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a runner does that is asked to end, and two that begin at the same moment. */
class SignalIT {
    private static final boolean LONG = Boolean.getBoolean("caravan.long");
    private static final int TWINS = LONG ? 20 : 1;
    private static final int STARTS = LONG ? 50 : 2;
    private static final List<String> NAMES = List.of("acme-busy", "acme-parallel", "acme-retrying", "acme-held");

    private final FakeApi api = FakeApi.start();
    private final AtomicBoolean trouble = new AtomicBoolean(true);

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        api.close();
    }

    /** One stream is in the middle of its pages, one in four slices at once, one waits to try again, one waits for hours. */
    @Test
    void aRunnerThatIsAskedToEndDoesSoAtAPageBorderAndTheNextGoesOn() {
        Items items = new Items(600, 10, 600);
        api.on("/acme-busy", asked -> slowly(items, asked));
        api.on("/acme-parallel", asked -> slowly(items, asked));
        api.on("/acme-retrying", asked -> second(items, asked, "503", "8"));
        api.on("/acme-held", asked -> second(items, asked, "429", "600"));
        CaravanHome home = home();
        for (String name : NAMES) {
            Shape shape = name.equals("acme-parallel") ? Shape.PARALLEL : Shape.PLAIN;
            home.withRoute(name, AcmeRoutes.account(name, api.url()) + shape.stream(name, "items", "/" + name, "0s"));
        }

        end(home, CaravanProcess::terminate);
        if (LONG) {
            end(home, process -> {
                process.terminate();
                process.terminate();
            });
            if (!CaravanProcess.ignoresInterrupts()) {
                end(home, CaravanProcess::interrupt);
                end(home, process -> {
                    process.interrupt();
                    process.terminate();
                });
            }
        }
        trouble.set(false);
        home.run("pull", "--all").expect(0);
        for (String name : NAMES) {
            home.landed(name + "/items").assertExactlyAsServed(items.records(), "id");
        }
    }

    private void end(CaravanHome home, Consumer<CaravanProcess> signals) {
        api.forget();
        try (CaravanProcess process = home.start("pull", "--all", "--json")) {
            Awaitility.await()
                    .atMost(CaravanHome.LIMIT)
                    .until(() -> !process.isAlive()
                            || (NAMES.stream().allMatch(this::isBehindItsFirstPage)
                                    && api.asked("/acme-busy").size() > 5));
            signals.accept(process);
            Ended ended = process.await(Duration.ofMinutes(1)).expect(3);
            Summaries summaries = Summaries.of(ended);
            for (String name : NAMES) {
                assertThat(summaries.status(name + "-items")).as(ended.all()).isIn("paused", "done");
            }
        }
        for (String name : NAMES) {
            home.landed(name + "/items").assertSound("id");
        }
    }

    private boolean isBehindItsFirstPage(String name) {
        return api.asked("/" + name).stream()
                .anyMatch(asked -> !asked.query("page").isEmpty());
    }

    private static Reply slowly(Items items, Asked asked) {
        return items.apply(asked).after(Duration.ofMillis(50));
    }

    /** The first page, and then a wait. */
    private Reply second(Items items, Asked asked, String status, String seconds) {
        return trouble.get() && !asked.query("page").isEmpty()
                ? Reply.status(Integer.parseInt(status)).header("Retry-After", seconds)
                : items.apply(asked);
    }

    @Test
    void aRunnerThatIsAskedToEndWhileItStartsDoesSo() {
        Items items = new Items(200, 10, 200);
        api.on("/plain", items);
        CaravanHome home = home().withRoute(
                        "acme", AcmeRoutes.account("acme", api.url()) + Shape.PLAIN.stream("acme", "plain", Shape.ALL));
        for (int moment = 0; moment < STARTS; moment++) {
            try (CaravanProcess process = home.start("pull", "--all", "--json")) {
                awaitStart(process, home, (moment + 2) % 5);
                process.terminate();
                Ended ended = process.await(Duration.ofMinutes(1));
                // Before Java itself is up there is nobody who could answer otherwise.
                assertThat(ended.code()).as(ended.all()).isIn(0, 3, 143);
                assertThat(ended.err()).doesNotContain("Exception");
            }
        }
        home.run("pull", "--all").expect(0);
        home.landed("acme/plain").assertExactlyAsServed(items.records(), "id");
    }

    /** Waits until a process has come so far: it lives, is loading, has opened its state, leased a stream, asked. */
    private void awaitStart(CaravanProcess process, CaravanHome home, int stage) {
        api.forget();
        Path database = home.data().resolve("state/caravan.db-wal");
        int commits = home.landed("acme/plain").commitNumber();
        Awaitility.await()
                .atMost(CaravanHome.LIMIT)
                .pollInterval(Duration.ofMillis(2))
                .pollDelay(Duration.ZERO)
                .until(() -> !process.isAlive()
                        || switch (stage) {
                            case 0 -> true;
                            case 1 -> process.peakMemory() > 100 << 20;
                            case 2 -> Files.exists(database);
                            case 3 -> home.landed("acme/plain").commitNumber() > commits;
                            default -> !api.asked().isEmpty();
                        });
    }

    @Test
    void ofTwoRunnersThatBeginAtTheSameMomentOneWorks() {
        Items items = new Items(TWINS * 30, 10, 0);
        List<String> streams = List.of("plain", "parallel");
        streams.forEach(stream -> api.on("/" + stream, items));
        CaravanHome home = home().withRoute(
                        "acme",
                        AcmeRoutes.account("acme", api.url())
                                + Shape.PLAIN.stream("acme", "plain", Shape.ALL)
                                + Shape.PARALLEL.stream("acme", "parallel", Shape.ALL));
        for (int i = 0; i < TWINS; i++) {
            items.grow(30);
            try (CaravanProcess one = home.start("pull", "--all", "--json");
                    CaravanProcess other = home.start("pull", "--all", "--json")) {
                List<Ended> ended = List.of(one.await(CaravanHome.LIMIT), other.await(CaravanHome.LIMIT));
                for (Ended each : ended) {
                    assertThat(each.code()).as(each.all()).isIn(0, 5);
                }
                for (String stream : streams) {
                    assertThat(ended.stream().map(each -> Summaries.of(each).status("acme-" + stream)))
                            .contains("done")
                            .isSubsetOf("done", "held");
                }
            }
            for (String stream : streams) {
                Landed landed = home.landed("acme/" + stream).assertExactlyAsServed(items.records(), "id");
                assertOneAfterTheOther(landed.commits());
            }
        }
    }

    /** The commits of a run stand together, and epochs only rise. */
    private static void assertOneAfterTheOther(List<JsonNode> commits) {
        List<String> runs = new ArrayList<>();
        long epoch = 0;
        for (JsonNode commit : commits) {
            assertThat(commit.path("epoch").asLong()).isGreaterThanOrEqualTo(epoch);
            epoch = commit.path("epoch").asLong();
            String run = commit.path("run").asText();
            if (runs.isEmpty() || !runs.get(runs.size() - 1).equals(run)) {
                runs.add(run);
            }
        }
        Set<String> once = new HashSet<>(runs);
        assertThat(runs).hasSameSizeAs(once);
    }

    private CaravanHome home() {
        return CaravanHome.in(folder)
                .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                .with("caravan.batch-rows=10");
    }
}
