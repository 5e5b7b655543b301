package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.testkit.FailingFiles;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Orders;
import dev.caravan.testkit.Tables;
import dev.caravan.testkit.Workshop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** One read feeds several sinks, each with commits of its own. */
class SeveralSinksTest {
    private static final String BOTH = "[files, {type: duckdb, name: lake}]";
    private static final String URL = "https://api.acme.example/v1";
    private static final Orders API = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofHours(6), 1000, 3);

    private final Path folder;
    private final MutableClock clock = new MutableClock("2026-03-03T00:00:00Z");

    SeveralSinksTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Nested
    class TheFirst extends SinkContract {
        @Override
        protected String sink(Path data) {
            return BOTH;
        }

        @Override
        protected int stride() {
            return 53;
        }

        @Override
        protected List<JsonNode> rows(Path data) {
            return Landed.in(data, "acme/orders").rows();
        }
    }

    @Nested
    class TheSecond extends SinkContract {
        @Override
        protected String sink(Path data) {
            return BOTH;
        }

        @Override
        protected int stride() {
            return 47;
        }

        @Override
        protected List<JsonNode> rows(Path data) {
            return table(data);
        }

        @Override
        protected JsonNode value(JsonNode row, String field) {
            return Tables.value(row, field);
        }
    }

    @Test
    void oneThatIsAddedLaterGetsEverythingAndTheOthersNothingTwice() {
        assertThat(pull("files").status()).isEqualTo(RunStatus.DONE);
        clock.move(Duration.ofDays(1));

        RunSummary both = pull(BOTH);

        assertThat(both.status()).as(both.error()).isEqualTo(RunStatus.DONE);
        List<Long> all = LongStream.range(0, 12).boxed().toList();
        assertThat(files()).isEqualTo(all);
        assertThat(ids(table(folder))).isEqualTo(all);
        clock.move(Duration.ofDays(1));
        RunSummary next = pull(BOTH);
        assertThat(next.requests()).as("from the checkpoint on").isEqualTo(2);
        assertThat(ids(table(folder))).hasSize(16).isEqualTo(files());
    }

    @Test
    void oneThatIsABatchBehindIsBroughtUpByTheNextRun() {
        FailingFiles disk = FailingFiles.over(folder);
        for (int step = 1; files().equals(ids(table(folder))); step++) {
            disk.failAt(Long.MAX_VALUE, FailingFiles.Mode.BEFORE, "");
            try (Workshop workshop = new Workshop(disk.path(folder), clock)) {
                LiveStream live = live(workshop, BOTH);
                disk.failAt(step, FailingFiles.Mode.BEFORE, "killed");
                new ByHand(SeveralSinksTest::api).pull(live);
            }
            assertThat(step).isLessThan(300);
        }
        assertThat(files()).as("the first commits first").containsAll(ids(table(folder)));

        assertThat(pull(BOTH).status()).isEqualTo(RunStatus.DONE);
        assertThat(files()).isEqualTo(LongStream.range(0, 8).boxed().toList());
        assertThat(ids(table(folder))).isEqualTo(files());
    }

    @Test
    void aTableThatIsLostIsFilledAgainFromItsFiles() throws Exception {
        assertThat(pull(BOTH).status()).isEqualTo(RunStatus.DONE);
        Files.delete(folder.resolve("warehouse.duckdb"));
        clock.move(Duration.ofDays(1));

        RunSummary next = pull(BOTH);

        assertThat(next.requests()).as("nothing is asked for again").isEqualTo(2);
        assertThat(ids(table(folder))).hasSize(12).isEqualTo(files());
    }

    @Test
    void aTableThatIsAheadOfTheFolderOfDataIsLeftAlone() throws Exception {
        assertThat(pull("duckdb").status()).isEqualTo(RunStatus.DONE);
        FileSystemUtils.deleteRecursively(folder.resolve("acme"));
        FileSystemUtils.deleteRecursively(folder.resolve("state"));

        RunSummary next = pull("duckdb");

        assertThat(next.status()).isEqualTo(RunStatus.FAILED);
        assertThat(next.requests()).isZero();
        assertThat(next.error()).contains("its table has commits up to", "drop the table and the stream's rows");
        assertThat(ids(table(folder))).hasSize(8);
    }

    @Test
    void areRefusedWithoutAKeyOrWithOneName() {
        assertThatThrownBy(() -> pull("[files, parquet]"))
                .hasStackTraceContaining("two are called 'files', give one of them another 'name'");
        try (Workshop workshop = new Workshop(folder, clock)) {
            assertThatThrownBy(() -> workshop.read(
                            Workshop.vendor(URL, Workshop.stream("orders", "path: /orders\nsink: " + BOTH + "\n"))))
                    .hasMessageContaining("several of them need a 'key'");
        }
    }

    private RunSummary pull(String sink) {
        try (Workshop workshop = new Workshop(folder, clock)) {
            return new ByHand(SeveralSinksTest::api).pull(live(workshop, sink));
        }
    }

    private static LiveStream live(Workshop workshop, String sink) {
        return workshop.live(Workshop.vendor(URL, Workshop.stream("orders", Workshop.ORDERS + "sink: " + sink + "\n")));
    }

    private static Answer api(Request request) {
        return answer(200, API.answer(request.uri()));
    }

    private List<Long> files() {
        return ids(Landed.in(folder, "acme/orders").rows());
    }

    private static List<JsonNode> table(Path data) {
        Path file = data.resolve("warehouse.duckdb");
        return Files.exists(file) ? Tables.rows("jdbc:duckdb:" + file, "acme_orders") : List.of();
    }

    private static List<Long> ids(List<JsonNode> rows) {
        return rows.stream()
                .map(row -> Tables.value(row, "id").asLong())
                .sorted()
                .toList();
    }
}
