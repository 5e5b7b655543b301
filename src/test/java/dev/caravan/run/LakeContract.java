package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.commit.Problem;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.lake.Bucket;
import dev.caravan.lake.ObjectLake;
import dev.caravan.testkit.FakeStore;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Orders;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a run makes of a lake in a bucket, and of its trouble, whatever language the store speaks. */
@Timeout(600)
abstract class LakeContract {
    static final Orders API = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofHours(4), 1000, 2);

    final MutableClock clock = new MutableClock("2026-03-03T00:00:00Z");
    private int mirrors;

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    Path folder;

    abstract FakeStore<?> store();

    /** Returns what is below {@code lake/}. */
    abstract Bucket bucket();

    /** Whether a request creates a commit. */
    abstract boolean creates(String request);

    /** Whether a request puts a staged file of a stream. */
    abstract boolean stages(String request, String stream);

    /** Whether a request copies a file to its place. */
    abstract boolean copies(String request);

    abstract String scheme();

    @Test
    void ofTwoMachinesOneCommits() throws IOException {
        List<RunSummary> second = new ArrayList<>();
        RunSummary first = pull(machine("one"), "sink: files\n", request -> {
            if (second.isEmpty()) {
                second.add(pull(machine("two"), "sink: files\n"));
            }
            return answer(200, API.answer(request.uri()));
        });

        assertThat(second.get(0).status()).isEqualTo(RunStatus.DONE);
        assertThat(first.status()).isEqualTo(RunStatus.FAILED);
        assertThat(first.error()).contains("lost its lease");
        assertThat(ids()).isEqualTo(upTo(12));
        assertThat(pull(machine("one"), "sink: files\n").status()).isEqualTo(RunStatus.DONE);
        assertThat(ids()).isEqualTo(upTo(12));
        assertSound("one");
    }

    /** Asserts that a store's refusal of one stream's files is said as it is, that others go on, and so does this one later. */
    final void assertRefused(int status, String reason, String said, String remedy) throws IOException {
        store().fail(100_000, request -> stages(request, "orders"), status, reason);

        RunSummary refused = pull(machine("one"), "sink: files\n");
        assertThat(refused.status()).isEqualTo(RunStatus.FAILED);
        assertThat(refused.error())
                .contains("acme-orders", "sink 'files'")
                .contains(scheme() + "://lake/lake/acme/orders/_staging/")
                .contains("was answered with " + status, said)
                .contains(remedy);
        try (Workshop workshop = workshop(machine("one"))) {
            LiveStream other = workshop.live(Workshop.vendor(
                    "https://api.acme.example/v1", Workshop.stream("others", Workshop.ORDERS + "sink: files\n")));
            assertThat(new ByHand(request -> answer(200, API.answer(request.uri())))
                            .pull(other)
                            .status())
                    .isEqualTo(RunStatus.DONE);
        }

        store().heal();
        clock.move(Duration.ofHours(1));
        assertThat(pull(machine("one"), "sink: files\n").status()).isEqualTo(RunStatus.DONE);
        assertThat(ids()).isEqualTo(upTo(13));
        assertSound("one");
    }

    @Test
    void anAnswerThatIsLostOrLateCostsNothing() throws IOException {
        store().loseAnswers(1, this::creates);
        store().loseAnswers(1, request -> stages(request, "orders"));
        store().fail(1, this::copies, 503, "backendError");
        store().loseAnswers(1, this::copies);
        store().fail(1, request -> request.startsWith("DELETE"), 500, "InternalError");
        store().loseAnswers(1, request -> request.startsWith("DELETE"));

        RunSummary summary = pull(machine("one"), "sink: files\n");

        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(ids()).isEqualTo(upTo(12));
        assertSound("one");
        assertThat(store().isHealed()).as("all of them happened").isTrue();
    }

    @Test
    void aStoreThatIsAwayEndsTheRunAndTheNextGoesOn() throws IOException {
        store().fail(100_000, this::creates, 503, "SlowDown");
        RunSummary away = pull(machine("one"), "sink: files\n");
        assertThat(away.status()).isEqualTo(RunStatus.FAILED);
        assertThat(away.error()).contains("503 SlowDown").contains("The store is busy or in trouble");

        store().heal();
        clock.move(Duration.ofHours(1));
        assertThat(pull(machine("one"), "sink: files\n").status()).isEqualTo(RunStatus.DONE);
        assertThat(ids()).isEqualTo(upTo(13));
        assertThat(store().keys("lake/acme/orders/_staging")).isEmpty();
    }

    Path machine(String name) {
        return folder.resolve(name);
    }

    Workshop workshop(Path machine) {
        return new Workshop(machine, clock).withBatchRows(2).withLake(data -> new ObjectLake(data, bucket()));
    }

    static LiveStream live(Workshop workshop, String more) {
        return workshop.live(
                Workshop.vendor("https://api.acme.example/v1", Workshop.stream("orders", Workshop.ORDERS + more)));
    }

    RunSummary pull(Path machine, String more) {
        return pull(machine, more, request -> answer(200, API.answer(request.uri())));
    }

    RunSummary pull(Path machine, String more, Function<Request, Answer> api) {
        try (Workshop workshop = workshop(machine)) {
            return new ByHand(api).pull(live(workshop, more), RunRequest.now(), Gate.OPEN);
        }
    }

    void assertSound(String machine) {
        try (Workshop workshop = workshop(machine(machine))) {
            assertThat(live(workshop, "sink: files\n").verify().problems())
                    .extracting(Problem::toString)
                    .isEmpty();
        }
    }

    static List<Long> upTo(int count) {
        return LongStream.range(0, count).boxed().toList();
    }

    /** Returns the ids that a reader of the bucket sees. */
    List<Long> ids() throws IOException {
        Path mirror = folder.resolve("mirror-" + ++mirrors);
        for (String key : store().keys("lake/acme/orders/")) {
            Path file = mirror.resolve(key);
            Files.createDirectories(file.resolveSibling(".").normalize());
            Files.write(file, store().bytes(key));
        }
        List<JsonNode> rows = FileSinkContractTest.visible(mirror.resolve("lake/acme/orders"));
        return rows.stream().map(row -> row.path("id").asLong()).sorted().toList();
    }
}
