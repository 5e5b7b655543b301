package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.commit.Problem;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.lake.Address;
import dev.caravan.lake.ObjectLake;
import dev.caravan.lake.s3.S3Bucket;
import dev.caravan.lake.s3.S3Clients;
import dev.caravan.lake.s3.S3Settings;
import dev.caravan.sink.SinkSettings;
import dev.caravan.testkit.FakeS3;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Orders;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
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
import org.springframework.util.FileSystemUtils;
import software.amazon.awssdk.services.s3.S3Client;

/** All that is done with a lake works where the lake is a bucket. */
@Timeout(600)
class LakeTest {
    private static final Orders API = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofHours(4), 1000, 2);

    private final MutableClock clock = new MutableClock("2026-03-03T00:00:00Z");
    private final FakeS3 store = new FakeS3();
    private final S3Settings settings = new S3Settings(
            null, store.uri(), true, null, "test-id", "test-key", null, null, null, 5 << 20, Duration.ofSeconds(1));
    private final S3Client client = S3Clients.of(settings);
    private final Path folder;
    private int mirrors;

    LakeTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @AfterEach
    void close() {
        client.close();
        store.close();
    }

    @Test
    void holdsAllThatCountsAndTheMachineNothing() throws IOException {
        pull(machine("one"), "sink: files\nschema: {properties: {status: {enum: [open]}}}\nmax-rejected: 100%\n");

        assertThat(store.keys("lake/"))
                .anyMatch(key -> key.startsWith("lake/acme/orders/date=2026-03-01/"))
                .anyMatch(key -> key.matches("lake/acme/orders/_commits/\\d{20}\\.json"))
                .anyMatch(key -> key.matches("lake/acme/orders/_commits/\\d{20}\\.keys"))
                .anyMatch(key -> key.startsWith("lake/errors/acme/orders/date="))
                .noneMatch(key -> key.contains("_staging") || key.contains("_probe"));
        assertThat(machine("one").resolve("acme/orders")).isDirectoryContaining("glob:**/_lease");
        try (var files = Files.walk(machine("one"))) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString()))
                    .allMatch(name -> name.startsWith("caravan.db") || name.equals("_lease") || name.startsWith("."));
        }
    }

    @Test
    void anotherMachineGoesOnFromTheCommits() throws IOException {
        pull(machine("one"), "sink: files\n");
        FileSystemUtils.deleteRecursively(machine("one"));
        clock.move(Duration.ofDays(1));

        RunSummary summary = pull(machine("two"), "sink: files\nlookback: 1d\n");

        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(summary.from()).isEqualTo("2026-03-02T00:00:00Z");
        assertThat(summary.duplicates()).isEqualTo(6);
        assertThat(ids()).isEqualTo(upTo(18));
        assertSound("two");
    }

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

    @Test
    void smallFilesBecomeOneAndASnapshotIsTakenOnThisDisk() throws IOException {
        for (String sink : List.of("files", "parquet")) {
            String more = "sink: " + sink + "\n";
            pull(machine("one"), more);
            List<Long> before = ids();
            try (Workshop workshop = workshop(machine("one"))) {
                LiveStream live = live(workshop, more);
                Compacted done = live.compact(1 << 20);
                assertThat(done.before()).isEqualTo(6);
                assertThat(done.after()).isEqualTo(2);
                assertThat(ids()).isEqualTo(before);

                Path snapshot = folder.resolve("snapshot-" + sink);
                assertThat(live.snapshot(SinkSettings.usual(), snapshot)).isEqualTo(12);
                assertThat(FileSinkContractTest.visible(snapshot)).hasSize(12);
                assertThat(live.latestView()).contains("s3://lake/lake/acme/orders/[!_]*/*.");
            }
            assertSound("one");
            assertThat(machine("one").resolve("state/lake"))
                    .satisfiesAnyOf(lake -> assertThat(lake).doesNotExist(), lake -> assertThat(lake)
                            .isEmptyDirectory());
            store.keys("")
                    .forEach(key ->
                            client.deleteObject(d -> d.bucket(FakeS3.BUCKET).key(key)));
            FileSystemUtils.deleteRecursively(machine("one"));
        }
    }

    @Test
    void rejectsAreReplayedAndAGenerationTakesThePlaceOfAnother() throws IOException {
        String strict = "sink: files\nschema: {properties: {id: {minimum: 4}}}\nmax-rejected: 100%\n";
        assertThat(pull(machine("one"), strict).rejected()).isEqualTo(4);
        try (Workshop workshop = workshop(machine("one"))) {
            RunSummary replayed = new ByHand(request -> answer(500, ""))
                    .pull(live(workshop, "sink: files\n"), RunRequest.now().withReplay(true), Gate.OPEN);
            assertThat(replayed.status()).as(replayed.error()).isEqualTo(RunStatus.DONE);
            assertThat(replayed.rows()).isEqualTo(4);
        }
        assertThat(ids()).isEqualTo(upTo(12));
        assertThat(store.keys("lake/errors/")).isEmpty();

        Orders fewer = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofHours(4), 5, 2);
        clock.move(Duration.ofHours(2));
        try (Workshop workshop = workshop(machine("one"))) {
            RunSummary refreshed = new ByHand(request -> answer(200, fewer.answer(request.uri())))
                    .pull(live(workshop, "sink: files\n"), RunRequest.now().withFullRefresh(true), Gate.OPEN);
            assertThat(refreshed.status()).as(refreshed.error()).isEqualTo(RunStatus.DONE);
        }
        assertThat(ids()).isEqualTo(upTo(5));
        assertThat(store.keys("lake/acme/orders/_pending")).isEmpty();
        assertSound("one");

        clock.move(Duration.ofHours(2));
        try (Workshop workshop = workshop(machine("one"))) {
            live(workshop, "sink: files\n").resetState();
        }
        assertThat(pull(machine("one"), "sink: files\n").rows()).isEqualTo(8);
        assertThat(ids()).isEqualTo(upTo(13));
    }

    @Test
    void aTableThatIsLostIsFilledFromIt() throws IOException {
        String sink = "sink: {type: duckdb, file: w.duckdb}\n";
        assertThat(pull(machine("one"), sink).status()).isEqualTo(RunStatus.DONE);
        FileSystemUtils.deleteRecursively(machine("one"));
        clock.move(Duration.ofDays(1));

        RunSummary summary = pull(machine("two"), sink);

        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(summary.rows()).isEqualTo(6);
        try (Workshop workshop = workshop(machine("two"))) {
            var verified = live(workshop, sink).verify();
            assertThat(verified.problems()).isEmpty();
            assertThat(verified.rows()).isEqualTo(18);
        }
    }

    @Test
    void aStreamWithoutPermissionSaysSoAndOthersGoOn() throws IOException {
        store.fail(
                1000,
                request -> request.startsWith("PUT") && request.contains("/acme/orders/_staging/"),
                403,
                "AccessDenied");

        RunSummary refused = pull(machine("one"), "sink: files\n");
        assertThat(refused.status()).isEqualTo(RunStatus.FAILED);
        assertThat(refused.error())
                .contains("acme-orders")
                .contains("sink 'files'")
                .contains("s3://lake/lake/acme/orders/_staging/")
                .contains("403 AccessDenied")
                .contains("Allow the credential s3:PutObject");
        try (Workshop workshop = workshop(machine("one"))) {
            LiveStream other = workshop.live(Workshop.vendor(
                    "https://api.acme.example/v1", Workshop.stream("others", Workshop.ORDERS + "sink: files\n")));
            assertThat(new ByHand(request -> answer(200, API.answer(request.uri())))
                            .pull(other)
                            .status())
                    .isEqualTo(RunStatus.DONE);
        }

        store.heal();
        clock.move(Duration.ofHours(1));
        assertThat(pull(machine("one"), "sink: files\n").status()).isEqualTo(RunStatus.DONE);
        assertThat(ids()).isEqualTo(upTo(13));
        assertSound("one");
    }

    @Test
    void anAnswerThatIsLostOrLateCostsNothing() throws IOException {
        store.loseAnswers(2, request -> request.startsWith("PUT") && request.contains("/_commits/"));
        store.fail(2, request -> request.startsWith("PUT") && request.contains("date="), 503, "SlowDown");
        store.fail(2, request -> request.startsWith("DELETE"), 500, "InternalError");

        RunSummary summary = pull(machine("one"), "sink: files\n");

        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(ids()).isEqualTo(upTo(12));
        assertSound("one");
    }

    @Test
    void aStoreThatIsAwayEndsTheRunAndTheNextGoesOn() throws IOException {
        store.fail(100_000, request -> request.startsWith("PUT") && request.contains("/_commits/"), 503, "SlowDown");
        RunSummary away = pull(machine("one"), "sink: files\n");
        assertThat(away.status()).isEqualTo(RunStatus.FAILED);
        assertThat(away.error()).contains("503 SlowDown").contains("The store is busy or in trouble");

        store.heal();
        clock.move(Duration.ofHours(1));
        assertThat(pull(machine("one"), "sink: files\n").status()).isEqualTo(RunStatus.DONE);
        assertThat(ids()).isEqualTo(upTo(13));
        assertThat(store.keys("lake/acme/orders/_staging")).isEmpty();
    }

    @Test
    void whatBreaksOffIsReadAgainOrSaidToBeBroken() throws IOException {
        pull(machine("one"), "sink: files\n");
        FileSystemUtils.deleteRecursively(machine("one"));
        store.cut(2, request -> request.startsWith("GET") && request.contains("/_commits/"));
        clock.move(Duration.ofDays(1));
        assertThat(pull(machine("two"), "sink: files\nlookback: 1d\n").duplicates())
                .isEqualTo(6);

        store.cut(100, request -> request.startsWith("GET") && request.contains("/date%3D2026-03-01/"));
        try (Workshop workshop = workshop(machine("two"))) {
            LiveStream live = live(workshop, "sink: files\n");
            assertThatThrownBy(live::verify)
                    .hasMessageContaining("GET broke off")
                    .hasMessageNotContaining("backup");
            assertThatThrownBy(() -> live.snapshot(SinkSettings.usual(), folder.resolve("snapshot")))
                    .hasMessageContaining("GET broke off");
        }
        assertThat(machine("two").resolve("state/lake")).isEmptyDirectory();
    }

    @Test
    void copiesThatAKilledProcessLeftGo() throws IOException {
        pull(machine("one"), "sink: files\n");
        Path old = Files.createDirectories(machine("one").resolve("state/lake/old"));
        Files.writeString(old.resolve("x.ndjson.gz"), "x");
        Files.setLastModifiedTime(old, FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));
        Path young = Files.createDirectories(machine("one").resolve("state/lake/young"));

        try (Workshop workshop = workshop(machine("one"))) {
            live(workshop, "sink: files\n").snapshot(SinkSettings.usual(), folder.resolve("snapshot"));
        }

        assertThat(old).doesNotExist();
        assertThat(young).exists();
    }

    private Path machine(String name) {
        return folder.resolve(name);
    }

    private Workshop workshop(Path machine) {
        return new Workshop(machine, clock)
                .withBatchRows(2)
                .withLake(data -> new ObjectLake(
                        data, new S3Bucket(client, Address.parse("s3://" + FakeS3.BUCKET + "/lake"), settings)));
    }

    private static LiveStream live(Workshop workshop, String more) {
        return workshop.live(
                Workshop.vendor("https://api.acme.example/v1", Workshop.stream("orders", Workshop.ORDERS + more)));
    }

    private RunSummary pull(Path machine, String more) {
        return pull(machine, more, request -> answer(200, API.answer(request.uri())));
    }

    private RunSummary pull(Path machine, String more, Function<Request, Answer> api) {
        try (Workshop workshop = workshop(machine)) {
            return new ByHand(api).pull(live(workshop, more), RunRequest.now(), Gate.OPEN);
        }
    }

    private void assertSound(String machine) {
        try (Workshop workshop = workshop(machine(machine))) {
            assertThat(live(workshop, "sink: files\n").verify().problems())
                    .extracting(Problem::toString)
                    .isEmpty();
        }
    }

    private static List<Long> upTo(int count) {
        return LongStream.range(0, count).boxed().toList();
    }

    /** Returns the ids that a reader of the bucket sees. */
    private List<Long> ids() throws IOException {
        Path mirror = folder.resolve("mirror-" + ++mirrors);
        for (String key : store.keys("lake/acme/orders/")) {
            Path file = mirror.resolve(key);
            Files.createDirectories(file.resolveSibling(".").normalize());
            Files.write(file, store.bytes(key));
        }
        List<JsonNode> rows = FileSinkContractTest.visible(mirror.resolve("lake/acme/orders"));
        return rows.stream().map(row -> row.path("id").asLong()).sorted().toList();
    }
}
