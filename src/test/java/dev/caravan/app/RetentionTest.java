package dev.caravan.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.commit.Origin;
import dev.caravan.commit.RunEntry;
import dev.caravan.commit.StateStore;
import dev.caravan.commit.StreamKey;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.testkit.MutableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
    private static final StreamKey STREAM = new StreamKey("acme", "orders", Origin.REAL);

    private final MutableClock clock = new MutableClock("2026-06-01T00:00:00Z");
    private final Path data;
    private final StateStore store;

    RetentionTest(@TempDir Path data) throws IOException {
        this.data = data;
        this.store = StateStore.open(data.resolve("state/caravan.db"), clock);
        for (String name : new String[] {
            "20260101T000000Z-000001.json",
            ".20260101T000000Z-000002.tmp",
            "20260302T235959Z-000003.json",
            "20260303T000000Z-000004.json",
            "20260531T000000Z-000005.json",
            "notes.json"
        }) {
            for (String folder : new String[] {"reports", "stub/reports"}) {
                Files.createDirectories(data.resolve(folder));
                Files.writeString(data.resolve(folder).resolve(name), "{}");
            }
        }
        history("old", "2026-01-01T00:00:00Z");
        history("new", "2026-05-31T00:00:00Z");
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void letsGoWhatIsOlderThanItIsKept() throws IOException {
        retention("90d").accept(summary());
        for (String folder : new String[] {"reports", "stub/reports"}) {
            assertThat(names(folder))
                    .containsExactly("20260303T000000Z-000004.json", "20260531T000000Z-000005.json", "notes.json");
        }
        assertThat(store.runs().latest(10)).extracting(RunEntry::run).containsExactly("new");
    }

    @Test
    void keepsEverythingForEver() throws IOException {
        retention("forever").accept(summary());
        retention("0").accept(summary());
        retention("0s").accept(summary());
        assertThat(names("reports")).hasSize(6);
        assertThat(store.runs().latest(10)).hasSize(2);
    }

    @Test
    void looksOnceAnHour() throws IOException {
        Retention retention = retention("90d");
        retention.accept(summary());
        Files.writeString(data.resolve("reports/20260101T000000Z-000006.json"), "{}");
        clock.move(Duration.ofMinutes(59));
        retention.accept(summary());
        assertThat(names("reports")).contains("20260101T000000Z-000006.json");
        clock.move(Duration.ofMinutes(1));
        retention.accept(summary());
        assertThat(names("reports")).doesNotContain("20260101T000000Z-000006.json");
    }

    private Retention retention(String kept) {
        return new Retention(data, store.runs(), Retention.span("caravan.keep-reports", kept), clock);
    }

    private void history(String run, String started) {
        store.runs().put(new RunEntry(run, STREAM, "done", Instant.parse(started), null, null));
    }

    private List<String> names(String folder) throws IOException {
        try (Stream<Path> files = Files.list(data.resolve(folder))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static RunSummary summary() {
        Instant now = Instant.parse("2026-06-01T00:00:00Z");
        return new RunSummary(
                "20260601T000000Z-000000",
                STREAM.id(),
                "real",
                "acme_api",
                RunStatus.DONE,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                null,
                null,
                null,
                now,
                now,
                0,
                null);
    }
}
