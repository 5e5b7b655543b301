package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.FakeApi.Asked;
import dev.caravan.testkit.FakeApi.Reply;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that are kept on disk and read in parts; a page of the workshop may have one megabyte. */
@Timeout(90)
class LargeAnswerRouteTest {
    private static final int RECORDS = 12_000;
    private static final String FILLING = "x".repeat(900);
    private static final List<Long> ALL = LongStream.range(0, RECORDS).boxed().toList();

    private final Path folder;
    private final Workshop workshop;
    private final AtomicInteger asked = new AtomicInteger();
    private volatile Function<Asked, Reply> script = any -> Reply.ok(document(0));
    private final FakeApi api = FakeApi.start().on("/items", request -> {
        asked.incrementAndGet();
        return script.apply(request);
    });

    LargeAnswerRouteTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop =
                new Workshop(folder.resolve("data"), new MutableClock("2026-03-11T00:00:00Z")).withBatchRows(3_000);
    }

    @AfterEach
    void close() {
        api.close();
        workshop.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"json", "json-lines"})
    void isReadInPartsAndCommittedInBatches(String format) throws Exception {
        script = any -> format.equals("json")
                ? Reply.ok(document(0)).gzip()
                : Reply.ok(IntStream.range(0, RECORDS)
                        .mapToObj(LargeAnswerRouteTest::record)
                        .collect(Collectors.joining("\n")));
        RunSummary summary = pull(format, format.equals("json") ? "records: $.page.data\n" : "")
                .get(0);
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(summary.requests()).isEqualTo(1);
        assertThat(summary.pages()).isGreaterThanOrEqualTo(3);
        assertThat(summary.files()).isGreaterThanOrEqualTo(2);
        assertThat(workshop.ids("acme/items")).isEqualTo(ALL);
        assertNothingLeft();
    }

    @Test
    void goesOnWithTheNextAnswerWhenAllPartsAreRead() throws Exception {
        script = request -> request.query("page").isEmpty()
                ? Reply.ok(document(0).replace("\"next\":null", "\"next\":\"two\""))
                : Reply.ok("{\"page\":{\"data\":[{\"id\":%d}]},\"next\":null}".formatted(RECORDS));
        RunSummary summary = pull("json", "records: $.page.data\nnext: {from: body, value: $.next, to: query.page}\n")
                .get(0);
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(summary.requests()).isEqualTo(2);
        assertThat(workshop.ids("acme/items")).hasSize(RECORDS + 1);
    }

    @Test
    void countsNothingOfAnAnswerThatIsNotWhole() throws Exception {
        script = any -> Reply.ok(document(0)).cutAfter(11_000_000);
        RunSummary broken = pull("json", "records: $.page.data\n").get(0);
        assertThat(broken.status()).isEqualTo(RunStatus.FAILED);
        assertThat(broken.rows()).isZero();
        assertThat(asked.get()).isEqualTo(4);
        assertNothingLeft();
    }

    @Test
    void rejectsABadRecordOfAPartByItself() throws Exception {
        script = any -> Reply.ok(document(0).replace("{\"id\":7777,", "{\"id\":7777,\"a\":NaN,"));
        RunSummary summary = pull("json", "records: $.page.data\n").get(0);
        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(summary.rejected()).isEqualTo(1);
        assertThat(workshop.ids("acme/items")).hasSize(RECORDS - 1).doesNotContain(7777L);
    }

    @Test
    void refusesWhatIsTooLargeForIt() throws Exception {
        RunSummary summary = pull("json", "records: $.page.data\n", "5MB").get(0);
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.error()).contains("the answer is larger than 5,242,880 bytes", "'largest'");
        assertNothingLeft();
    }

    @Test
    void needsAKey() {
        assertThatThrownBy(() -> workshop.live(Workshop.vendor(
                        api.url(),
                        Workshop.stream("items", "path: /items\nrecords: $.data\ndecode: {as: json, largest: 1GB}\n"))))
                .hasMessageContaining("decode: largest needs a 'key'");
        assertThatThrownBy(() -> workshop.live(Workshop.vendor(
                        api.url(),
                        Workshop.stream(
                                "items",
                                "path: /items\nrecords: $[*].data[*]\nkey: id\ndecode: {as: json, largest: 1GB}\n"))))
                .hasMessageContaining("decode: largest is for 'records' that are one list");
    }

    private List<RunSummary> pull(String format, String properties) throws Exception {
        return pull(format, properties, "1GB");
    }

    private List<RunSummary> pull(String format, String properties, String largest) throws Exception {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        String stream =
                "path: /items\nkey: id\ndecode: {as: %s, largest: %s}\n%s".formatted(format, largest, properties);
        Files.writeString(
                routes.resolve("acme.camel.yaml"), Workshop.vendor(api.url(), Workshop.stream("items", stream)));
        try (LoadedRoutes loaded = new LoadedRoutes(workshop, routes, Map.of())) {
            assertThat(loaded.streams().problems()).isEmpty();
            return loaded.pull("acme-items");
        }
    }

    private void assertNothingLeft() throws Exception {
        try (var files = Files.walk(folder.resolve("data"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".answer")))
                    .isEmpty();
        }
    }

    private static String document(int first) {
        return IntStream.range(first, RECORDS)
                .mapToObj(LargeAnswerRouteTest::record)
                .collect(Collectors.joining(",\n", "{\"took\":1.10,\"page\":{\"data\":[", "]},\"next\":null}"));
    }

    private static String record(int id) {
        return "{\"id\":%d,\"amount\":1.10,\"text\":\"%s\"}".formatted(id, FILLING);
    }
}
