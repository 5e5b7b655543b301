package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.lake.Address;
import dev.caravan.lake.Bucket;
import dev.caravan.lake.ObjectLake;
import dev.caravan.lake.s3.S3Bucket;
import dev.caravan.lake.s3.S3Clients;
import dev.caravan.lake.s3.S3Settings;
import dev.caravan.sink.SinkSettings;
import dev.caravan.testkit.FakeS3;
import dev.caravan.testkit.ForwardingBucket;
import dev.caravan.testkit.Orders;
import dev.caravan.testkit.S3Access;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.FileSystemUtils;
import software.amazon.awssdk.services.s3.S3Client;

/** All that is done with a lake works where the lake is a bucket. */
@Timeout(600)
class LakeTest extends LakeContract {
    private final FakeS3 store = new FakeS3();
    private final S3Settings settings = S3Access.to(store.uri());
    private final S3Client client = S3Clients.of(settings);

    @Override
    FakeS3 store() {
        return store;
    }

    @Override
    Bucket bucket() {
        return new S3Bucket(client, Address.parse("s3://" + FakeS3.BUCKET + "/lake"), settings);
    }

    @Override
    boolean creates(String request) {
        return request.startsWith("PUT") && request.contains("/_commits/");
    }

    @Override
    boolean stages(String request, String stream) {
        return request.startsWith("PUT") && request.contains("/acme/" + stream + "/_staging/");
    }

    @Override
    boolean copies(String request) {
        return request.startsWith("PUT") && request.contains("date%3D");
    }

    @Override
    String scheme() {
        return "s3";
    }

    @AfterEach
    void close() {
        client.close();
        store.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            403 | AccessDenied         | Allow the credential s3:PutObject
            400 | ExpiredToken         | Renew the credential
            403 | RequestTimeTooSkewed | Set the clock of this machine
            507 | XMinioStorageFull    | Free some space or raise the quota
            404 | NoSuchBucket         | Create the bucket, or correct caravan.lake.
            """)
    void aStreamThatIsRefusedSaysWhatIsToBeDoneAndOthersGoOn(int status, String code, String remedy)
            throws IOException {
        assertRefused(status, code, code, remedy);
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

    /** All that counts may be more than this disk holds. */
    @Test
    void aReplacingTableThatIsLostIsFilledWithOneFileHereAtATime() throws IOException {
        String sink = "disposition: delete-insert\nsink: {type: duckdb, file: w.duckdb}\n";
        assertThat(pull(machine("one"), sink).status()).isEqualTo(RunStatus.DONE);
        FileSystemUtils.deleteRecursively(machine("one"));
        Path copies = machine("two").resolve("state/lake");
        List<Integer> here = new ArrayList<>();
        try (Workshop workshop = workshop(machine("two"))
                .withLake(data -> new ObjectLake(data, new ForwardingBucket(bucket()) {
                    @Override
                    public InputStream open(String key) throws IOException {
                        if (key.endsWith(".gz")) {
                            try (var files = Files.list(copies)) {
                                here.add((int) files.count());
                            } catch (NoSuchFileException e) {
                                here.add(0);
                            }
                        }
                        return super.open(key);
                    }
                }))) {
            var verified = live(workshop, sink).verify();
            assertThat(verified.problems()).isEmpty();
            assertThat(verified.rows()).isEqualTo(12);
        }
        assertThat(here).hasSizeGreaterThan(5).containsOnly(0);
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
}
