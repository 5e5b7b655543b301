package dev.caravan.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.commit.Origin;
import dev.caravan.commit.RunEntry;
import dev.caravan.commit.StreamKey;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RunSummariesTest {
    private static final Instant NOW = Instant.parse("2026-09-01T06:00:00Z");

    @Test
    void aDamagedSummaryIsNone() {
        RunEntry entry = new RunEntry(
                "20260901T060000Z-4f2a9c",
                new StreamKey("acme", "orders", Origin.REAL),
                "done",
                NOW,
                NOW,
                "{\"run\":\"20260901T06\u0000");

        assertThat(RunSummaries.read(entry)).isEmpty();
    }
}
