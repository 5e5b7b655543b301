package dev.caravan.run;

import static dev.caravan.run.ByHand.answer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.slice.Window;
import dev.caravan.testkit.FakeApi;
import dev.caravan.testkit.MutableClock;
import dev.caravan.testkit.Workshop;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that come late, share a cursor, lack one, or move between pages while they are read. */
@Timeout(30)
class LateDataTest {
    private static final String LIST = """
            path: /rows
            query: {from: "${window.from}", to: "${window.to}"}
            records: $.data
            key: id
            cursor: {field: at, format: iso}
            start: "2026-03-01"
            """;
    private static final String ASCENDING = LIST.replace("format: iso", "format: iso, order: ascending");
    private static final String TOKENS = "next: {from: body, value: $.next, to: query.page}\n";
    private static final String OFFSETS = "next: {from: offset, to: query.offset, size: 3%s}\n";

    private final Workshop workshop;
    private final MutableClock clock = new MutableClock("2026-03-11T00:00:00Z");
    private final List<Row> rows = new ArrayList<>();
    private final List<Request> asked = new ArrayList<>();
    private Runnable afterEachPage = () -> {};
    private boolean newestFirst;

    LateDataTest(@TempDir Path folder) {
        this.workshop = new Workshop(folder, clock).withBatchRows(4);
    }

    @AfterEach
    void close() {
        workshop.close();
    }

    /** A row of the vendor; {@code at} is what it writes, null for nothing. */
    private record Row(long id, @Nullable String at, int version) {
        String json() {
            return "{\"id\":%d,\"at\":%s,\"version\":%d}"
                    .formatted(id, at == null ? "null" : "\"" + at + "\"", version);
        }
    }

    @ParameterizedTest
    @CsvSource({"append, 5 6, 2", "merge, 4 5 6, 1"})
    void theLookbackBringsLateAndEditedRecordsOnce(String disposition, String fresh, int duplicates) {
        LiveStream stream = live(LIST + TOKENS + "window: 1d\nlookback: 2d\ndisposition: " + disposition + "\n");
        add(1, "2026-03-02T00:00:00Z");
        add(2, "2026-03-09T00:00:00Z");
        add(3, "2026-03-10T23:59:59Z");
        add(4, "2026-03-10T12:00:00Z");
        assertThat(pull(stream).rows()).isEqualTo(4);
        clock.move(Duration.ofHours(1));
        rows.removeIf(row -> row.id() == 4 || row.id() == 2);
        rows.add(new Row(4, "2026-03-10T12:00:00Z", 2));
        add(5, "2026-03-09T06:00:00Z");
        add(6, "2026-03-11T00:30:00Z");
        RunSummary second = pull(stream);
        assertThat(second.rows()).isEqualTo(fresh.split(" ").length);
        assertThat(second.duplicates()).isEqualTo(duplicates);
        assertThat(pull(stream).rows()).isZero();
        assertThat(versions())
                .containsExactlyInAnyOrderElementsOf(
                        disposition.equals("merge")
                                ? List.of("1/1", "2/1", "3/1", "4/1", "4/2", "5/1", "6/1")
                                : List.of("1/1", "2/1", "3/1", "4/1", "5/1", "6/1"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void neverTakesWhatIsYoungerThanTheLag(boolean windowed) {
        LiveStream stream = live(windowed ? LIST + TOKENS + "window: 1d\nlag: 2h\n" : ASCENDING + TOKENS + "lag: 2h\n");
        add(1, "2026-03-10T21:59:59Z");
        add(2, "2026-03-10T22:00:00Z");
        add(3, "2026-03-10T23:59:59Z");
        // Some vendors do not know an upper bound.
        RunSummary first = new ByHand(request -> page(request, true)).pull(stream);
        Instant bound = Instant.parse("2026-03-10T22:00:00Z");
        assertThat(first.to()).isEqualTo(bound);
        assertThat(first.rows()).isEqualTo(1);
        assertThat(first.checkpoint()).isBeforeOrEqualTo(bound);
        clock.move(Duration.ofHours(3));
        add(4, "2026-03-10T21:59:59Z");
        RunSummary second = pull(stream);
        assertThat(second.checkpoint()).isBeforeOrEqualTo(Instant.parse("2026-03-11T01:00:00Z"));
        assertThat(ids()).contains(1L, 2L, 3L).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lookback: 0s\n", "lookback: 10m\n"})
    void recordsOfOneCursorAreAllTakenAcrossPagesBatchesAndRuns(String lookback) {
        LiveStream stream = live(ASCENDING + TOKENS + lookback);
        LongStream.range(0, 5).forEach(id -> add(id, "2026-03-05T00:00:00Z"));
        LongStream.range(5, 25).forEach(id -> add(id, "2026-03-06T12:00:00Z"));
        for (int run = 0; run < 3; run++) {
            int until = asked.size() + 2;
            assertThat(new ByHand(this::page)
                            .pull(stream, RunRequest.now(), () -> asked.size() < until)
                            .status())
                    .isEqualTo(RunStatus.PAUSED);
        }
        pull(stream);
        assertThat(stream.checkpoint()).contains(Instant.parse("2026-03-06T12:00:00Z"));
        LongStream.range(25, 31).forEach(id -> add(id, "2026-03-06T12:00:00Z"));
        clock.move(Duration.ofHours(1));
        assertThat(pull(stream).rows()).isEqualTo(6);
        assertThat(pull(stream).rows()).isZero();
        assertThat(ids()).isEqualTo(LongStream.range(0, 31).boxed().toList());
    }

    @Test
    void recordsAtTheBorderOfTwoWindowsFallIntoTheSecond() {
        LiveStream stream = live(LIST + TOKENS + "window: 1d\n");
        LongStream.range(0, 7).forEach(id -> add(id, "2026-03-05T00:00:00Z"));
        LongStream.range(7, 14).forEach(id -> add(id, "2026-03-04T23:59:59.999Z"));
        assertThat(pull(stream).duplicates()).isZero();
        assertThat(ids()).isEqualTo(LongStream.range(0, 14).boxed().toList());
    }

    @Test
    void recordsWithoutACursorAreKeptAndMoveNothing() {
        LiveStream stream = live(ASCENDING + TOKENS);
        add(1, "2026-03-05T00:00:00Z");
        add(2, null);
        add(3, null);
        assertThat(pull(stream).checkpoint()).isEqualTo("2026-03-05T00:00:00Z");
        clock.move(Duration.ofDays(30));
        assertThat(pull(stream).rows()).isZero();
        assertThat(stream.checkpoint()).contains(Instant.parse("2026-03-05T00:00:00Z"));
        assertThat(ids()).containsExactly(1L, 2L, 3L);
        assertThat(days()).containsEntry("unknown", 2L).containsEntry("2026-03-05", 1L);
    }

    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin, 2026-03-28T23:00:00Z, 2026-03-29, 23",
        "Europe/Berlin, 2026-10-24T22:00:00Z, 2026-10-25, 25",
        "America/Sao_Paulo, 2026-10-25T03:00:00Z, 2026-10-25, 24",
        "Asia/Kolkata, 2026-03-28T18:30:00Z, 2026-03-29, 24",
    })
    void daysAreThoseOfTheZone(String zone, Instant midnight, String day, long hours) {
        clock.move(Duration.between(clock.instant(), midnight.plus(Duration.ofDays(4))));
        for (String window : List.of("1h", "1d", "1mo")) {
            String name = window.replace("1", "each-");
            LiveStream stream = live(
                    name,
                    LIST.replace(
                                    "2026-03-01",
                                    midnight.minus(Duration.ofDays(1)).toString()) + TOKENS + "window: " + window
                            + "\nzone: " + zone + "\n");
            rows.clear();
            LongStream.range(0, 72)
                    .forEach(hour ->
                            add(hour, midnight.plus(Duration.ofHours(hour - 24)).toString()));
            assertThat(pull(stream).duplicates()).isZero();
            assertThat(workshop.ids("acme/" + name))
                    .isEqualTo(LongStream.range(0, 72).boxed().toList());
            assertThat(days(name)).containsEntry(day, hours);
        }
    }

    @Test
    void aLocalTimeThatComesTwiceIsTakenForTheOneThatItsSliceMeans() {
        // Clocks go back at 01:00 UTC: 02:30 comes at 00:30 UTC, and again an hour later.
        clock.move(Duration.between(clock.instant(), Instant.parse("2026-10-25T04:00:00Z")));
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        LiveStream stream =
                live(LIST.replace("2026-03-01", "2026-10-24T23:00:00Z") + "window: 1h\nzone: Europe/Berlin\n");
        ByHand hourly = new ByHand(request -> {
            Instant from = Instant.parse(FakeApi.query(request.uri()).get("from"));
            LocalDateTime local = LocalDateTime.ofInstant(from.plusSeconds(1800), berlin);
            // One written without its zone, and one of another hour that says which.
            Row zoneless = new Row(from.getEpochSecond(), local.toString(), 1);
            Row zoned = new Row(-from.getEpochSecond(), "2026-10-25T02:15:00+02:00", 1);
            return answer(200, "{\"data\":[%s,%s]}".formatted(zoneless.json(), zoned.json()));
        });
        RunSummary summary = hourly.pull(stream);
        assertThat(summary.rows()).isEqualTo(6);
        assertThat(summary.dropped()).isEqualTo(4);
        assertThat(ids().stream().filter(id -> id > 0).map(Instant::ofEpochSecond))
                .containsExactly(
                        Instant.parse("2026-10-24T23:00:00Z"),
                        Instant.parse("2026-10-25T00:00:00Z"),
                        Instant.parse("2026-10-25T01:00:00Z"),
                        Instant.parse("2026-10-25T02:00:00Z"),
                        Instant.parse("2026-10-25T03:00:00Z"));
        stream.change(stream.settingState("2026-10-25T01:00:00Z", Map.of()));
        RunSummary again = hourly.pull(stream);
        assertThat(again.rows()).isZero();
        assertThat(again.duplicates()).isEqualTo(3);
    }

    @Test
    void rowsThatAreInsertedWhilePagesAreReadAreKnownWhenTheyComeAgain() {
        for (String next : List.of(OFFSETS.formatted(""), "next: {from: page-number, to: query.page, size: 3}\n")) {
            rows.clear();
            newestFirst(20);
            long[] id = {100};
            afterEachPage = () -> add(id[0]++, "2026-03-10T00:00:00Z");
            String name = next.contains("offset") ? "offset" : "page";
            RunSummary summary = pull(live(name, LIST + next));
            assertThat(summary.duplicates()).isPositive();
            assertThat(workshop.ids("acme/" + name))
                    .containsAll(LongStream.range(0, 20).boxed().toList())
                    .doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"key: id\n", ""})
    void rowsThatAreDeletedWhilePagesAreReadMakeTheSliceBeginAnew(String key) {
        workshop.withBatchRows(100);
        newestFirst(12);
        int[] pages = {0};
        afterEachPage = () -> {
            if (++pages[0] == 2) {
                rows.remove(rows.size() - 1);
                rows.remove(rows.size() - 1);
            }
        };
        RunSummary summary = pull(live(LIST.replace("key: id\n", key) + OFFSETS.formatted(", overlap: 1")));
        assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        assertThat(ids())
                .as("without the two that are gone, if they were not read before")
                .containsAll(LongStream.range(0, 10).boxed().toList())
                .doesNotHaveDuplicates();
        assertThat(asked).extracting(LateDataTest::offset).startsWith(0L, 2L, 4L, 0L, 2L);
    }

    @Test
    void withoutOverlapARowThatMovesForwardIsNotSeen() {
        newestFirst(12);
        int[] pages = {0};
        afterEachPage = () -> {
            if (++pages[0] == 1) {
                rows.remove(rows.size() - 1);
            }
        };
        assertThat(pull(live(LIST + OFFSETS.formatted(""))).rows()).isEqualTo(11);
        assertThat(ids()).doesNotContain(8L);
    }

    @Test
    void aListThatNeverStandsStillFailsAndSaysSo() {
        newestFirst(40);
        afterEachPage = () -> rows.remove(rows.size() - 1);
        RunSummary summary = pull(live(LIST + OFFSETS.formatted(", overlap: 1")));
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.error())
                .contains("acme-rows", "rows moved between pages", "again and again", "does not change");
        assertThat(summary.checkpoint()).isNull();
    }

    @Test
    void withoutAKeyNothingIsReadAgainThatIsCommitted() {
        newestFirst(12);
        int[] pages = {0};
        afterEachPage = () -> {
            if (++pages[0] == 3) {
                rows.remove(rows.size() - 1);
            }
        };
        RunSummary summary = pull(live(LIST.replace("key: id\n", "") + OFFSETS.formatted(", overlap: 1")));
        assertThat(summary.status()).isEqualTo(RunStatus.FAILED);
        assertThat(summary.error()).contains("after some were committed", "'key'");
        assertThat(ids()).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3, 9, 12, 13})
    void pagesThatOverlapEndWhereTheListEnds(long count) {
        newestFirst(count);
        RunSummary summary = pull(live(LIST + OFFSETS.formatted(", overlap: 2")));
        assertThat(summary.status()).isEqualTo(RunStatus.DONE);
        assertThat(ids()).isEqualTo(LongStream.range(0, count).boxed().toList());
    }

    @Test
    void aCountedSliceGoesOnAtItsLastCommittedPage() {
        LiveStream stream = live(LIST + OFFSETS.formatted(""));
        newestFirst(20);
        new ByHand(this::page).pull(stream, RunRequest.now(), () -> asked.size() < 2);
        assertThat(ids()).hasSize(6);
        // Three rows that were read are gone until the next run, and three others stand where they stood.
        rows.subList(rows.size() - 3, rows.size()).clear();
        asked.clear();
        RunSummary rest = pull(stream);
        assertThat(offset(asked.get(0))).isEqualTo(3);
        assertThat(rest.status()).isEqualTo(RunStatus.DONE);
        assertThat(ids()).isEqualTo(LongStream.range(0, 20).boxed().toList());
    }

    @Test
    void withoutAKeyItGoesOnExactlyWhereItWas() {
        LiveStream stream = live(LIST.replace("key: id\n", "") + OFFSETS.formatted(""));
        newestFirst(20);
        new ByHand(this::page).pull(stream, RunRequest.now(), () -> asked.size() < 2);
        asked.clear();
        pull(stream);
        assertThat(offset(asked.get(0))).isEqualTo(6);
        assertThat(ids()).isEqualTo(LongStream.range(0, 20).boxed().toList());
    }

    @Test
    void aBackfillOfDaysTakesTheWholeDaysOfTheZone() {
        clock.move(Duration.between(clock.instant(), Instant.parse("2026-10-28T00:00:00Z")));
        LongStream.range(0, 72)
                .forEach(hour -> add(
                        hour,
                        Instant.parse("2026-10-24T00:00:00Z")
                                .plusSeconds(hour * 3600)
                                .toString()));
        LiveStream stream = live(LIST + TOKENS + "window: 1d\nzone: Europe/Berlin\n");
        RunRequest day = RunRequest.now()
                .withBackfill(new Window(Instant.parse("2026-10-24T22:00:00Z"), Instant.parse("2026-10-25T23:00:00Z")));
        RunSummary summary = new ByHand(this::page).pull(stream, day, Gate.OPEN);
        assertThat(summary.rows()).isEqualTo(25);
        assertThat(days()).containsOnlyKeys("2026-10-25");
    }

    /** Rows 0, 1, 2 … in the order of a list whose newest come first, an hour apart. */
    private void newestFirst(long count) {
        newestFirst = true;
        LongStream.range(0, count)
                .forEach(id -> add(
                        id,
                        Instant.parse("2026-03-05T00:00:00Z").plusSeconds(id).toString()));
    }

    private void add(long id, @Nullable String at) {
        rows.add(new Row(id, at, 1));
    }

    private RunSummary pull(LiveStream stream) {
        return new ByHand(this::page).pull(stream);
    }

    private LiveStream live(String properties) {
        return live("rows", properties);
    }

    private LiveStream live(String name, String properties) {
        return workshop.live(Workshop.vendor("https://api.acme.example/v1", Workshop.stream(name, properties)));
    }

    private Answer page(Request request) {
        return page(request, false);
    }

    /** A page of three: by offset the row added last comes first, otherwise rows come by cursor, those without one at the end. */
    private Answer page(Request request, boolean openEnded) {
        asked.add(request);
        Map<String, String> query = FakeApi.query(request.uri());
        Instant from = Instant.parse(query.get("from"));
        Instant to = openEnded ? Instant.MAX : Instant.parse(query.get("to"));
        List<Row> matching = rows.stream()
                .filter(row -> row.at() == null
                        || (!Instant.parse(row.at()).isBefore(from)
                                && Instant.parse(row.at()).isBefore(to)))
                .toList();
        List<Row> ordered = new ArrayList<>(matching);
        if (query.containsKey("offset") || newestFirst) {
            Collections.reverse(ordered);
        } else {
            Function<Row, Instant> cursor = row -> row.at() == null ? Instant.MAX : Instant.parse(row.at());
            ordered.sort(Comparator.comparing(cursor));
        }
        long skip = query.containsKey("offset")
                ? Long.parseLong(query.get("offset"))
                : (Long.parseLong(query.getOrDefault("page", "1")) - 1) * 3;
        String data = ordered.stream().skip(skip).limit(3).map(Row::json).collect(Collectors.joining(","));
        String next = ordered.size() > skip + 3 ? ",\"next\":" + (skip / 3 + 2) : "";
        afterEachPage.run();
        return answer(200, "{\"data\":[%s]%s}".formatted(data, next));
    }

    private static long offset(Request request) {
        return Long.parseLong(FakeApi.query(request.uri()).getOrDefault("offset", "0"));
    }

    private List<Long> ids() {
        return workshop.ids("acme/rows");
    }

    private List<String> versions() {
        return workshop.rows("acme/rows").stream()
                .map(row -> row.path("id").asText() + "/" + row.path("version").asText())
                .toList();
    }

    private Map<String, Long> days() {
        return days("rows");
    }

    /** Returns how many rows lie in the folder of each day. */
    private Map<String, Long> days(String stream) {
        return workshop.days("acme/" + stream);
    }
}
