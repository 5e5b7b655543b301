package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.Summaries;
import dev.caravan.testkit.Threads;
import dev.caravan.testkit.Workshop;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams whose partitions are the records of others, by their commands. */
class ParentsIT {
    private final FakeApi api = FakeApi.start();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void pullingAChildPullsItsParentsFirstAndNothingElse() {
        Threads threads = new Threads(api);
        CaravanHome home = CaravanHome.in(folder)
                .withRoute("acme", Workshop.vendor(api.url(), Threads.STREAMS.toArray(String[]::new)))
                .inOneProcess();
        Ended first = home.run("pull", "acme-replies", "--json").expect(0);
        assertThat(Summaries.of(first).of("acme-replies").path("rows").asInt())
                .as("%s%s", first.all(), api.asked())
                .isEqualTo(3);
        home.landed("acme/replies")
                .assertExactlyOnce(
                        List.of("C1/1767400000.000200/1", "C1/1767400000.000200/2", "C3/1767500000.000001/1"),
                        "channel",
                        "parent",
                        "id");
        assertThat(first.out().lines()).as("one summary, of what was asked for").hasSize(1);

        api.forget();
        threads.refuse("C1");
        Ended again = home.run("pull", "acme-messages", "--json").expect(4);
        assertThat(Summaries.of(again).of("acme-messages").path("error").asText())
                .contains("channel=C1");
        assertThat(api.asked("/channels")).as("its parent has been pulled").isEmpty();

        Ended state = home.run("state", "show", "acme-replies").expect(0);
        assertThat(state.out()).contains("\"marks\"", "\"acme-messages\"");
    }
}
