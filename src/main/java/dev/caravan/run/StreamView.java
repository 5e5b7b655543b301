package dev.caravan.run;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A stream at this moment, for those who watch: JMX, the API, the page.
 *
 * @param stream its id
 * @param connection the account it pulls from
 * @param origin {@code real} or {@code stub}
 * @param mode what was said of it: {@code active}, {@code paused}, {@code draining} or {@code stopped}
 * @param modeBy who said so, "" if nobody did
 * @param state what it is doing, in a few words
 * @param run id of the run under way, null without one
 * @param slices the slices of that run, the ones under way first; the first hundred of them
 * @param sliceCount how many there are
 * @param slicesDone how many of them are done
 * @param page pages that the run has taken in
 * @param percent how much of the run is pulled
 * @param rows rows it has committed
 * @param rowsPerSecond the same, a second
 * @param estimatedEnd when it ends if it goes on like this, null if that cannot be told
 * @param waitingFor what the whole run waits for, null if any part of it does something
 * @param waitingUntil until when, null if that cannot be told
 * @param stuck what has not moved for too long without waiting for anything, and where; null if all is well
 * @param checkpoint the point up to which everything is committed, null if there is none yet
 * @param due when it is due, null if at once
 * @param askedRuns runs that were asked for and have not begun
 * @param lastRun id of the last run, null without one
 * @param lastStatus how it ended
 * @param lastError what went wrong in it, null if nothing did
 * @param definedIn file and line of its definition
 */
public record StreamView(
        String stream,
        String connection,
        String origin,
        String mode,
        String modeBy,
        String state,
        @Nullable String run,
        List<SliceView> slices,
        int sliceCount,
        int slicesDone,
        long page,
        double percent,
        long rows,
        double rowsPerSecond,
        @Nullable Instant estimatedEnd,
        @Nullable String waitingFor,
        @Nullable Instant waitingUntil,
        @Nullable String stuck,
        @Nullable String checkpoint,
        @Nullable Instant due,
        int askedRuns,
        @Nullable String lastRun,
        @Nullable String lastStatus,
        @Nullable String lastError,
        String definedIn) {
    private static final int MOST_SLICES = 100;

    /**
     * Looks at a stream.
     *
     * @param stuckAfter see {@link Watchdog}
     */
    public static StreamView of(LiveStream stream, Instant now, Duration stuckAfter) {
        Optional<Run> run = stream.run();
        Optional<RunProgress> progress = run.map(Run::progress);
        Optional<Wait> waiting = run.flatMap(Run::waiting)
                .or(() -> Optional.ofNullable(stream.agenda().awaited())
                        .map(awaited -> new Wait(awaited.parent(), null)));
        Optional<RunSummary> last = stream.lastRun();
        Instant due = stream.due();
        return new StreamView(
                stream.id(),
                stream.connection().name(),
                stream.key().origin().toString(),
                stream.mode().text(),
                stream.reins().said().by(),
                stream.state(),
                run.map(Run::id).orElse(null),
                run.map(StreamView::slices).orElse(List.of()),
                progress.map(RunProgress::slices).orElse(0),
                progress.map(RunProgress::done).orElse(0),
                run.map(each -> each.counters().pages()).orElse(0L),
                progress.map(each -> Math.floor(each.share() * 100)).orElse(0.0),
                progress.map(RunProgress::rows).orElse(0L),
                progress.map(each -> Math.rint(each.rowsPerSecond() * 10) / 10).orElse(0.0),
                progress.flatMap(RunProgress::end).orElse(null),
                waiting.map(Wait::what).orElse(null),
                waiting.map(Wait::until).orElse(null),
                Watchdog.stuck(stream, now, stuckAfter).orElse(null),
                stream.checkpointText().orElse(null),
                due.isAfter(now) && due.isBefore(Instant.MAX) ? due : null,
                stream.agenda().waitingRuns(),
                last.map(RunSummary::run).orElse(null),
                last.map(each -> each.status().text()).orElse(null),
                last.map(RunSummary::error).orElse(null),
                stream.place());
    }

    private static List<SliceView> slices(Run run) {
        List<SliceView> all = run.getSlices().stream().map(SliceView::of).toList();
        return java.util.stream.Stream.concat(
                        all.stream().filter(slice -> !isOver(slice)),
                        all.stream().filter(StreamView::isOver))
                .limit(MOST_SLICES)
                .toList();
    }

    private static boolean isOver(SliceView slice) {
        return slice.step().equals("done") || slice.step().equals("queued");
    }
}
