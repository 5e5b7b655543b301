package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.commit.Lease;
import dev.caravan.commit.Origin;
import dev.caravan.commit.StateStore;
import dev.caravan.commit.StreamKey;
import dev.caravan.lake.Lake;
import dev.caravan.testkit.AcmeRoutes;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.Summaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** State that people set, take out and bring in, and lists that change while they are read. */
class StateIT {
    private final FakeApi api = FakeApi.start();

    @TempDir
    private Path folder;

    private CaravanHome home;

    @BeforeEach
    void moveIn() {
        home = CaravanHome.in(folder)
                .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                .inOneProcess();
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void stateIsSetTakenOutAndBroughtIn() throws IOException {
        api.on("/acme", asked -> Reply.page(AcmeRoutes.records(1, 30), ""));
        home.withRoute("acme", AcmeRoutes.tokens("acme", api.url(), "window: 1y"));
        home.run("pull", "acme-items").expect(0);
        String export = home.run("state", "export", "acme-items").expect(0).out();
        assertThat(export).startsWith("{\"stream\":\"acme-items\",\"origin\":\"real\",\"checkpoint\":\"2");
        String seeds =
                home.run("state", "export", "acme-items", "--seeds").expect(0).out();
        assertThat(seeds).contains("\"last_synced_cursor\":\"2", "\"backfill_complete\":true");

        home.run("state", "set", "acme-items", "--cursor", "2026-01-03").expect(0);
        assertThat(home.run("state", "show", "acme-items").expect(0).out()).contains("2026-01-03T00:00:00Z");
        Ended again = home.run("pull", "acme-items", "--json").expect(0);
        assertThat(Summaries.of(again).of("acme-items").path("rows").asInt()).isZero();
        home.landed("acme/items").assertExactlyOnce(AcmeRoutes.ids(1, 30), "id");

        home.run("state", "reset", "acme-items").expect(0);
        Files.writeString(folder.resolve("state.json"), export);
        home.run("state", "import", "acme-items", "state.json").expect(0);
        assertThat(home.run("state", "export", "acme-items").expect(0).out()).isEqualTo(export);
        home.run("verify").expect(0);

        assertThat(home.run("state", "set", "acme-items", "--cursor", "soon")
                        .expect(2)
                        .err())
                .contains("acme-items: --cursor 'soon' is no time");
        assertThat(home.run("state", "import", "acme-items").expect(2).err()).contains("nothing to import");
        assertThat(home.run("state", "import", "acme-items", "none.json")
                        .expect(2)
                        .err())
                .contains("none.json cannot be read");
        holdingTheLease(
                () -> home.run("state", "import", "acme-items", "state.json").expect(5));
    }

    private void holdingTheLease(Runnable work) {
        Clock clock = Clock.systemUTC();
        try (StateStore store = StateStore.open(home.data().resolve("state/caravan.db"), clock);
                Lease held = Lease.take(
                        new StreamKey("acme", "items", Origin.REAL),
                        Lake.on(home.data()),
                        store,
                        "20260101T000000Z-aaaaaa",
                        clock)) {
            assertThat(held.epoch()).isPositive();
            work.run();
        }
    }

    @Test
    void aListThatLosesRowsWhileItIsReadIsReadWhole() {
        List<String> rows = new ArrayList<>(AcmeRoutes.records(1, 30));
        Collections.reverse(rows);
        api.on("/acme", asked -> {
            int offset = asked.query("offset").isEmpty() ? 0 : Integer.parseInt(asked.query("offset"));
            if (asked.before() == 2) {
                rows.subList(0, 4).clear();
            }
            List<String> page = rows.subList(Math.min(offset, rows.size()), Math.min(offset + 5, rows.size()));
            return Reply.page(page, "");
        });
        home.withRoute(
                "acme",
                AcmeRoutes.tokens("acme", api.url(), "next: {from: offset, to: query.offset, size: 5, overlap: 1}"));
        home.run("pull", "acme-items").expect(0);
        home.landed("acme/items").assertExactlyOnce(AcmeRoutes.ids(1, 30), "id");
        assertThat(api.asked("/acme"))
                .extracting(asked -> asked.query("offset"))
                .startsWith("0", "4", "8", "0");
    }
}
