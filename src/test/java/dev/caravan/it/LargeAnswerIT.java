package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testkit.AcmeRoutes;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.Summaries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One document of 60 MB, read by a process that has little more memory, and killed in the middle of it. */
class LargeAnswerIT {
    private static final int RECORDS = 100_000;
    private static final String FILLING = "x".repeat(560);

    private static final String ROUTE = """
            - beans:
                - name: acme
                  type: dev.caravan.Connection
                  properties:
                    url: %s
                    auth: {type: bearer, token: "{{acme.token}}"}
            - templatedRoute:
                routeTemplateRef: stream
                routeId: acme-items
                beans:
                  - name: spec
                    type: dev.caravan.Stream
                    properties:
                      path: /items
                      decode: {as: json, largest: 100MB}
                      records: $.data
                      key: id
            """;

    @TempDir
    private Path folder;

    @Test
    void landsOnceWhateverHappensInTheMiddle() {
        byte[] document = document();
        assertThat(document.length).isGreaterThan(60_000_000);
        try (FakeApi api = FakeApi.start()) {
            api.on("/items", asked -> Reply.status(200).bytes(document));
            CaravanHome home = CaravanHome.in(folder)
                    .withEnvironment("ACME_TOKEN", AcmeRoutes.SECRET)
                    .withJava("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx96m")
                    .with("caravan.batch-rows=5000")
                    .withRoute("acme", ROUTE.formatted(api.url()));
            try (CaravanProcess process = home.start("pull", "acme-items")) {
                await().atMost(Duration.ofSeconds(90))
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> commits(home) >= 4 || !process.isAlive());
                assertThat(process.isAlive()).as(process::all).isTrue();
                process.kill();
            }
            Summaries summaries =
                    Summaries.of(home.run("pull", "acme-items", "--json").expect(0));
            assertThat(summaries.status("acme-items")).isEqualTo("done");
            assertThat(summaries.of("acme-items").path("duplicates").asLong()).isBetween(5_000L, RECORDS - 1L);
            home.landed("acme/items")
                    .assertExactlyOnce(
                            IntStream.range(0, RECORDS)
                                    .mapToObj(LargeAnswerIT::id)
                                    .toList(),
                            "id");
            assertThat(home.filesWith(".answer")).isEmpty();
        }
    }

    private static long commits(CaravanHome home) {
        Path commits = home.data().resolve("acme/items/_commits");
        if (!Files.isDirectory(commits)) {
            return 0;
        }
        try (var files = Files.list(commits)) {
            return files.filter(file -> file.toString().endsWith(".json")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] document() {
        StringBuilder text = new StringBuilder(64 << 20).append("{\"took\":1.10,\"data\":[");
        for (int i = 0; i < RECORDS; i++) {
            text.append(i == 0 ? "" : ",\n ")
                    .append("{\"id\":\"%s\",\"amount\":%d.10,\"text\":\"%s\"}".formatted(id(i), i, FILLING));
        }
        return text.append("],\"next\":null}").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String id(int number) {
        return "item-%06d".formatted(number);
    }
}
