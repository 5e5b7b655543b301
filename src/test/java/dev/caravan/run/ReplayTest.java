package dev.caravan.run;

import static dev.caravan.testkit.Workshop.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Orders;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rejected records being put through again. */
@Timeout(60)
class ReplayTest {
    private static final String URL = "https://api.acme.example/v1";
    /** Four orders a day, one of them deleted, from the first of March. */
    private static final Orders API = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofHours(6), 1000, 3);

    private static final String OPEN_ONLY = "schema: {properties: {status: {enum: [open]}}}\n";

    private final Path folder;
    private final Workshop workshop;
    private final MutableClock clock = new MutableClock("2026-03-11T00:00:00Z");

    ReplayTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder, clock);
    }

    @AfterEach
    void close() {
        workshop.close();
    }

    @Test
    void whatTheStreamTakesNowLandsAndItsRejectsGo() throws IOException {
        RunSummary first = pull(orders(ORDERS + OPEN_ONLY));
        assertThat(first.rejected()).isEqualTo(10);
        assertThat(rejects()).isNotEmpty();

        LiveStream mended = orders(ORDERS);
        RunSummary replayed = replay(mended);
        assertThat(replayed.status()).as(replayed.error()).isEqualTo(RunStatus.DONE);
        assertThat(replayed.rows()).isEqualTo(10);
        assertThat(replayed.rejected()).isZero();
        assertThat(replayed.requests()).isZero();
        assertThat(workshop.ids("acme/orders")).isEqualTo(ids(40));
        assertThat(rejects()).isEmpty();
        assertThat(mended.checkpoint()).contains(Instant.parse("2026-03-11T00:00:00Z"));
        assertThat(mended.verify().isSound()).isTrue();

        assertThat(replay(mended).rows()).isZero();
        assertThat(workshop.ids("acme/orders")).isEqualTo(ids(40));
    }

    @Test
    void whatIsStillWrongStaysAsItIs() throws IOException {
        pull(orders(ORDERS + OPEN_ONLY));
        List<String> before = rejects();
        RunSummary replayed = replay(orders(ORDERS + OPEN_ONLY));
        assertThat(replayed.status()).isEqualTo(RunStatus.DONE);
        assertThat(replayed.rows()).isZero();
        assertThat(replayed.rejected()).isEqualTo(10);
        assertThat(rejects()).isEqualTo(before);
        assertThat(orders(ORDERS).verify().isSound()).isTrue();
    }

    @Test
    void someOfAFileMayBeTakenAndTheRestRejectedAnew() throws IOException {
        pull(orders(ORDERS + "max-rejected: 100%\nschema: {properties: {id: {minimum: 1000}}}\n"));
        assertThat(workshop.ids("acme/orders")).isEmpty();
        LiveStream better = orders(ORDERS + "max-rejected: 100%\nschema: {properties: {id: {minimum: 6}}}\n");
        RunSummary replayed = replay(better);
        assertThat(replayed.rows()).isEqualTo(34);
        assertThat(replayed.rejected()).isEqualTo(6);
        assertThat(better.verify().rejected()).isEqualTo(6);
        assertThat(better.verify().isSound()).isTrue();
        assertThat(replay(orders(ORDERS)).rows()).isEqualTo(6);
        assertThat(workshop.ids("acme/orders")).isEqualTo(ids(40));
        assertThat(rejects()).isEmpty();
    }

    @Test
    void whatLandedMeanwhileDoesNotLandAgainHoweverLongAgo() throws IOException {
        LiveStream strict = orders(ORDERS + OPEN_ONLY);
        pull(strict);
        LiveStream mended = orders(ORDERS);
        mended.resetState();
        assertThat(pull(mended).rows()).isEqualTo(10);
        clock.move(Duration.ofDays(100));
        pull(mended); // forgets the keys of March

        RunSummary replayed = replay(mended);
        assertThat(replayed.rows()).isZero();
        assertThat(replayed.duplicates()).isEqualTo(10);
        assertThat(rejects()).isEmpty();
        assertThat(workshop.ids("acme/orders")).doesNotHaveDuplicates();
    }

    @Test
    void aRejectKnowsThePartitionItBelongsTo() throws IOException {
        String regions = ORDERS.replace("key: id", "key: [region, id]")
                + "partitions: {of: region, values: \"north, south\"}\nadd-fields: {region: \"${partition.region}\"}\n";
        pull(orders(regions + OPEN_ONLY));
        assertThat(rejects()).anyMatch(line -> line.contains("\"partition\":{\"region\":\"south\"}"));
        assertThat(replay(orders(regions)).rows()).isEqualTo(20);
        assertThat(workshop.rows("acme/orders")).hasSize(80);
        assertThat(workshop.rows("acme/orders").stream()
                        .filter(row -> row.path("region").asText().equals("south")))
                .hasSize(40);
    }

    @Test
    void aFileThatCannotBeReadFailsAloneAndStays() throws IOException {
        pull(orders(ORDERS + OPEN_ONLY));
        Path broken = rejectFiles().get(0);
        String good = Files.readString(broken);
        Files.writeString(broken, "no reject");
        RunSummary replayed = replay(orders(ORDERS));
        assertThat(replayed.status()).isEqualTo(RunStatus.PARTIAL);
        assertThat(replayed.error())
                .contains("acme-orders errors/acme/orders/", "cannot be read", "'verify acme-orders'");
        Files.writeString(broken, good);
        assertThat(replay(orders(ORDERS)).status()).isEqualTo(RunStatus.DONE);
        assertThat(workshop.ids("acme/orders")).isEqualTo(ids(40));
    }

    private RunSummary pull(LiveStream stream) {
        return new ByHand(request -> ByHand.answer(200, API.answer(request.uri()))).pull(stream);
    }

    private static RunSummary replay(LiveStream stream) {
        return new ByHand(request -> {
                    throw new AssertionError("A replay asks nobody");
                })
                .pull(stream, RunRequest.now().withReplay(true), Gate.OPEN);
    }

    private LiveStream orders(String properties) {
        return workshop.live(Workshop.vendor(URL, Workshop.stream("orders", properties)));
    }

    private List<Path> rejectFiles() throws IOException {
        Path errors = folder.resolve("errors/acme/orders");
        if (!Files.isDirectory(errors)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(errors)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private List<String> rejects() throws IOException {
        StringBuilder all = new StringBuilder();
        for (Path file : rejectFiles()) {
            all.append(Files.readString(file));
        }
        return all.toString().lines().toList();
    }

    private static List<Long> ids(int count) {
        return LongStream.range(0, count).boxed().toList();
    }
}
