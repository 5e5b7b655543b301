package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static dev.caravan.testkit.Workshop.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.caravan.commit.Lease;
import dev.caravan.commit.LeaseHeldException;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.lake.Lake;
import dev.caravan.slice.Window;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Orders;
import dev.caravan.testkit.Workshop;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class StateTransferTest {
    private static final String URL = "https://api.acme.example/v1";
    private static final Orders API = new Orders(Instant.parse("2026-03-01T00:00:00Z"), Duration.ofHours(6), 1000, 3);
    private static final List<Long> TEN_DAYS = LongStream.range(0, 40).boxed().toList();
    private static final String REGIONS = "partitions: {of: region, values: \"north, south\"}\n";
    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    private final Path folder;
    private final Workshop workshop;
    private final MutableClock clock = new MutableClock("2026-03-11T00:00:00Z");
    private final List<Request> asked = new ArrayList<>();

    StateTransferTest(@TempDir Path folder) {
        this.folder = folder;
        this.workshop = new Workshop(folder, clock);
    }

    @AfterEach
    void close() {
        workshop.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"append", "merge"})
    void goingBackReadsAgainAndAddsNothing(String disposition) {
        LiveStream orders = orders(ORDERS + "disposition: " + disposition + "\n");
        pull(orders);
        assertThat(workshop.store().prunedBefore(orders.key())).contains(Instant.parse("2026-03-10T00:00:00Z"));
        orders.change(orders.settingState("2026-03-03", Map.of()));
        assertThat(orders.checkpoint()).contains(Instant.parse("2026-03-03T00:00:00Z"));
        RunSummary again = pull(orders);
        assertThat(again.from()).isEqualTo("2026-03-03T00:00:00Z");
        assertThat(again.rows()).isZero();
        assertThat(again.duplicates()).isEqualTo(32);
        assertThat(again.checkpoint()).isEqualTo("2026-03-11T00:00:00Z");
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void goingForwardLeavesOutWhatLiesBetween() {
        LiveStream orders = orders(ORDERS);
        orders.change(orders.settingState("2026-03-10T12:00:00Z", Map.of()));
        assertThat(pull(orders).rows()).isEqualTo(2);
        assertThat(workshop.ids("acme/orders")).containsExactly(38L, 39L);
    }

    @Test
    void setsThePartitionsThatHaveTheFields() {
        LiveStream orders = orders(ORDERS + REGIONS);
        pull(orders);
        orders.change(orders.settingState("2026-03-05", Map.of("region", "north")));
        assertThat(orders.exportState().partitions())
                .extracting(part -> part.partition().get("region") + " " + part.checkpoint())
                .containsExactly("north 2026-03-05T00:00:00Z", "south 2026-03-11T00:00:00Z");
        assertThatThrownBy(() -> orders.settingState("2026-03-05", Map.of("region", "west")))
                .hasMessageContainingAll("acme-orders", "region=west", "region=north, region=south");
    }

    @Test
    void readsTimesAsTheVendorWritesThem() {
        LiveStream orders = orders(ORDERS.replace("format: iso", "format: epoch-seconds"));
        orders.change(orders.settingState("1772323200", Map.of()));
        assertThat(orders.checkpoint()).contains(Instant.parse("2026-03-01T00:00:00Z"));
    }

    @ParameterizedTest
    @CsvSource({"soon, is no time", "2026-03-12, future", "2026-13-01, is no time", "'', is no time"})
    void refusesACursorThatCannotBe(String time, String message) {
        LiveStream orders = orders(ORDERS);
        assertThatThrownBy(() -> orders.settingState(time, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("acme-orders", "--cursor", "'" + time + "'", message);
    }

    @Test
    void refusesACheckpointWhereThereIsNone() {
        LiveStream list = orders("path: /list\nkey: id\n");
        assertThatThrownBy(() -> list.settingState("2026-03-01", Map.of()))
                .hasMessageContaining("it has no checkpoint");
    }

    @Test
    void anExportThatIsImportedGoesOnWhereItStood() throws JsonProcessingException {
        LiveStream orders = orders(ORDERS);
        new ByHand(this::usual).pull(orders, RunRequest.now(), () -> asked.size() < 5);
        StateExport before = orders.exportState();
        assertThat(before.checkpoint()).isEqualTo("2026-03-03T00:00:00Z");
        assertThat(before.partitions().get(0).open().get(0).from()).isEqualTo("2026-03-03T00:00:00Z");
        orders.resetState();
        assertThat(orders.checkpoint()).isEmpty();
        orders.change(orders.importingState(JSON.writeValueAsString(before)));
        assertThat(orders.exportState()).isEqualTo(before);
        asked.clear();
        RunSummary rest = pull(orders);
        assertThat(rest.from()).isEqualTo("2026-03-03T00:00:00Z");
        assertThat(workshop.ids("acme/orders")).isEqualTo(TEN_DAYS);
    }

    @Test
    void importsSpansThatAreStillToBePulled() {
        LiveStream orders = orders(ORDERS);
        orders.change(orders.importingState("""
                {"stream":"acme-orders","origin":"real","checkpoint":"2026-03-02T00:00:00Z","partitions":[
                  {"partition":{},"checkpoint":"2026-03-02T00:00:00Z",
                   "open":[{"from":"2026-03-02T00:00:00Z","to":"2026-03-03T00:00:00Z"},
                           {"from":"2026-03-09T00:00:00Z","to":"2026-03-10T00:00:00Z"}]}]}"""));
        assertThat(orders.exportState().partitions().get(0).open())
                .containsExactly(
                        window("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"),
                        window("2026-03-09T00:00:00Z", "2026-03-10T00:00:00Z"));
        RunSummary summary = pull(orders);
        assertThat(summary.checkpoint()).isEqualTo("2026-03-11T00:00:00Z");
        assertThat(workshop.ids("acme/orders")).containsExactly(4L, 5L, 6L, 7L, 32L, 33L, 34L, 35L, 36L, 37L, 38L, 39L);
    }

    @Test
    void seedsSayHowFarEachPartitionIs() throws JsonProcessingException {
        LiveStream orders = orders(ORDERS + REGIONS);
        assertThat(orders.exportSeeds()).allSatisfy(seed -> {
            assertThat(seed.lastSyncedCursor()).isNull();
            assertThat(seed.lastRunAt()).isNull();
            assertThat(seed.backfillComplete()).isFalse();
        });
        pull(orders);
        List<StateSeed> seeds = orders.exportSeeds();
        assertThat(JSON.writeValueAsString(seeds.get(0)))
                .isEqualTo("{\"stream\":\"acme-orders\",\"partition\":{\"region\":\"north\"},"
                        + "\"last_synced_cursor\":\"2026-03-11T00:00:00Z\",\"last_run_at\":\"2026-03-11T00:00:00Z\","
                        + "\"backfill_complete\":true}");
        orders.resetState();
        orders.change(orders.importingState(JSON.writeValueAsString(seeds)));
        assertThat(orders.exportSeeds()).isEqualTo(seeds);
        assertThat(pull(orders).rows()).isZero();
    }

    @Test
    void anImportLeavesPartitionsAloneThatItDoesNotName() {
        LiveStream orders = orders(ORDERS + REGIONS);
        pull(orders);
        orders.change(orders.importingState(
                "{\"partition\":{\"region\":\"south\"},\"last_synced_cursor\":\"2026-03-08T00:00:00Z\"}"));
        assertThat(orders.exportSeeds())
                .extracting(StateSeed::lastSyncedCursor)
                .containsExactly("2026-03-11T00:00:00Z", "2026-03-08T00:00:00Z");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{                                                         | not JSON",
                "[1]                                                       | JSON objects",
                "[]                                                        | nothing to import",
                "{\"stream\":\"acme-orders\"}                              | neither 'partitions'",
                "{\"stream\":\"acme-users\",\"last_synced_cursor\":null}   | stream 'acme-users'",
                "{\"origin\":\"stub\",\"partitions\":[]}                   | origin 'stub'",
                "{\"partitions\":{}}                                       | partitions '{}': it is a list",
                "{\"partitions\":[{\"partition\":{\"region\":\"x\"}}]}     | the stream has no partitions",
                "{\"partitions\":[{\"checkpoint\":\"x\"}]}                 | checkpoint 'x' is no time",
                "{\"partitions\":[{\"checkpoint\":\"2027-01-01\"}]}        | future",
                "{\"partitions\":[{},{}]}                                  | it comes twice",
                "{\"partitions\":[{\"chekpoint\":null}]}                   | unknown field 'chekpoint', known here are checkpoint",
                "{\"partitions\":[{\"open\":[{\"from\":\"2026-03-01\"}]}]} | it has 'from', and 'to' behind it",
                "{\"last_synced_cursor\":null,\"last_synced_cursor\":null} | not JSON",
                "{\"last_synced_cursor\":null,\"backfill_complete\":1}     | backfill_complete '1': write true or false",
            })
    void refusesAnImportThatIsNotForIt(String json, String message) {
        LiveStream orders = orders(ORDERS);
        assertThatThrownBy(() -> orders.importingState(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("acme-orders", message);
    }

    @Test
    void refusesSpansThatOverlap() {
        LiveStream orders = orders(ORDERS);
        assertThatThrownBy(() -> orders.importingState("""
                {"partitions":[{"open":[{"from":"2026-03-02","to":"2026-03-04"},{"from":"2026-03-03","to":"2026-03-05"}]}]}""")).hasMessageContaining("do not overlap");
    }

    @Test
    void changesNothingWhileTheStreamIsPulled() {
        LiveStream orders = orders(ORDERS);
        try (Lease held = Lease.take(orders.key(), Lake.on(folder), workshop.store(), "other", clock)) {
            assertThatThrownBy(() -> orders.change(orders.settingState("2026-03-05", Map.of())))
                    .isInstanceOf(LeaseHeldException.class)
                    .hasMessageContaining(held.run());
        }
    }

    @Test
    void aChangedKeyHoldsTheStreamAlsoAgainstANewCheckpoint() {
        pull(orders(ORDERS));
        LiveStream changed = orders(ORDERS.replace("key: id", "key: [id, at]"));
        assertThatThrownBy(() -> changed.change(changed.settingState("2026-03-05", Map.of())))
                .isInstanceOf(DefinitionChangedException.class);
    }

    @Test
    void keepingTheStateUnderOtherRequestsBeginsOpenSlicesAnew() {
        new ByHand(this::usual).pull(orders(ORDERS), RunRequest.now(), () -> asked.size() < 3);
        LiveStream changed = orders(ORDERS.replace("key: id", "key: [id, at]").replace("query: {", "query: {v: 2, "));
        changed.keepState();
        asked.clear();
        pull(changed);
        assertThat(asked.get(0).uri())
                .hasParameter("from", "2026-03-02T00:00:00Z")
                .hasNoParameter("page");
    }

    private RunSummary pull(LiveStream stream) {
        return new ByHand(this::usual).pull(stream);
    }

    private Answer usual(Request request) {
        asked.add(request);
        return answer(200, API.answer(request.uri()));
    }

    private LiveStream orders(String properties) {
        return workshop.live(Workshop.vendor(URL, Workshop.stream("orders", properties)));
    }

    private static Window window(String from, String to) {
        return new Window(Instant.parse(from), Instant.parse(to));
    }
}
