package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.Landed;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Orders;
import dev.caravan.testkit.Workshop;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A batch is written with the first of its bounds that is reached. */
class BatchBoundsTest {
    private static final Orders API = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofMinutes(10), 100, 3);

    private final Path folder;
    private final MutableClock clock = new MutableClock("2026-03-02T00:00:00Z");

    BatchBoundsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "files | files | 1",
                "{batch: {rows: 30}} | files | 4",
                "{batch: {size: 1KB}} | files | 6",
                "{batch: {age: 12s}} | files | 3",
                "[{batch: {rows: 60}}, {name: b, batch: {rows: 30}}] | files | 4",
                "{type: duckdb, batch: {rows: 50}} | duckdb | 2",
            })
    void isFullByRowsBytesOrAge(String sink, String name, int commits) {
        Landed landed = pull(sink, name);

        assertThat(landed.dataCommits()).hasSize(commits);
        assertThat(landed.rows()).hasSize(100);
    }

    @Test
    void ofATableHasAThousandRows() {
        Orders many = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofSeconds(30), 2500, 100);
        try (Workshop workshop = new Workshop(folder, clock)) {
            LiveStream live = workshop.live(vendor("duckdb"));
            new ByHand(request -> answer(200, many.answer(request.uri()))).pull(live);
        }
        assertThat(Landed.in(folder, "acme/orders@duckdb").dataCommits()).hasSize(3);
    }

    private static String vendor(String sink) {
        return Workshop.vendor(
                "https://api.acme.example/v1", Workshop.stream("orders", Workshop.ORDERS + "sink: " + sink + "\n"));
    }

    private Landed pull(String sink, String name) {
        try (Workshop workshop = new Workshop(folder, clock)) {
            RunSummary summary = new ByHand(request -> {
                        clock.move(Duration.ofSeconds(1));
                        return answer(200, API.answer(request.uri()));
                    })
                    .pull(workshop.live(vendor(sink)));
            assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        }
        return Landed.in(folder, "acme/orders" + (name.equals("files") ? "" : "@" + name));
    }
}
