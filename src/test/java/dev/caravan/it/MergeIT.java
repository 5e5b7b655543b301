package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.AcmeRoutes;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.Landed;
import dev.caravan.testkit.Summaries;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records that change after they were pulled. */
class MergeIT {
    private final FakeApi api = FakeApi.start();
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void anEditInsideTheLookbackArrivesWhereVersionsAreWanted() {
        CaravanHome home = CaravanHome.in(folder)
                .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                .withRoute("merge", stream("merge"))
                .withRoute("append", stream("append"))
                .inOneProcess();
        List<String> before = List.of(record("old", 240, 1), record("edited", 3, 1), record("same", 2, 1));
        List<String> after = List.of(record("old", 240, 2), record("edited", 3, 2), record("same", 2, 1));
        answer(before);
        home.run("pull", "--all").expect(0);
        answer(after);
        Ended second = home.run("pull", "--all", "--json").expect(0);

        Landed merge = home.landed("merge/items").assertSound("id");
        assertThat(merge.counts("id", "version"))
                .containsOnlyKeys("old/1", "edited/1", "edited/2", "same/1")
                .allSatisfy((version, count) -> assertThat(count).isEqualTo(1));
        home.landed("append/items").assertExactlyOnce(List.of("old/1", "edited/1", "same/1"), "id", "version");
        assertThat(Summaries.of(second).of("merge-items").path("rows").asInt()).isEqualTo(1);
        assertThat(Summaries.of(second).of("merge-items").path("duplicates").asInt())
                .isEqualTo(1);
        assertThat(Summaries.of(second).of("append-items").path("rows").asInt()).isZero();
        assertThat(Summaries.of(second).of("append-items").path("duplicates").asInt())
                .isEqualTo(2);
    }

    private void answer(List<String> records) {
        api.on("/merge", asked -> Reply.page(records, ""));
        api.on("/append", asked -> Reply.page(records, ""));
    }

    private String stream(String disposition) {
        return AcmeRoutes.tokens(disposition, api.url(), "disposition: " + disposition, "lookback: 2d", "start: 30d");
    }

    private String record(String id, int hoursAgo, int version) {
        return "{\"id\":\"%s\",\"created\":\"%s\",\"version\":%d}"
                .formatted(id, now.minus(Duration.ofHours(hoursAgo)), version);
    }
}
