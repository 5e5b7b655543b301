package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.AcmeRoutes;
import dev.caravan.testkit.BigQueryServer;
import dev.caravan.testkit.BigQueryServer.Call;
import dev.caravan.testkit.BigQueryServer.Fault;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.FakeGcs;
import dev.caravan.testkit.FakeS3;
import dev.caravan.testkit.FakeStore;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The application as it is shipped, with a bucket for its lake and a table of BigQuery: killed in the middle of uploads and jobs, on
 * one machine, it goes on there or on another. A batch is larger than what is uploaded at once.
 */
class LakeIT {
    private static final int BATCH = 120;
    private static final int PAGE = 20;
    /** A batch of them has 9 MB when it is compressed: two parts of S3, a resumable upload of Google Cloud Storage. */
    private static final int BYTES = 75_000;

    private static final String SECRET = "s3cr3t-of-the-lake";
    private static final List<String> RECORDS = records();

    private final FakeApi api = FakeApi.start().on("/items", LakeIT::page);
    private final AtomicReference<CaravanProcess> running = new AtomicReference<>();

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path folder;

    @AfterEach
    void close() {
        api.close();
    }

    private static List<String> records() {
        Random random = new Random(4711);
        Instant created = Instant.now().minus(1, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS);
        return IntStream.range(0, 2 * BATCH)
                .mapToObj(i -> {
                    byte[] bytes = new byte[BYTES];
                    random.nextBytes(bytes);
                    return "{\"id\":\"item-%04d\",\"created\":\"%s\",\"bytes\":\"%s\"}"
                            .formatted(i, created, Base64.getEncoder().encodeToString(bytes));
                })
                .toList();
    }

    private static Reply page(FakeApi.Asked asked) {
        int from = asked.query("page").isEmpty() ? 0 : Integer.parseInt(asked.query("page"));
        int to = from + PAGE;
        return Reply.page(RECORDS.subList(from, to), to < RECORDS.size() ? Integer.toString(to) : "");
    }

    @Test
    void anotherMachineGoesOnWhereOneWasKilledInTheMiddleOfAnUpload() throws IOException {
        try (FakeS3 store = new FakeS3()) {
            CaravanHome one = inS3("one", store);
            store.watch(request -> killIf(request.contains("partNumber=2") && hasCommitted(store)));
            runUntilKilled(one);
            store.watch(request -> {});
            assertThat(store.openUploads()).as("killed in the middle").isOne();
            assertThat(one.filesWith(SECRET)).isEmpty();
            assertThat(one.data().resolve("acme/items/_commits")).doesNotExist();

            String said = inS3("two", store).run("pull", "acme-items").expect(0).all();

            assertThat(said).doesNotContain(SECRET);
            assertLanded(store);
        }
    }

    @Test
    void aMachineThatIsKilledInTheMiddleOfUploadsAndJobsGoesOn() throws IOException {
        try (FakeGcs store = new FakeGcs();
                BigQueryServer warehouse = BigQueryServer.start()) {
            CaravanHome home = machine(
                            "one",
                            "sink: [files, {type: bigquery, project: acme-lake, dataset: raw, endpoint: \"%s\"}]"
                                    .formatted(warehouse.url()))
                    .with("caravan.lake=gs://" + FakeGcs.BUCKET + "/lake")
                    .with("caravan.gcs.endpoint=" + store.uri())
                    .with("caravan.gcs.credentials=none");

            store.watch(request -> killIf(request.startsWith("PUT") && hasCommitted(store)));
            runUntilKilled(home);
            store.watch(request -> {});

            AtomicInteger chunks = new AtomicInteger();
            runUntilKilled(
                    home, warehouse, call -> call.is("PUT", "/upload/") && chunks.incrementAndGet() == 3, Fault.CUT);
            assertThat(warehouse.jobs()).as("killed in the middle").isEmpty();

            // It is done, and nobody hears of it.
            runUntilKilled(
                    home,
                    warehouse,
                    call -> call.is("POST", "v2/projects/acme-lake/jobs") && !call.is("POST", "/upload/"),
                    Fault.LOST);
            assertThat(warehouse.jobs()).anyMatch(each -> each.startsWith("caravan_take_"));

            home.run("pull", "acme-items").expect(0);

            assertLanded(store);
            assertThat(warehouse.store().rows("acme_items"))
                    .extracting(row -> row.path("raw_data").asText())
                    .containsExactlyInAnyOrderElementsOf(RECORDS);
        }
    }

    private CaravanHome inS3(String name, FakeS3 store) throws IOException {
        return machine(name, "sink: files")
                .withEnvironment("CARAVAN_S3_ACCESS_KEY", "test-id")
                .withEnvironment("CARAVAN_S3_SECRET_KEY", SECRET)
                .with("caravan.lake=s3://" + FakeS3.BUCKET + "/lake")
                .with("caravan.s3.endpoint=" + store.uri())
                .with("caravan.s3.path-style=true")
                .with("caravan.s3.part-size=5MB");
    }

    private CaravanHome machine(String name, String sink) throws IOException {
        return CaravanHome.in(Files.createDirectories(folder.resolve(name)))
                .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                .with("caravan.batch-rows=" + BATCH)
                .withRoute(
                        "acme",
                        AcmeRoutes.account("acme", api.url())
                                + Shape.PLAIN.stream("acme", "items", "/items", "0s", sink));
    }

    /** Whether there is more than the commit of the lease. */
    private static boolean hasCommitted(FakeStore<?> store) {
        return store.keys("lake/acme/items/_commits/").stream()
                        .filter(key -> key.endsWith(".json"))
                        .count()
                > 1;
    }

    private void killIf(boolean now) {
        if (now) {
            running.get().kill();
        }
    }

    private void runUntilKilled(CaravanHome home, BigQueryServer warehouse, Predicate<Call> at, Fault then) {
        warehouse.faults(call -> {
            boolean now = at.test(call);
            killIf(now);
            return now ? then : null;
        });
        runUntilKilled(home);
        warehouse.faults(call -> null);
    }

    private void runUntilKilled(CaravanHome home) {
        try (CaravanProcess process = home.start("pull", "acme-items")) {
            running.set(process);
            Awaitility.await().atMost(CaravanHome.LIMIT).until(() -> !process.isAlive());
            assertThat(process.await(CaravanHome.LIMIT).code())
                    .as("killed, and not %s", process.all())
                    .isEqualTo(128 + 9);
        }
    }

    /** Asserts what is in the bucket, as a reader of its files sees it. */
    private void assertLanded(FakeStore<?> store) throws IOException {
        Path mirror = folder.resolve("mirror");
        for (String key : store.keys("")) {
            Path file = mirror.resolve(key);
            Files.createDirectories(file.resolveSibling(".").normalize());
            Files.write(file, store.bytes(key));
        }
        Landed.in(mirror, "lake/acme/items").assertExactlyAsServed(RECORDS, "id");
        assertThat(store.keys("lake/acme/items/_staging/")).isEmpty();
    }
}
