package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.commit.Problem;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.testkit.FailingFiles;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Orders;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What every sink promises, whatever happens. A sink passes it by extending it with what {@code sink} says for it, and with what
 * other programs then see.
 */
@Timeout(3600)
public abstract class SinkContract {
    private static final boolean LONG = Boolean.getBoolean("caravan.long");
    private static final String URL = "https://api.acme.example/v1";
    private static final Instant FIRST = Instant.parse("2026-03-01T00:00:00Z");
    /** Four orders a day, three on a page. */
    private static final Orders API = new Orders(FIRST, Duration.ofHours(6), 1000, 3);

    /** The days that are pulled, and what is there of them. */
    private static final int DAYS = 2;

    private static final List<Long> EXPECTED =
            LongStream.range(0, 4 * DAYS).boxed().toList();

    private final MutableClock clock = new MutableClock("2026-03-03T00:00:00Z");

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    Path folder;

    /** Returns what {@code sink} says. */
    protected abstract String sink(Path data);

    /** Returns the rows that other programs see of the stream {@code acme-orders}; nothing if there is no place for them yet. */
    protected abstract List<JsonNode> rows(Path data);

    /** Returns what is around the stream. */
    protected Workshop workshop(Path data, Clock time) {
        return new Workshop(data, time);
    }

    /** Every how manyeth step is tried, unless it is a long test that tries all of them. */
    protected int stride() {
        return 1;
    }

    /** Whether every value is there with the text it was sent as; if not, some kinds are there as text. */
    protected JsonNode value(JsonNode row, String field) {
        return row.path(field);
    }

    @Test
    void holdsEveryRecordOnceWithItsValues() {
        assertThat(pull(folder, folder).status()).isEqualTo(RunStatus.DONE);

        assertThat(ids(folder)).isEqualTo(EXPECTED);
        for (JsonNode row : rows(folder)) {
            assertThat(value(row, "amount").asText()).isEqualTo("1.10");
            assertThat(value(row, "status").asText()).isIn("open", "deleted");
            assertThat(row.path("_caravan_run").asText()).startsWith("2026");
        }
        assertSound(folder);
    }

    @Test
    void addsNothingWhenTheSameIsReadAgain() {
        pull(folder, folder);
        clock.move(Duration.ofHours(1));
        RunSummary again =
                pull(folder, folder, RunRequest.now(), Workshop.ORDERS + "lookback: 2d\n", SinkContract::usual);

        assertThat(again.status()).as(again.error()).isEqualTo(RunStatus.DONE);
        assertThat(again.duplicates()).isPositive();
        assertThat(ids(folder)).startsWith(EXPECTED.toArray(Long[]::new)).doesNotHaveDuplicates();
    }

    @Test
    void survivesBeingKilledBetweenAnyTwoSteps() throws IOException {
        survives(FailingFiles.Mode.BEFORE, "killed");
    }

    @Test
    void survivesAnAnswerThatIsLostAtAnyStep() throws IOException {
        survives(FailingFiles.Mode.AFTER, "Input/output error");
    }

    private void survives(FailingFiles.Mode mode, String why) throws IOException {
        Path first = Files.createDirectories(folder.resolve("whole"));
        FailingFiles files = FailingFiles.over(first);
        failing(first, files, () -> files.failAt(Long.MAX_VALUE, mode, why));
        long steps = files.changes();
        assertThat(steps).isGreaterThan(20);
        int survived = 0;
        for (long step = 1; step <= steps; step += LONG ? 1 : stride()) {
            Path data = Files.createDirectories(folder.resolve("step-" + step));
            long number = step;
            failing(data, files, () -> files.failAt(number, mode, why));
            assertThat(files.hasFailed()).as("step %d of %d", step, steps).isTrue();
            assertThat(ids(data)).as("seen after step %d", step).doesNotHaveDuplicates();
            files.failAt(Long.MAX_VALUE, mode, why);

            RunSummary next = pull(data, data);

            assertThat(next.status())
                    .as("after step %d: %s", step, next.error())
                    .isEqualTo(RunStatus.DONE);
            assertThat(ids(data)).as("after step %d of %d", step, steps).isEqualTo(EXPECTED);
            assertSound(data);
            survived++;
        }
        assertThat(survived).isGreaterThan(1);
    }

    @ParameterizedTest
    @CsvSource({
        "No space left on device, free some space",
        "Permission denied, Let the user that runs Caravan",
        "Read-only file system, Let the user that runs Caravan"
    })
    void saysWhatIsWrongWithTheDiskAndGoesOnWhenItIsMended(String trouble, String remedy) throws IOException {
        FailingFiles files = FailingFiles.over(folder);
        RunSummary failed = failing(folder, files, () -> files.failAt(25, FailingFiles.Mode.BEFORE, trouble));
        assertThat(failed.status()).isIn(RunStatus.FAILED, RunStatus.PARTIAL);
        assertThat(failed.error()).contains("acme-orders", trouble, remedy);

        assertThat(pull(folder, folder).status()).isEqualTo(RunStatus.DONE);
        assertThat(ids(folder)).isEqualTo(EXPECTED);
        assertSound(folder);
    }

    @Test
    void knowsWhatItHoldsWhenTheDatabaseOfTheStateIsLost() throws IOException {
        pull(folder, folder);
        loseState(folder);
        clock.move(Duration.ofHours(1));

        RunSummary again =
                pull(folder, folder, RunRequest.now(), Workshop.ORDERS + "lookback: 2d\n", SinkContract::usual);

        assertThat(again.status()).as(again.error()).isEqualTo(RunStatus.DONE);
        assertThat(ids(folder)).doesNotHaveDuplicates().containsAll(EXPECTED);
        assertSound(folder);
    }

    @Test
    void rejectsARecordThatIsTooLargeAndHoldsTheOthers() {
        String large = "{\"data\":[{\"id\":1,\"at\":\"2026-03-01T00:00:00Z\",\"text\":\"%s\"},%s]}"
                .formatted("x".repeat((1 << 18) + 1), "{\"id\":2,\"at\":\"2026-03-01T01:00:00Z\"}");

        RunSummary summary = pull(
                folder,
                folder,
                RunRequest.now(),
                Workshop.ORDERS.replace("window: 1d\n", "window: 2d\n"),
                request -> answer(200, large));

        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(summary.rejected()).isEqualTo(1);
        assertThat(ids(folder)).containsExactly(2L);
        assertSound(folder);
    }

    @Test
    void holdsRecordsWhateverTheirFieldsAreCalled() {
        String odd =
                "{\"data\":[{\"id\":1,\"at\":\"2026-03-01T00:00:00Z\",\"select\":1,\"a b\":2,\"\\\"; DROP TABLE x; --\":3,"
                        + "\"Ünïcode 😀\":4,\"Case\":5,\"case\":6,\"\":7,\"_commits\":8,\"%s\":9}]}"
                                .formatted("n".repeat(300));

        RunSummary summary = pull(
                folder,
                folder,
                RunRequest.now(),
                Workshop.ORDERS.replace("window: 1d\n", "window: 2d\n"),
                request -> answer(200, odd));

        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(ids(folder)).containsExactly(1L);
        assertThat(value(rows(folder).get(0), "select").asInt()).isEqualTo(1);
        assertSound(folder);
    }

    @Test
    void holdsNothingWhereThereIsNothing() {
        RunSummary summary =
                pull(folder, folder, RunRequest.now(), Workshop.ORDERS, request -> answer(200, "{\"data\":[]}"));

        assertThat(summary.status()).as(summary.error()).isEqualTo(RunStatus.DONE);
        assertThat(rows(folder)).isEmpty();
        assertSound(folder);
    }

    @Test
    void isFedByOneRunnerAtATime() {
        List<RunSummary> second = new ArrayList<>();
        Function<Request, Answer> api = request -> {
            if (second.isEmpty()) {
                second.add(pull(folder, folder));
            }
            return usual(request);
        };

        RunSummary first = pull(folder, folder, RunRequest.now(), Workshop.ORDERS, api);

        assertThat(first.status()).as(first.error()).isEqualTo(RunStatus.DONE);
        assertThat(second.get(0).status()).isEqualTo(RunStatus.HELD);
        assertThat(ids(folder)).isEqualTo(EXPECTED);
        assertSound(folder);
    }

    @Test
    void changesPlacesWithANewGenerationAtOnce() {
        pull(folder, folder);
        clock.move(Duration.ofHours(1));
        Orders fewer = new Orders(FIRST, Duration.ofHours(6), 5, 3);

        RunSummary refresh = pull(
                folder,
                folder,
                RunRequest.now().withFullRefresh(true),
                Workshop.ORDERS,
                request -> answer(200, fewer.answer(request.uri())));

        assertThat(refresh.status()).as(refresh.error()).isEqualTo(RunStatus.DONE);
        assertThat(ids(folder)).containsExactly(0L, 1L, 2L, 3L, 4L);
        assertSound(folder);
    }

    /** Pulls as a process of its own would. */
    private RunSummary pull(Path place, Path data) {
        return pull(place, data, RunRequest.now(), Workshop.ORDERS, SinkContract::usual);
    }

    private RunSummary pull(Path place, Path data, RunRequest request, String stream, Function<Request, Answer> api) {
        return pull(place, data, request, stream, api, () -> {});
    }

    /** The disk begins to fail when the state is open: what becomes of its files is not the sink's. */
    private RunSummary failing(Path place, FailingFiles files, Runnable failing) {
        return pull(place, files.path(place), RunRequest.now(), Workshop.ORDERS, SinkContract::usual, failing);
    }

    private RunSummary pull(
            Path place, Path data, RunRequest request, String stream, Function<Request, Answer> api, Runnable begun) {
        try (Workshop workshop = workshop(data, clock)) {
            LiveStream live = workshop.live(
                    Workshop.vendor(URL, Workshop.stream("orders", stream + "sink: " + sink(place) + "\n")));
            begun.run();
            return new ByHand(api).pull(live, request, Gate.OPEN);
        }
    }

    private static Answer usual(Request request) {
        return answer(200, API.answer(request.uri()));
    }

    private List<Long> ids(Path data) {
        return rows(data).stream()
                .map(row -> value(row, "id").asLong())
                .sorted()
                .toList();
    }

    /** The commits and what they name agree, and nothing lies about. */
    private void assertSound(Path data) {
        try (Workshop workshop = workshop(data, clock)) {
            LiveStream live = workshop.live(
                    Workshop.vendor(URL, Workshop.stream("orders", Workshop.ORDERS + "sink: " + sink(data) + "\n")));
            assertThat(live.verify().problems()).extracting(Problem::toString).isEmpty();
        }
    }

    /** Takes away what a machine may lose. */
    protected void loseState(Path data) throws IOException {
        try (var files = Files.list(data.resolve("state"))) {
            for (Path file : files.filter(each -> each.getFileName().toString().startsWith("caravan.db"))
                    .toList()) {
                Files.delete(file);
            }
        }
    }
}
