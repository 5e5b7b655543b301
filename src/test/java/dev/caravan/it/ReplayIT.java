package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testkit.CaravanHome;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.Summaries;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rejected records, mended and put through again by the built application, the stream's own steps included. */
class ReplayIT {
    private static final String FILE = """
            - beans:
                - name: acme
                  type: dev.caravan.Connection
                  properties:
                    url: %s
            - templatedRoute:
                routeTemplateRef: stream
                routeId: acme-orders
                beans:
                  - name: spec
                    type: dev.caravan.Stream
                    properties:
                      path: /orders
                      records: $.data
                      key: id
                      each: direct:seen
                      %s
            - route:
                id: seen
                from:
                  uri: direct:seen
                  steps:
                    - setBody:
                        expression:
                          simple:
                            expression: '{"id":${body[id]},"seen":true}'
            """;

    @Test
    void whatWasRejectedLandsOnceItIsMended(@TempDir Path folder) {
        try (FakeApi api = FakeApi.start()) {
            api.on(
                    "/orders",
                    asked -> Reply.ok("{\"data\":[{\"id\":1,\"n\":1},{\"id\":2,\"n\":\"x\"},{\"id\":3,\"n\":3}]}"));
            CaravanHome home = CaravanHome.in(folder)
                    .withRoute("acme", FILE.formatted(api.url(), "schema: {properties: {n: {type: integer}}}"))
                    .inOneProcess();
            home.run("pull", "acme-orders").expect(0);
            assertThat(home.landed("acme/orders").ids("id")).containsExactly("1", "3");
            assertThat(home.landed("errors/acme/orders").lines()).hasSize(1);
            assertThat(Summaries.of(home.run("replay", "acme-orders", "--json").expect(0))
                            .of("acme-orders")
                            .path("rejected")
                            .asInt())
                    .isEqualTo(1);

            home.withRoute("acme", FILE.formatted(api.url(), "lookback: 0s"));
            api.forget();
            home.run("replay", "acme").expect(0);

            assertThat(api.asked()).isEmpty();
            assertThat(home.landed("acme/orders").rows()).hasSize(3).allMatch(row -> row.path("seen")
                    .asBoolean());
            assertThat(home.landed("errors/acme/orders").lines()).isEmpty();
            home.run("verify", "acme-orders").expect(0);
            home.run("replay", "nobody").expect(2);
        }
    }
}
