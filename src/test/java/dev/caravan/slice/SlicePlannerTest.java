package dev.caravan.slice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlicePlannerTest {
    private static final Instant START = Instant.parse("2025-06-01T00:00:00Z");
    private static final Instant NOON = Instant.parse("2025-06-03T12:00:00.789Z");
    private static final Partition ONE = new Partition(Map.of("repo", "one"));
    private static final Partition TWO = new Partition(Map.of("repo", "two"));

    @Test
    void theFirstRunCoversStartToRunStartWithoutGap() {
        SlicePlanner planner = new SlicePlanner(settings("1d", "0s", "0s"));
        assertThat(windows(planner, planner.plan(Progress.NONE, NOON)))
                .containsExactly(
                        window("2025-06-01T00:00:00Z", "2025-06-02T00:00:00Z"),
                        window("2025-06-02T00:00:00Z", "2025-06-03T00:00:00Z"),
                        window("2025-06-03T00:00:00Z", "2025-06-03T12:00:00Z"));
    }

    @Test
    void withoutAWindowOneSliceReachesToThePresent() {
        SlicePlanner planner = new SlicePlanner(settings(null, "0s", "0s"));
        assertThat(windows(planner, planner.plan(Progress.NONE, NOON)))
                .containsExactly(window("2025-06-01T00:00:00Z", "2025-06-03T12:00:00Z"));
    }

    @Test
    void theNextRunLooksBackAndStopsShortByTheLag() {
        SlicePlanner planner = new SlicePlanner(settings(null, "1h", "10m"));
        Progress first = finishAll(planner, planner.plan(Progress.NONE, NOON), false);
        assertThat(first.checkpoint()).isEqualTo("2025-06-03T11:50:00Z");
        Progress second = planner.plan(first, NOON.plusSeconds(3600));
        assertThat(windows(planner, second)).containsExactly(window("2025-06-03T10:50:00Z", "2025-06-03T12:50:00Z"));
    }

    @Test
    void lookingBackNeverMovesTheCheckpointBack() {
        SlicePlanner planner = new SlicePlanner(settings("1h", "5h", "0s"));
        Progress first = finishAll(planner, planner.plan(Progress.NONE, NOON), false);
        Progress second = planner.plan(first, NOON.plusSeconds(60));
        Slice oldest = planner.open(second).get(0);
        assertThat(second.with(oldest, done(oldest, null), false).checkpoint()).isEqualTo(first.checkpoint());
    }

    @Test
    void aSliceFinishedOutOfOrderDoesNotMoveTheCheckpoint() {
        SlicePlanner planner = new SlicePlanner(settings("1d", "0s", "0s"));
        Progress planned = planner.plan(Progress.NONE, NOON);
        List<Slice> open = planner.open(planned);
        Progress last = planned.with(open.get(2), done(open.get(2), null), false);
        assertThat(last.checkpoint()).isNull();
        Progress first = last.with(open.get(0), done(open.get(0), null), false);
        assertThat(first.checkpoint()).isEqualTo("2025-06-02T00:00:00Z");
        assertThat(planner.open(first)).containsExactly(open.get(1));
        Progress all = first.with(open.get(1), done(open.get(1), null), false);
        assertThat(all.checkpoint()).isEqualTo("2025-06-03T12:00:00Z");
        assertThat(planner.open(all)).isEmpty();
    }

    @Test
    void unfinishedSlicesKeepTheirBoundsAndPosition() {
        SlicePlanner planner = new SlicePlanner(settings("1d", "0s", "0s"));
        Progress planned = planner.plan(Progress.NONE, NOON);
        Slice third = planner.open(planned).get(2);
        Progress half = planned.with(third, new SliceProgress(third.window(), false, "4:0", null), false);
        Progress later = planner.plan(half, NOON.plusSeconds(86_400));
        assertThat(later.of(third).orElseThrow().resume()).isEqualTo("4:0");
        assertThat(windows(planner, later).subList(2, 4))
                .containsExactly(
                        window("2025-06-03T00:00:00Z", "2025-06-03T12:00:00Z"),
                        window("2025-06-03T12:00:00Z", "2025-06-04T12:00:00Z"));
    }

    @Test
    void anAscendingStreamResumesAtTheGreatestCursorSeen() {
        SliceSettings settings = new SliceSettings(
                true,
                CursorFormat.ISO,
                true,
                START,
                null,
                null,
                Span.parse("10m"),
                Span.ZERO,
                ZoneOffset.UTC,
                List.of(Partition.WHOLE));
        SlicePlanner planner = new SlicePlanner(settings);
        Progress planned = planner.plan(Progress.NONE, NOON);
        Slice slice = planner.open(planned).get(0);
        Instant greatest = Instant.parse("2025-06-02T08:00:00Z");
        Progress pulled = planned.with(slice, done(slice, greatest), true);
        assertThat(pulled.checkpoint()).isEqualTo(greatest);
        assertThat(windows(planner, planner.plan(pulled, NOON)))
                .containsExactly(window("2025-06-02T07:50:00Z", "2025-06-03T12:00:00Z"));
        Slice quiet = planner.open(planner.plan(pulled, NOON)).get(0);
        assertThat(planner.plan(pulled, NOON)
                        .with(quiet, done(quiet, null), true)
                        .checkpoint())
                .isEqualTo(greatest);
    }

    @Test
    void anUnfilteredStreamBeginsAnewEveryRun() {
        SliceSettings settings = new SliceSettings(
                false,
                CursorFormat.ISO,
                false,
                START,
                null,
                null,
                Span.ZERO,
                Span.ZERO,
                ZoneOffset.UTC,
                List.of(ONE, TWO));
        SlicePlanner planner = new SlicePlanner(settings);
        Progress planned = planner.plan(Progress.NONE, NOON);
        Slice one = planner.open(planned).get(0);
        assertThat(one).isEqualTo(new Slice(ONE, null));
        Progress half = planned.with(one, new SliceProgress(null, false, "9:0", null), false)
                .withEtag(ONE, "\"e1\"");
        Progress again = planner.plan(half, NOON);
        assertThat(planner.open(again)).hasSize(2);
        assertThat(again.of(one)).as("nothing to go on from").isEmpty();
        assertThat(again.of(ONE).orElseThrow().etag()).isEqualTo("\"e1\"");
        assertThat(again.withEtag(ONE, null).of(ONE).orElseThrow().etag()).isNull();
    }

    @Test
    void daysBeginAtMidnightOfTheZoneAndTheUnfinishedDayWaits() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        SliceSettings settings = new SliceSettings(
                true,
                CursorFormat.DATE,
                false,
                Instant.parse("2025-03-29T10:00:00Z"),
                null,
                Span.parse("1d"),
                Span.ZERO,
                Span.ZERO,
                berlin,
                List.of(Partition.WHOLE));
        SlicePlanner planner = new SlicePlanner(settings);
        assertThat(windows(planner, planner.plan(Progress.NONE, Instant.parse("2025-03-31T05:00:00Z"))))
                .containsExactly(
                        window("2025-03-28T23:00:00Z", "2025-03-29T23:00:00Z"),
                        window("2025-03-29T23:00:00Z", "2025-03-30T22:00:00Z"));
    }

    @Test
    void wholeDaysAreCutAtMidnightAndTheDayThatIsNotOverBeginsAnew() {
        SliceSettings settings = new SliceSettings(
                true,
                CursorFormat.ISO,
                false,
                any -> new SliceSettings.Extent(Instant.parse("2025-03-29T10:00:00Z"), null),
                Span.parse("1d"),
                null,
                Span.parse("10h"),
                Span.ZERO,
                null,
                any -> ZoneId.of("Europe/Berlin"),
                List.of(Partition.WHOLE),
                1,
                true,
                false);
        SlicePlanner planner = new SlicePlanner(settings);
        Progress planned = planner.plan(Progress.NONE, Instant.parse("2025-03-30T10:00:00Z"));
        assertThat(windows(planner, planned))
                .containsExactly(
                        window("2025-03-28T23:00:00Z", "2025-03-29T23:00:00Z"),
                        window("2025-03-29T23:00:00Z", "2025-03-30T10:00:00Z"));
        Slice today = planner.open(planned).get(1);
        Progress half = planned.with(today, done(today, null), false);

        assertThat(windows(planner, planner.plan(half, Instant.parse("2025-03-30T15:00:00Z"))))
                .as("what is known of today is of a part of it")
                .containsExactly(
                        window("2025-03-28T23:00:00Z", "2025-03-29T23:00:00Z"),
                        window("2025-03-29T23:00:00Z", "2025-03-30T15:00:00Z"));

        Progress all = finishAll(planner, planned, false);
        assertThat(all.checkpoint()).isEqualTo("2025-03-30T10:00:00Z");
        assertThat(windows(planner, planner.plan(all, Instant.parse("2025-03-30T11:00:00Z"))))
                .as("ten hours back, and from there to midnight")
                .containsExactly(window("2025-03-29T23:00:00Z", "2025-03-30T11:00:00Z"));
    }

    @Test
    void anEndStopsTheStreamThere() {
        SliceSettings settings = new SliceSettings(
                true,
                CursorFormat.ISO,
                false,
                START,
                Instant.parse("2025-06-02T00:00:00Z"),
                null,
                Span.ZERO,
                Span.ZERO,
                ZoneOffset.UTC,
                List.of(Partition.WHOLE));
        SlicePlanner planner = new SlicePlanner(settings);
        Progress done = finishAll(planner, planner.plan(Progress.NONE, NOON), false);
        assertThat(done.checkpoint()).isEqualTo("2025-06-02T00:00:00Z");
        assertThat(planner.open(planner.plan(done, NOON))).isEmpty();
    }

    @Test
    void partitionsAreCheckpointedApartAndTheStreamStandsWhereTheLastOneDoes() {
        SliceSettings settings = new SliceSettings(
                true,
                CursorFormat.ISO,
                false,
                START,
                null,
                null,
                Span.ZERO,
                Span.ZERO,
                ZoneOffset.UTC,
                List.of(ONE, TWO));
        SlicePlanner planner = new SlicePlanner(settings);
        Progress planned = planner.plan(Progress.NONE, NOON);
        Slice one = planner.open(planned).get(0);
        Progress half = planned.with(one, done(one, null), false);
        assertThat(half.of(ONE).orElseThrow().checkpoint()).isEqualTo("2025-06-03T12:00:00Z");
        assertThat(half.checkpoint()).isNull();
        assertThat(planner.open(half)).extracting(Slice::partition).containsExactly(TWO);
    }

    @Test
    void whateverFailsWindowsNeverOverlapNorLeaveAGap() {
        Random random = new Random(11);
        for (int round = 0; round < 200; round++) {
            SlicePlanner planner = new SlicePlanner(settings(1 + random.nextInt(9) + "h", "0s", "5m"));
            Progress progress = Progress.NONE;
            Instant now = START.plusSeconds(7200);
            List<Window> finished = new ArrayList<>();
            for (int run = 0; run < 5; run++) {
                now = now.plusSeconds(random.nextInt(40_000));
                progress = planner.plan(progress, now);
                for (Slice slice : planner.open(progress)) {
                    if (random.nextInt(3) > 0) {
                        finished.add(window(slice));
                        progress = progress.with(slice, done(slice, null), false);
                    }
                }
            }
            progress = planner.plan(progress, now);
            for (Slice slice : planner.open(progress)) {
                finished.add(window(slice));
            }
            finished.sort((one, other) -> one.from().compareTo(other.from()));
            Instant reached = START;
            for (Window each : finished) {
                assertThat(each.from()).isEqualTo(reached);
                reached = each.to();
            }
            assertThat(reached).isEqualTo(now.minusSeconds(300));
        }
    }

    @Test
    void aPlanOfManySlicesIsRememberedAsItsSpan() {
        SlicePlanner planner = new SlicePlanner(settings("1m", "0s", "0s"));
        Progress planned = planner.plan(Progress.NONE, NOON);
        assertThat(planner.open(planned)).hasSize(3_600);
        assertThat(planned.of(Partition.WHOLE).orElseThrow().slices()).isEmpty();
        Slice fifth = planner.open(planned).get(4);
        Progress half = planned.with(fifth, new SliceProgress(fifth.window(), false, "2:0", null), false);
        assertThat(planner.open(half)).isEqualTo(planner.open(planned));
        assertThat(half.of(Partition.WHOLE).orElseThrow().slices()).hasSize(1);
    }

    @Test
    void aSliceThatWasSplitGivesWayToItsParts() {
        SlicePlanner planner = new SlicePlanner(settings("1d", "0s", "0s"));
        Progress planned = planner.plan(Progress.NONE, NOON);
        Slice second = planner.open(planned).get(1);
        Progress begun = planned.with(second, new SliceProgress(second.window(), false, "9:0", null), false);
        List<Window> halves = planner.halves(second);
        assertThat(halves)
                .containsExactly(
                        window("2025-06-02T00:00:00Z", "2025-06-02T12:00:00Z"),
                        window("2025-06-02T12:00:00Z", "2025-06-03T00:00:00Z"));
        Slice late = new Slice(Partition.WHOLE, halves.get(1));
        Progress split = begun.with(late, done(late, null), false);
        assertThat(windows(planner, split))
                .containsExactly(
                        window("2025-06-01T00:00:00Z", "2025-06-02T00:00:00Z"),
                        halves.get(0),
                        window("2025-06-03T00:00:00Z", "2025-06-03T12:00:00Z"));
    }

    @Test
    void aWindowOfOneSecondOrOneDayCannotBeHalved() {
        SlicePlanner seconds = new SlicePlanner(settings("1d", "0s", "0s"));
        assertThat(seconds.halves(whole("2025-06-01T00:00:00Z", "2025-06-01T00:00:01Z")))
                .isEmpty();
        SlicePlanner days = new SlicePlanner(new SliceSettings(
                true,
                CursorFormat.DATE,
                false,
                START,
                null,
                Span.parse("7d"),
                Span.ZERO,
                Span.ZERO,
                ZoneOffset.UTC,
                List.of(Partition.WHOLE)));
        assertThat(days.halves(whole("2025-06-01T00:00:00Z", "2025-06-02T00:00:00Z")))
                .isEmpty();
        assertThat(days.halves(whole("2025-06-01T00:00:00Z", "2025-06-04T00:00:00Z")))
                .containsExactly(
                        window("2025-06-01T00:00:00Z", "2025-06-02T00:00:00Z"),
                        window("2025-06-02T00:00:00Z", "2025-06-04T00:00:00Z"));
    }

    @Test
    void differencesAddUpToTheWhole() {
        SlicePlanner planner = new SlicePlanner(settings("1d", "0s", "0s"));
        Progress reached = Progress.NONE;
        Progress added = Progress.NONE;
        List<Progress> steps = new ArrayList<>();
        Progress planned = planner.plan(Progress.NONE, NOON);
        for (Slice slice : planner.open(planned)) {
            planned = planned.with(slice, done(slice, null), false);
            steps.add(planned);
        }
        Progress backfill = planner.plan(Progress.NONE, NOON);
        steps.add(planned.withUnit("backfill", backfill));
        steps.add(planned.withUnit("backfill", backfill).withUnit("other", backfill));
        steps.add(planned.withUnit("other", backfill));
        steps.add(planned);
        for (Progress step : steps) {
            added = added.plus(step.since(reached));
            reached = step;
            assertThat(added).isEqualTo(reached);
        }
        assertThat(reached.since(reached)).isEqualTo(Progress.NONE);
    }

    @Test
    void readsPlansThatListEverySlice() throws Exception {
        ObjectMapper mapper =
                JsonMapper.builder().addModule(new JavaTimeModule()).build();
        Progress read = mapper.readValue("""
                {"partitions":[{"partition":{"fields":{}},"checkpoint":"2025-06-01T00:00:00Z","slices":[
                  {"window":{"from":"2025-06-01T00:00:00Z","to":"2025-06-02T00:00:00Z"},"resume":"3:0"},
                  {"window":{"from":"2025-06-02T00:00:00Z","to":"2025-06-03T00:00:00Z"}},
                  {"window":{"from":"2025-06-03T00:00:00Z","to":"2025-06-04T00:00:00Z"},"done":true}]}]}
                """, Progress.class);
        PartitionProgress partition = read.of(Partition.WHOLE).orElseThrow();
        assertThat(partition.open()).isEqualTo(window("2025-06-01T00:00:00Z", "2025-06-04T00:00:00Z"));
        assertThat(partition.slices()).extracting(SliceProgress::resume).containsExactly("3:0", null);
        assertThat(windows(new SlicePlanner(settings("1d", "0s", "0s")), read))
                .containsExactly(
                        window("2025-06-01T00:00:00Z", "2025-06-02T00:00:00Z"),
                        window("2025-06-02T00:00:00Z", "2025-06-03T00:00:00Z"));
    }

    @Test
    void progressSurvivesJson() throws Exception {
        ObjectMapper mapper =
                JsonMapper.builder().addModule(new JavaTimeModule()).build();
        SlicePlanner planner = new SlicePlanner(new SliceSettings(
                true,
                CursorFormat.ISO,
                false,
                START,
                null,
                Span.parse("1d"),
                Span.ZERO,
                Span.ZERO,
                ZoneOffset.UTC,
                List.of(ONE, TWO)));
        Progress planned = planner.plan(Progress.NONE, NOON).withEtag(ONE, "W/\"x\"");
        Slice slice = planner.open(planned).get(1);
        Progress progress = planned.with(slice, new SliceProgress(slice.window(), true, "3:200:a b", NOON), false);
        assertThat(mapper.readValue(mapper.writeValueAsString(progress), Progress.class))
                .isEqualTo(progress);
        assertThat(mapper.readValue(mapper.writeValueAsString(Progress.NONE), Progress.class))
                .isEqualTo(Progress.NONE);
    }

    @Test
    void refusesSettingsThatCannotWork() {
        assertThatThrownBy(() -> settings("0s", "0s", "0s"))
                .hasMessage("window=0s has no length, write 24h or leave it out");
        assertThatThrownBy(() -> new SliceSettings(
                        true,
                        CursorFormat.ISO,
                        false,
                        START,
                        START,
                        null,
                        Span.ZERO,
                        Span.ZERO,
                        ZoneOffset.UTC,
                        List.of(ONE)))
                .hasMessage("start=2025-06-01T00:00:00Z is not before end=2025-06-01T00:00:00Z");
        assertThatThrownBy(() -> new SliceSettings(
                        true,
                        CursorFormat.ISO,
                        false,
                        START,
                        null,
                        null,
                        Span.ZERO,
                        Span.ZERO,
                        ZoneOffset.UTC,
                        List.of()))
                .hasMessage("A stream has at least one partition");
        assertThatThrownBy(() -> new SliceSettings(
                        true,
                        CursorFormat.ISO,
                        false,
                        START,
                        null,
                        null,
                        Span.ZERO,
                        Span.ZERO,
                        ZoneOffset.UTC,
                        List.of(ONE, ONE)))
                .hasMessageStartingWith("A partition is named twice:");
        SlicePlanner fine = new SlicePlanner(settings("1s", "0s", "0s"));
        assertThatThrownBy(() -> fine.open(fine.plan(Progress.NONE, NOON)))
                .hasMessageContaining("window=1s cuts the time")
                .hasMessageEndingWith("into more than 100000 slices, use a longer one");
    }

    @Test
    void slicesAndPartitionsHaveNamesOfTheirOwn() {
        assertThat(new Slice(Partition.WHOLE, null).id()).isEqualTo("all");
        assertThat(new Slice(ONE, window("2025-06-01T00:00:00Z", "2025-06-02T00:00:00Z")).id())
                .isEqualTo("repo=one@2025-06-01T00:00:00Z..2025-06-02T00:00:00Z");
        assertThat(new Partition(Map.of("b", "x&y=z", "a", "ü")).id()).isEqualTo("a=%C3%BC&b=x%26y%3Dz");
        assertThat(window("2025-06-01T00:00:00Z", "2025-06-02T00:00:00Z").contains(START))
                .isTrue();
        assertThatThrownBy(() -> new Window(START, START)).hasMessageStartingWith("Empty window: from=");
    }

    private static Progress finishAll(SlicePlanner planner, Progress planned, boolean ascending) {
        Progress progress = planned;
        for (Slice slice : planner.open(planned)) {
            progress = progress.with(slice, done(slice, null), ascending);
        }
        return progress;
    }

    private static SliceProgress done(Slice slice, @Nullable Instant greatest) {
        return new SliceProgress(slice.window(), true, null, greatest);
    }

    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin, 2026-03-27, 2026-04-02",
        "Europe/Berlin, 2026-10-23, 2026-10-28",
        "America/Sao_Paulo, 2026-03-27, 2026-04-02",
        "America/Sao_Paulo, 2018-11-02, 2018-11-07", // the fourth began at one o'clock
        "America/Sao_Paulo, 2018-02-16, 2018-02-20", // midnight came twice
        "Asia/Kolkata, 2026-10-23, 2026-10-28",
    })
    void windowsMeetAndDaysAreAskedOnceWhateverTheClocksDo(ZoneId zone, LocalDate first, LocalDate end) {
        Instant from = first.atStartOfDay(zone).toInstant();
        Instant to = end.atStartOfDay(zone).toInstant();
        for (String window : List.of("1h", "12h", "24h", "1d", "1mo")) {
            for (CursorFormat unit : List.of(CursorFormat.ISO, CursorFormat.DATE)) {
                List<Window> windows = planned(zone, unit, from, to, window);
                assertThat(windows.get(0).from()).isEqualTo(from);
                assertThat(windows.get(windows.size() - 1).to()).isEqualTo(to);
                for (int i = 1; i < windows.size(); i++) {
                    assertThat(windows.get(i).from())
                            .isEqualTo(windows.get(i - 1).to());
                }
                if (unit.equals(CursorFormat.DATE)) {
                    assertThat(daysAskedFor(windows, zone))
                            .as("%s %s", zone, window)
                            .isEqualTo(first.datesUntil(end).toList());
                }
            }
        }
    }

    private static List<Window> planned(ZoneId zone, CursorFormat unit, Instant from, Instant to, String window) {
        SlicePlanner planner = new SlicePlanner(new SliceSettings(
                true,
                unit,
                false,
                from,
                null,
                Span.parse(window),
                Span.ZERO,
                Span.ZERO,
                zone,
                List.of(Partition.WHOLE)));
        return planner.open(planner.plan(Progress.NONE, to)).stream()
                .map(SlicePlannerTest::window)
                .toList();
    }

    /** What requests say that name the first and the last day. */
    private static List<LocalDate> daysAskedFor(List<Window> windows, ZoneId zone) {
        return windows.stream()
                .flatMap(each -> LocalDate.parse(CursorFormat.DATE.format(each.from(), zone))
                        .datesUntil(LocalDate.parse(
                                        CursorFormat.DATE.format(each.to().minusNanos(1), zone))
                                .plusDays(1)))
                .toList();
    }

    private static List<Window> windows(SlicePlanner planner, Progress progress) {
        return planner.open(progress).stream().map(SlicePlannerTest::window).toList();
    }

    private static Window window(Slice slice) {
        return Objects.requireNonNull(slice.window());
    }

    private static Slice whole(String from, String to) {
        return new Slice(Partition.WHOLE, window(from, to));
    }

    private static Window window(String from, String to) {
        return new Window(Instant.parse(from), Instant.parse(to));
    }

    private static SliceSettings settings(@Nullable String window, String lookback, String lag) {
        return new SliceSettings(
                true,
                CursorFormat.ISO,
                false,
                START,
                null,
                window == null ? null : Span.parse(window),
                Span.parse(lookback),
                Span.parse(lag),
                ZoneOffset.UTC,
                List.of(Partition.WHOLE));
    }
}
