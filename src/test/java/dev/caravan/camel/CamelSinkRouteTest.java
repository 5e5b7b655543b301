package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.camel.processor.errorhandler.DefaultErrorHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Rows go to endpoints of Camel, through the real route: to steps of the same file, and to components. */
@Timeout(60)
class CamelSinkRouteTest {
    private static final String ROWS = "{\"data\":[{\"id\":1,\"amount\":1.10},{\"id\":2,\"amount\":2}]}";

    private final Path folder;
    private final MutableClock clock = new MutableClock("2026-03-01T00:00:00Z");
    private final Workshop workshop;
    private final FakeApi api = FakeApi.start();

    CamelSinkRouteTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder.resolve("data"), clock);
    }

    @AfterEach
    void close() {
        api.close();
        workshop.close();
    }

    @Test
    void rowsGoThroughStepsOfTheSameFileAndComeAgainIfThoseFail() throws Exception {
        api.on("/orders", request -> FakeApi.Reply.ok(ROWS));
        try (LoadedRoutes routes =
                load("{type: camel, uri: \"direct:out\", key-header: id}", """
                - route:
                    from:
                      uri: direct:out
                      steps:
                        - bean: {beanType: dev.caravan.camel.FullShelf, method: put}
                        - setHeader: {name: CamelFileName, simple: "${header.id}-${date:now:SSS}-${random(100000)}.json"}
                        - to: "file:%s"
                """.formatted(folder.resolve("out")))) {
            RunSummary failed = refused(() -> routes.pull("acme-orders").get(0));

            assertThat(failed.error())
                    .contains("sink 'camel', endpoint direct:out", "of which 1 messages are sent", "the shelf is full");
            assertThat(sent("out")).hasSize(1);
            clock.move(Duration.ofHours(1));

            RunSummary next = routes.pull("acme-orders").get(0);

            assertThat(next.status()).as(next.error()).isEqualTo(RunStatus.DONE);
            assertThat(sent("out"))
                    .as("the first of them twice")
                    .hasSize(3)
                    .anyMatch(
                            row -> row.startsWith("{\"id\":2,\"amount\":2,") && row.contains("\"_caravan_key\":\"2\""));
        }
    }

    @Test
    void filesGoWhole() throws Exception {
        api.on("/orders", request -> FakeApi.Reply.ok(ROWS));
        String sink = "{type: camel, uri: \"file:%s\", send: files, format: csv, compression: none}"
                .formatted(folder.resolve("drop"));
        try (LoadedRoutes routes = load(sink, "")) {
            RunSummary summary = routes.pull("acme-orders").get(0);

            assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
            assertThat(sent("drop"))
                    .hasSize(1)
                    .allMatch(file -> file.startsWith("id,amount,_caravan_run,_caravan_extracted_at\r\n1,1.10,"));
            try (Stream<Path> dropped = Files.walk(folder.resolve("drop"))) {
                assertThat(dropped.filter(Files::isRegularFile).toList().get(0).toString())
                        .contains("drop/date=2026-03-01/");
            }
        }
    }

    @Test
    void parametersAreNotShown() throws Exception {
        api.on("/orders", request -> FakeApi.Reply.ok(ROWS));
        String sink = "{type: camel, uri: \"log:shelf\", parameters: {marker: hunter2, logMask: \"false\"}}";
        try (LoadedRoutes routes = load(sink, "")) {
            assertThat(routes.pull("acme-orders").get(0).status()).isEqualTo(RunStatus.DONE);
            assertThat(routes.context().getEndpoints())
                    .extracting(endpoint -> endpoint.getEndpointUri() + " " + endpoint)
                    .anyMatch(shown -> shown.contains("log:"))
                    .noneMatch(shown -> shown.contains("hunter2"));
            assertThat(routes.streams().live("acme-orders").definition().stream()
                            .toString())
                    .doesNotContain("hunter2");
        }
        String wrong = "{type: camel, uri: \"log:shelf\", parameters: {nonsense: hunter2}}";
        try (LoadedRoutes routes = load(wrong, "")) {
            clock.move(Duration.ofHours(2));
            api.on("/orders", request -> FakeApi.Reply.ok("{\"data\":[{\"id\":7}]}"));
            assertThat(routes.pull("acme-orders").get(0).error())
                    .contains("nonsense")
                    .doesNotContain("hunter2");
        }
    }

    @Test
    void whatIsNoEndpointIsRefusedWhenTheFileIsRead() throws Exception {
        try (LoadedRoutes routes = load("{type: camel, uri: \"kafka:orders\"}", "")) {
            assertThat(routes.streams().problems())
                    .singleElement()
                    .asString()
                    .contains("there is no component 'kafka'", "camel-kafka", "acme.camel.yaml");
        }
    }

    /** Steps of a user's own log what they fail with, once; that is asserted, and not shown. */
    private static RunSummary refused(Callable<RunSummary> pulling) throws Exception {
        Logger log = (Logger) LoggerFactory.getLogger(DefaultErrorHandler.class);
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        log.addAppender(logged);
        log.setAdditive(false);
        try {
            RunSummary summary = pulling.call();
            assertThat(logged.list)
                    .singleElement()
                    .satisfies(event -> assertThat(event.getLevel()).isEqualTo(Level.ERROR))
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .asString()
                    .contains("direct://out", "the shelf is full");
            return summary;
        } finally {
            log.setAdditive(true);
            log.detachAppender(logged);
        }
    }

    private LoadedRoutes load(String sink, String more) throws Exception {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        String stream = Workshop.stream("orders", """
                path: /orders
                records: $.data
                key: id
                every: 1h
                sink: %s
                """.formatted(sink));
        Files.writeString(routes.resolve("acme.camel.yaml"), Workshop.vendor(api.url(), stream) + more);
        return new LoadedRoutes(workshop, routes, Map.of());
    }

    private List<String> sent(String place) throws Exception {
        try (Stream<Path> files = Files.walk(folder.resolve(place))) {
            return files.filter(Files::isRegularFile)
                    .map(CamelSinkRouteTest::text)
                    .sorted()
                    .toList();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
