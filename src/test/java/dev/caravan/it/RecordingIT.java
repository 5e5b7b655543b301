package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.CaravanProcess.Ended;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.Summaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers of an API are recorded, and a vendor file is tried against them without the API. */
class RecordingIT {
    private static final String SECRET = "s3cret-key-0123456789";

    @TempDir
    private Path folder;

    @Test
    void whatWasRecordedIsPulledAgainWithoutTheApi() throws IOException {
        CaravanHome home =
                CaravanHome.in(folder).withEnvironment("ACME_KEY", SECRET).inOneProcess();
        try (FakeApi api = FakeApi.start()) {
            api.on(
                    "/people",
                    asked -> asked.query().containsKey("page[token]")
                            ? Reply.ok(
                                    "{\"data\":[{\"id\":3,\"email\":\"cy@acme.example\",\"spent\":1.10}],\"next\":null}")
                            : asked.before() == 0
                                    ? Reply.status(503).json("{}")
                                    : Reply.ok(("{\"data\":[{\"id\":1,\"email\":\"ann@acme.example\",\"spent\":0.5},"
                                                    + "{\"id\":2,\"email\":\"ann@acme.example\",\"api_key\":\"%s\"}],"
                                                    + "\"next\":\"%s/people?page[token]=b&key=%s\"}")
                                            .replace("page[token]", "page%%5Btoken%%5D")
                                            .formatted(SECRET, api.url(), SECRET)));
            api.on(
                    "/search",
                    asked -> Reply.ok("{\"data\":[{\"id\":\"%s\"}]}"
                            .formatted(asked.body().contains("\"north\"") ? "n" : "other")));
            home.withRoute("acme", vendor(api.url()));

            Ended recorded =
                    home.run("pull", "acme", "--record", "recordings", "--json").expect(0);
            assertThat(Summaries.of(recorded).of("acme-people").path("rows").asInt())
                    .isEqualTo(3);
        }
        assertThat(recordings())
                .containsExactly("acme-people-0001.json", "acme-people-0002.json", "acme-search-0001.json");
        for (Path file : files()) {
            assertThat(Files.readString(file))
                    .doesNotContain(SECRET, "c1ient-of-ours", "ann@acme.example", "cy@acme.example");
        }

        Ended again =
                home.run("pull", "acme", "--caravan.sandbox=all", "--json").expect(0);

        assertThat(Summaries.of(again).of("acme-people").path("rows").asInt())
                .as(again.all())
                .isEqualTo(3);
        List<String> people = home.landed("stub/acme/people").lines();
        assertThat(people).hasSize(3).anyMatch(line -> line.contains("\"spent\":1.10"));
        assertThat(people).filteredOn(line -> line.contains("@example.com")).hasSize(3);
        assertThat(home.landed("stub/acme/search").ids("id")).containsExactly("n");

        Ended unknown = home.run("preview", "acme-people", "--caravan.sandbox=all", "--acme.size=7")
                .expect(1);
        assertThat(unknown.all())
                .contains("Not recorded: GET /people?size=7", "nearest recording is of GET /people?size=2");
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("recordings/127.0.0.1"))) {
            return files.sorted().toList();
        }
    }

    private List<String> recordings() throws IOException {
        return files().stream().map(file -> file.getFileName().toString()).toList();
    }

    private static String vendor(String url) {
        return """
                - beans:
                    - name: acme
                      type: dev.caravan.Connection
                      properties:
                        url: %s
                        auth: {type: api-key, token: "{{acme.key}}", query: key}
                        quotas: [{rate: 100, per: 1s}]
                        defaults: {records: $.data, key: id}

                - templatedRoute:
                    routeTemplateRef: stream
                    routeId: acme-people
                    beans:
                      - name: spec
                        type: dev.caravan.Stream
                        properties:
                          path: /people
                          query: {size: "{{acme.size:2}}", client_secret: "{{acme.client:c1ient-of-ours}}"}
                          next: {from: next-url, value: $.next}

                - templatedRoute:
                    routeTemplateRef: stream
                    routeId: acme-search
                    beans:
                      - name: spec
                        type: dev.caravan.Stream
                        properties:
                          path: /search
                          body: {where: {region: north}}
                """.formatted(url);
    }
}
