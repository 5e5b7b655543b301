package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An API that the project has never seen: all that it takes is a file. */
class RouteFileIT {
    private static final String FILE = """
            # Parcels: a search by POST whose cursor stands in the body, numbers that are only unique within a depot.
            - beans:
                - name: parcels
                  type: dev.caravan.Connection
                  properties:
                    url: %s/api
                    auth: {type: api-key, token: "{{parcels.key}}", header: X-Parcel-Key}
                    quotas: [{rate: 100, per: 1s}]
            - templatedRoute:
                routeTemplateRef: stream
                routeId: parcels-deliveries
                beans:
                  - name: spec
                    type: dev.caravan.Stream
                    properties:
                      method: POST
                      path: /search
                      body: {limit: 2, since: "${window.from|number}"}
                      records: $.result.deliveries
                      key: [depot, number]
                      cursor: {field: times.delivered, format: epoch-millis}
                      next: {from: body, value: $.result.paging.after, to: body.after, while: $.result.paging.more}
                      start: 2026-01-01
                      each: direct:parcels-each
            - route:
                id: parcels-each
                from:
                  uri: direct:parcels-each
                  steps:
                    - choice:
                        when:
                          - expression:
                              simple:
                                expression: "${body[state]} == 'lost'"
                            steps:
                              - setBody:
                                  id: drop-lost
                                  expression:
                                    simple:
                                      expression: "${null}"
                        otherwise:
                          steps:
                            - setBody:
                                id: rewrite
                                expression:
                                  simple:
                                    expression: '{"depot":"${body[depot]}","number":${body[number]},"weight":${body[weight]},"label":"${body[depot]}-${body[number]}"}'
            """;

    @TempDir
    private Path folder;

    @Test
    void landsWhatItShouldForEachAccount() throws IOException {
        try (FakeApi api = FakeApi.start()) {
            api.on("/api/search", RouteFileIT::answer);
            CaravanHome home = CaravanHome.in(folder)
                    .withEnvironment("NORTH_KEY", "north-key")
                    .withEnvironment("SOUTH_KEY", "south-key")
                    .withRoute("parcels", FILE.formatted(api.url()));
            Files.writeString(folder.resolve("application.yaml"), """
                    caravan:
                      connections:
                        north: {vendor: parcels, tags: {org: northern-parcels}}
                        south: {vendor: parcels, tags: {org: southern-parcels}}
                    """);
            home.run("pull", "--all").expect(0);
            home.run("pull", "--all").expect(0);

            for (String account : List.of("north", "south")) {
                home.landed(account + "/deliveries")
                        .assertExactlyOnce(List.of("a/1", "a/2", "b/1", "b/3"), "depot", "number");
                for (JsonNode row : home.landed(account + "/deliveries").rows()) {
                    assertThat(row.path("org").asText()).isEqualTo(account + "ern-parcels");
                    assertThat(row.path("label").asText())
                            .isEqualTo(row.path("depot").asText() + "-"
                                    + row.path("number").asText());
                    assertThat(row.has("state")).isFalse();
                    assertThat(row.toString()).contains("\"weight\":1.10");
                }
            }
            assertThat(api.asked()).allSatisfy(asked -> {
                assertThat(asked.method()).isEqualTo("POST");
                assertThat(asked.body()).containsPattern("\"since\":\\d{13}[,}]");
            });
        }
    }

    private static Reply answer(Asked asked) {
        String key = asked.headers().getFirst("X-Parcel-Key");
        if (!List.of("north-key", "south-key").contains(key)) {
            return Reply.status(401).json("{\"error\":\"whose key is " + key + "\"}");
        }
        if (!asked.body().contains("\"after\"")) {
            return page(delivery("a", 1, "ok") + "," + delivery("a", 2, "ok"), "true", "k2");
        }
        return asked.body().contains("\"k2\"")
                ? page(delivery("b", 1, "ok") + "," + delivery("b", 2, "lost"), "true", "k3")
                : page(delivery("b", 3, "ok") + "," + delivery("a", 1, "ok"), "false", "k4");
    }

    private static Reply page(String deliveries, String more, String after) {
        return Reply.ok("{\"result\":{\"deliveries\":[%s],\"paging\":{\"more\":%s,\"after\":\"%s\"}}}"
                .formatted(deliveries, more, after));
    }

    private static String delivery(String depot, int number, String state) {
        return "{\"depot\":\"%s\",\"number\":%d,\"state\":\"%s\",\"weight\":1.10,\"times\":{\"delivered\":17676%d000}}"
                .formatted(depot, number, state, 10000 + number);
    }
}
