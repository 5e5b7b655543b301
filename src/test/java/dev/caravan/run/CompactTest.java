package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.commit.LeaseHeldException;
import dev.caravan.commit.Problem;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.failure.PullException;
import dev.caravan.sink.SinkSettings;
import dev.caravan.testkit.FailingFiles;
import dev.caravan.testkit.Landed;
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
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.FileSystemUtils;

/** Small files become one, and nothing else changes. */
@Timeout(600)
class CompactTest {
    private static final long SIZE = 1 << 20;
    private static final Orders API = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofHours(4), 1000, 2);
    /** Versions of two records, the later ones in later batches. */
    private static final String VERSIONS = """
            {"data":[{"id":1,"at":"2026-03-01T01:00:00Z","v":1},{"id":2,"at":"2026-03-01T01:00:00Z","v":2},
             {"id":1,"at":"2026-03-01T01:00:00Z","v":3},{"id":2,"at":"2026-03-01T00:30:00Z","v":4},
             {"id":1,"at":"2026-03-01T01:00:00Z","v":5}]}
            """;

    private final MutableClock clock = new MutableClock("2026-03-03T00:00:00Z");
    private final Path folder;

    CompactTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "files",
                "{compression: zstd}",
                "{format: csv}",
                "{format: csv, compression: none}",
                "parquet",
                "{partition-by: status}"
            })
    void everyFormatHoldsTheSameRowsInFewerFiles(String sink) {
        pull(folder, sink);
        List<JsonNode> before = FileSinkContractTest.visible(folder.resolve("acme/orders"));
        assertThat(before).hasSize(12);
        int files = files();

        Compacted done = compact(folder, sink);

        assertThat(done.before()).isEqualTo(files);
        assertThat(done.after()).isEqualTo(2).isEqualTo(files());
        assertThat(FileSinkContractTest.visible(folder.resolve("acme/orders")))
                .containsExactlyInAnyOrderElementsOf(before);
        assertSound(folder, sink);
        assertThat(compact(folder, sink)).isEqualTo(new Compacted(0, 0, 0, 0));

        clock.move(Duration.ofDays(1));
        assertThat(pull(folder, sink).duplicates()).as("keys stay").isZero();
        assertThat(FileSinkContractTest.visible(folder.resolve("acme/orders"))).hasSize(18);
        assertThat(compact(folder, sink).before()).isPositive();
        assertSound(folder, sink);
    }

    @Test
    void isWholeWhereverItIsKilled() throws IOException {
        FailingFiles counting = FailingFiles.over(Files.createDirectories(folder.resolve("whole")));
        pull(folder.resolve("whole"), "files");
        long steps = compacting(folder.resolve("whole"), counting, Long.MAX_VALUE, FailingFiles.Mode.BEFORE);
        assertThat(steps).isGreaterThan(10);
        for (FailingFiles.Mode mode : FailingFiles.Mode.values()) {
            for (long step = 1; step <= steps; step += Boolean.getBoolean("caravan.long") ? 1 : 5) {
                Path data = Files.createDirectories(folder.resolve(mode + "-" + step));
                pull(data, "files");
                FailingFiles disk = FailingFiles.over(data);
                long number = step;
                if (mode == FailingFiles.Mode.BEFORE) {
                    assertThatThrownBy(() -> compacting(data, disk, number, mode))
                            .isInstanceOf(RuntimeException.class);
                } else {
                    try {
                        compacting(data, disk, number, mode);
                    } catch (RuntimeException e) {
                        assertThat(disk.hasFailed()).as(e.toString()).isTrue();
                    }
                }
                assertThat(ids(data)).as("seen after step %d", step).doesNotHaveDuplicates();
                if (step % 2 == 0) {
                    FileSystemUtils.deleteRecursively(data.resolve("state"));
                }

                assertSound(data, "files"); // it recovers first

                assertThat(ids(data))
                        .as("after step %d", step)
                        .isEqualTo(LongStream.range(0, 12).boxed().toList());
                compact(data, "files");
                assertThat(ids(data)).hasSize(12);
                assertSound(data, "files");
            }
        }
    }

    private long compacting(Path data, FailingFiles disk, long step, FailingFiles.Mode mode) {
        try (Workshop workshop = workshop(disk.path(data))) {
            LiveStream live = live(workshop, "files");
            disk.failAt(step, mode, "killed");
            live.compact(SIZE);
            return disk.changes();
        }
    }

    @Test
    void theLatestVersionStaysTheLatest() {
        String merged = """
                path: /orders
                records: $.data
                key: id
                cursor: {field: at, format: iso, filtered: false}
                disposition: merge
                """;
        try (Workshop workshop = workshop(folder)) {
            LiveStream live =
                    workshop.live(Workshop.vendor("https://api.acme.example", Workshop.stream("orders", merged)));
            List<String> rows = new ArrayList<>();
            for (String each : VERSIONS.replaceAll("(?s).*\\[|\\].*", "").split("(?<=\\}),", -1)) {
                rows.add(each);
                String page = "{\"data\":[" + each + "]}";
                clock.move(Duration.ofHours(2));
                assertThat(new ByHand(request -> answer(200, page)).pull(live).rows())
                        .isEqualTo(1);
            }
            assertThat(rows).hasSize(5);
            assertThat(live.snapshot(SinkSettings.usual(), folder.resolve("before")))
                    .isEqualTo(2);

            assertThat(live.compact(SIZE))
                    .extracting(Compacted::before, Compacted::after)
                    .containsExactly(5L, 1L);

            live.snapshot(SinkSettings.usual(), folder.resolve("after"));
            assertThat(versions("after")).isEqualTo(versions("before")).containsExactly(2, 5);
        }
    }

    @Test
    void isRefusedWhileTheStreamIsPulled() {
        try (Workshop workshop = workshop(folder)) {
            LiveStream live = live(workshop, "files");
            List<Throwable> refused = new ArrayList<>();
            new ByHand(request -> {
                        if (refused.isEmpty()) {
                            try (Workshop other = workshop(folder)) {
                                live(other, "files").compact(SIZE);
                            } catch (LeaseHeldException e) {
                                refused.add(e);
                            }
                        }
                        return api(request);
                    })
                    .pull(live);
            assertThat(refused).hasSize(1);
        }
    }

    @Test
    void anAlteredFileIsNotHiddenInAnother() throws IOException {
        pull(folder, "{compression: none}");
        Path file;
        try (var all = Files.walk(folder.resolve("acme/orders"))) {
            file = all.filter(each -> each.toString().endsWith(".ndjson"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.writeString(file, Files.readString(file).replace("1.10", "9.99"));

        assertThatThrownBy(() -> compact(folder, "{compression: none}"))
                .isInstanceOf(PullException.class)
                .hasMessageContaining("is not as it was committed");
    }

    @Test
    void tablesKeepTheFilesTheyAreFilledFrom() {
        pull(folder, "[files, duckdb]");
        assertThat(compact(folder, "[files, duckdb]").after()).isEqualTo(2);
        assertSound(folder, "[files, duckdb]");
        assertThat(Landed.in(folder, "acme/orders@duckdb").dataFiles()).hasSizeGreaterThan(2);
    }

    private List<Integer> versions(String place) {
        return Landed.in(folder, place).rows().stream()
                .map(row -> row.path("v").asInt())
                .sorted()
                .toList();
    }

    private RunSummary pull(Path data, String sink) {
        try (Workshop workshop = workshop(data)) {
            RunSummary summary = new ByHand(CompactTest::api).pull(live(workshop, sink));
            assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
            return summary;
        }
    }

    private Compacted compact(Path data, String sink) {
        try (Workshop workshop = workshop(data)) {
            return live(workshop, sink).compact(SIZE);
        }
    }

    private void assertSound(Path data, String sink) {
        try (Workshop workshop = workshop(data)) {
            assertThat(live(workshop, sink).verify().problems())
                    .extracting(Problem::toString)
                    .isEmpty();
        }
    }

    private Workshop workshop(Path data) {
        return new Workshop(data, clock).withBatchRows(2);
    }

    private static LiveStream live(Workshop workshop, String sink) {
        return workshop.live(Workshop.vendor(
                "https://api.acme.example/v1", Workshop.stream("orders", Workshop.ORDERS + "sink: " + sink + "\n")));
    }

    private static Answer api(Request request) {
        return answer(200, API.answer(request.uri()));
    }

    private int files() {
        try (var all = Files.walk(folder.resolve("acme/orders"))) {
            return (int) all.filter(Files::isRegularFile)
                    .filter(file -> !folder.relativize(file).toString().contains("/_"))
                    .count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<Long> ids(Path data) {
        return Landed.in(data, "acme/orders").rows().stream()
                .map(row -> row.path("id").asLong())
                .sorted()
                .toList();
    }
}
