package dev.caravan.camel;

import static dev.caravan.testkit.Workshop.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.definition.Account;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Orders;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What eject prints loads, and does what the template does. */
@Timeout(60)
class EjectionTest {
    private static final Orders API = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofHours(6), 1000, 3);

    private static final String STEPS = """
            - route:
                id: steps
                from:
                  uri: direct:steps
                  steps:
                    - filter:
                        simple: "${body[status]} == 'deleted'"
                        steps:
                          - setBody: {constant: ""}
            """;

    private final Path folder;
    private final FakeApi api = FakeApi.start().on("/orders", asked -> Reply.ok(API.answer(asked.uri())));

    EjectionTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @AfterEach
    void close() {
        api.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "parallel: 2\n",
                "each: direct:steps\n",
                "detail: {path: \"/orders/${record.id}\", parallel: 3}\n"
            })
    void doesWhatTheTemplateDoes(String more) throws Exception {
        for (int i = 0; i < 40; i++) {
            api.on(
                    "/orders/" + i,
                    asked -> Reply.ok("{\"id\":%s,\"at\":\"2026-03-01T00:00:00Z\",\"detail\":true}"
                            .formatted(asked.path().substring(8))));
        }
        String stream = Workshop.stream("orders", ORDERS + more);
        String ejected;
        try (Workshop workshop = workshop("template");
                LoadedRoutes routes = load(workshop, "template", stream + STEPS, List.of())) {
            pull(routes, "acme-orders");
            ejected = routes.eject("acme-orders");
        }
        assertThat(ejected).contains("- route:", "acme-orders-", "fetch").doesNotContain("{{stream}}", "disabled");
        try (Workshop workshop = workshop("ejected");
                LoadedRoutes routes = load(workshop, "ejected", ejected + STEPS, List.of())) {
            pull(routes, "acme-orders");
            try (Workshop before = workshop("template")) {
                assertThat(workshop.ids("acme/orders")).isNotEmpty().isEqualTo(before.ids("acme/orders"));
            }
            assertThat(routes.steps("acme-orders")).contains("open", "commit", "close");
        }
    }

    /** One account's route is written out, the others keep the template. */
    @Test
    void isForOneAccountOfSeveral() throws Exception {
        List<Account> accounts = List.of(new Account("north", Map.of()), new Account("south", Map.of()));
        String stream = Workshop.stream("orders", ORDERS);
        String ejected;
        try (Workshop workshop = workshop("template");
                LoadedRoutes routes = load(workshop, "template", stream, accounts)) {
            ejected = routes.eject("north-orders");
        }
        assertThat(ejected).contains("'accounts: [south]'");
        String rest = Workshop.stream("orders", ORDERS + "accounts: [south]\n");
        try (Workshop workshop = workshop("ejected");
                LoadedRoutes routes = load(workshop, "ejected", rest + ejected, accounts)) {
            pull(routes, "north-orders", "south-orders");
            assertThat(workshop.ids("north/orders")).hasSize(40).isEqualTo(workshop.ids("south/orders"));
        }
    }

    private static void pull(LoadedRoutes routes, String... ids) throws Exception {
        for (RunSummary summary : routes.pull(ids)) {
            assertThat(summary.error()).isNull();
            assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        }
    }

    private Workshop workshop(String name) {
        return new Workshop(folder.resolve(name), new MutableClock("2026-03-11T00:00:00Z"));
    }

    private LoadedRoutes load(Workshop workshop, String name, String parts, List<Account> accounts) throws Exception {
        Path routes = routes(name);
        Files.writeString(routes.resolve("acme.camel.yaml"), Workshop.vendor(api.url(), parts));
        LoadedRoutes loaded = new LoadedRoutes(workshop, routes, accounts);
        assertThat(loaded.streams().problems()).isEmpty();
        return loaded;
    }

    private Path routes(String name) throws IOException {
        return Files.createDirectories(folder.resolve(name + "-routes"));
    }
}
