package dev.caravan.slice;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever the window, offset, lookback, lag and format are, and however often runs break off: slices cover the time from the
 * start to the last run, meet exactly, and overlap with earlier ones by the lookback only. Around both days on which clocks
 * change.
 */
class SliceArithmeticTest {
    private static final List<String> WINDOWS =
            List.of("", "7m", "1h", "6h", "1d", "2d", "1w", "10d", "1mo", "3mo", "1y", "90s", "36h");
    private static final List<String> OFFSETS = List.of("", "0s", "1h", "6h", "1d");
    private static final List<String> LOOKBACKS = List.of("0s", "10m", "1h", "1d", "3d", "1mo");
    private static final List<String> LAGS = List.of("0s", "5m", "1d");
    private static final List<String> ZONES = List.of(
            "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu");
    private static final List<String> FORMATS =
            List.of("iso", "date", "epoch-seconds", "epoch-millis", "epoch-decimal", "yyyy-MM-dd HH:mm", "yyyy-MM-dd");

    /** Days on which clocks change: Berlin and New York in spring and autumn, Lord Howe by half an hour, São Paulo at midnight. */
    private static final List<Instant> CHANGES = List.of(
            Instant.parse("2025-03-30T01:00:00Z"),
            Instant.parse("2025-10-26T01:00:00Z"),
            Instant.parse("2025-03-09T07:00:00Z"),
            Instant.parse("2025-11-02T06:00:00Z"),
            Instant.parse("2025-04-05T15:00:00Z"),
            Instant.parse("2018-11-04T03:00:00Z"));

    private static final Partition ONE = new Partition(Map.of("a", "1"));
    private static final Partition TWO = new Partition(Map.of("a", "2"));

    /** @param checkpoint of the partition when what the slice belongs to was begun */
    private record Pulled(
            Partition partition, Window window, @Nullable Instant checkpoint) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void slicesCoverAllExactly(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            check(random);
        }
    }

    private static void check(Random random) {
        ZoneId zone = ZoneId.of(one(ZONES, random));
        CursorFormat format = CursorFormat.named(one(FORMATS, random));
        String windowText = one(WINDOWS, random);
        Span window = windowText.isEmpty() ? null : Span.parse(windowText);
        String offset = one(OFFSETS, random);
        Span lookback = Span.parse(one(LOOKBACKS, random));
        Span lag = Span.parse(one(LAGS, random));
        Instant change = one(CHANGES, random);
        Duration before =
                window == null || window.toDuration().toHours() >= 1 ? Duration.ofDays(40) : Duration.ofHours(30);
        Instant start = change.minus(before).plusSeconds(random.nextInt(86_400));
        SliceSettings settings = new SliceSettings(
                true,
                format,
                false,
                any -> new SliceSettings.Extent(start, null),
                window,
                offset.isEmpty() || window == null || !window.isCalendar() ? null : Span.parse(offset),
                lookback,
                lag,
                null,
                any -> zone,
                List.of(ONE, TWO),
                1,
                false,
                false);
        String what = "%s window=%s offset=%s lookback=%s lag=%s start=%s zone=%s"
                .formatted(format, window, settings.offset(), lookback, lag, start, zone);
        SlicePlanner planner = new SlicePlanner(settings);
        List<Pulled> pulled = new ArrayList<>();
        Map<Partition, Optional<Instant>> begunAt = new HashMap<>();
        Progress progress = Progress.NONE;
        Instant now = change.minus(before.dividedBy(3));
        for (int run = 0; run < 4; run++) {
            for (Partition each : List.of(ONE, TWO)) {
                PartitionProgress known = progress.known(each);
                if (known.open() == null) {
                    begunAt.put(each, Optional.ofNullable(known.checkpoint()));
                }
            }
            Progress planned = planner.plan(progress, now);
            progress = planned;
            for (Slice slice : planner.open(planned)) {
                checkSlice(slice, format, zone, what);
                if (random.nextInt(10) > 0 || run == 3) {
                    progress = progress.with(slice, new SliceProgress(slice.window(), true, null, null), false);
                    pulled.add(new Pulled(
                            slice.partition(),
                            Objects.requireNonNull(slice.window()),
                            begunAt.getOrDefault(slice.partition(), Optional.empty())
                                    .orElse(null)));
                }
            }
            assertThat(Progress.NONE.plus(progress.since(Progress.NONE)))
                    .as(what)
                    .isEqualTo(progress);
            now = now.plus(before.dividedBy(3)).plusSeconds(random.nextInt(7_200));
        }
        for (Partition partition : List.of(ONE, TWO)) {
            List<Pulled> own = pulled.stream()
                    .filter(each -> each.partition().equals(partition))
                    .toList();
            checkCovered(
                    own, format.floor(start, zone), progress.known(partition).checkpoint(), what);
            checkOverlap(own, settings, zone, what);
        }
    }

    private static void checkSlice(Slice slice, CursorFormat format, ZoneId zone, String what) {
        Window window = Objects.requireNonNull(slice.window());
        if (format.isDays()) {
            assertThat(List.of(window.from(), window.to()))
                    .as("%s: days are whole", what)
                    .allSatisfy(bound -> assertThat(format.floor(bound, zone)).isEqualTo(bound));
        }
    }

    /** Every moment from the start to the checkpoint is in a slice that was pulled. */
    private static void checkCovered(List<Pulled> pulled, Instant start, @Nullable Instant checkpoint, String what) {
        List<Window> windows = pulled.stream()
                .map(Pulled::window)
                .sorted(Comparator.comparing(Window::from))
                .toList();
        if (windows.isEmpty()) {
            assertThat(checkpoint).as(what).isNull();
            return;
        }
        Instant reached = start;
        for (Window each : windows) {
            assertThat(each.from()).as("%s: no gap", what).isBeforeOrEqualTo(reached);
            reached = each.to().isAfter(reached) ? each.to() : reached;
        }
        assertThat(reached).as("%s: up to the checkpoint", what).isEqualTo(checkpoint);
    }

    /** What is pulled again lies within the lookback of the checkpoint from which its run, or the one it goes on for, set out. */
    private static void checkOverlap(List<Pulled> pulled, SliceSettings settings, ZoneId zone, String what) {
        for (int i = 0; i < pulled.size(); i++) {
            Pulled later = pulled.get(i);
            for (Pulled earlier : pulled.subList(0, i)) {
                Instant again = later(later.window().from(), earlier.window().from());
                if (!again.isBefore(later.window().to())
                        || !again.isBefore(earlier.window().to())) {
                    continue;
                }
                assertThat(later.checkpoint())
                        .as("%s: %s again after %s", what, later, earlier)
                        .isNotNull();
                assertThat(again)
                        .as("%s: %s again after %s", what, later, earlier)
                        .isAfterOrEqualTo(settings.unit()
                                .floor(
                                        settings.lookback().before(Objects.requireNonNull(later.checkpoint()), zone),
                                        zone));
            }
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static <T> T one(List<T> of, Random random) {
        return of.get(random.nextInt(of.size()));
    }
}
