package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.AcmeRoutes;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.Summaries;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process at the limit of its memory refuses the page that is too much, not the work of others. */
class PageMemoryIT {
    private static final int PAGES = 20;
    private static final int RECORDS = 1000;
    /** So that a page has about four megabytes. */
    private static final String FILLING = "x".repeat(4_000);

    @TempDir
    private Path folder;

    @Test
    void refusesTheAnswerThatCanNeverFitAndFinishesTheOthers() {
        try (FakeApi api = FakeApi.start()) {
            byte[] large = ("{\"data\":[" + record(0) + ",\"" + "y".repeat(90 << 20) + "\"]}")
                    .getBytes(StandardCharsets.UTF_8);
            api.on("/large", asked -> Reply.status(200).bytes(large));
            api.on("/one", PageMemoryIT::page);
            api.on("/two", asked -> page(asked).gzip());
            CaravanHome home = CaravanHome.in(folder)
                    .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                    .withJava("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m")
                    .with("caravan.max-page=200MB");
            for (String name : new String[] {"large", "one", "two"}) {
                home.withRoute(name, AcmeRoutes.tokens(name, api.url()));
            }
            Summaries summaries =
                    Summaries.of(home.run("pull", "--all", "--json").expect(1));
            assertThat(summaries.status("large-items")).isEqualTo("failed");
            assertThat(summaries.error("large-items"))
                    .contains("large-items 2026-01-01T00:00:00Z", "GET ", "/large")
                    .contains("bytes of memory", "ask for smaller pages", "caravan.page-memory", "-Xmx (now 1");
            for (String name : new String[] {"one", "two"}) {
                assertThat(summaries.status(name + "-items"))
                        .as("%s", summaries.of(name + "-items"))
                        .isEqualTo("done");
                home.landed(name + "/items")
                        .assertExactlyOnce(
                                IntStream.range(0, PAGES * RECORDS)
                                        .mapToObj(PageMemoryIT::id)
                                        .toList(),
                                "id");
            }
        }
    }

    private static Reply page(Asked asked) {
        int page = asked.query("page").isEmpty() ? 0 : Integer.parseInt(asked.query("page"));
        String next = page + 1 < PAGES ? "\"" + (page + 1) + "\"" : "null";
        return Reply.ok(IntStream.range(page * RECORDS, (page + 1) * RECORDS)
                .mapToObj(PageMemoryIT::record)
                .collect(Collectors.joining(",", "{\"data\":[", "],\"next\":" + next + "}")));
    }

    private static String record(int number) {
        return "{\"id\":\"%s\",\"created\":\"2026-01-02T00:00:00Z\",\"text\":\"%s\"}".formatted(id(number), FILLING);
    }

    private static String id(int number) {
        return "item-%06d".formatted(number);
    }
}
