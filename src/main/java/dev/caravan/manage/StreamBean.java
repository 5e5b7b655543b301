package dev.caravan.manage;

import dev.caravan.run.Counters;
import dev.caravan.run.LiveStream;
import dev.caravan.run.RunProgress;
import dev.caravan.run.RunSummary;
import dev.caravan.run.Steering;
import dev.caravan.run.StreamView;
import dev.caravan.run.Streams;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Shows a stream to JMX, whichever definition it has at the moment. */
final class StreamBean implements StreamMXBean {
    private static final int DRY_RUN_SECONDS = 30;

    private final String id;
    private final Streams streams;
    private final Steering steering;
    private final Clock clock;
    private final Duration stuckAfter;

    StreamBean(String id, Streams streams, Steering steering, Clock clock, Duration stuckAfter) {
        this.id = id;
        this.streams = streams;
        this.steering = steering;
        this.clock = clock;
        this.stuckAfter = stuckAfter;
    }

    private LiveStream stream() {
        return streams.live(id);
    }

    private Counters counters() {
        return stream().counters();
    }

    private StreamView view() {
        return StreamView.of(stream(), clock.instant(), stuckAfter);
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    @Override
    public String getStream() {
        return id;
    }

    @Override
    public String getConnection() {
        return stream().connection().name();
    }

    @Override
    public String getOrigin() {
        return stream().key().origin().toString();
    }

    @Override
    public String getMode() {
        return stream().mode().text();
    }

    @Override
    public String getState() {
        return stream().state();
    }

    @Override
    public boolean isRunning() {
        return stream().isRunning();
    }

    @Override
    public String getRun() {
        return text(view().run());
    }

    @Override
    public int getSlices() {
        return stream().progress().map(RunProgress::slices).orElse(0);
    }

    @Override
    public int getSlicesDone() {
        return stream().progress().map(RunProgress::done).orElse(0);
    }

    @Override
    public List<SliceBean> getSliceStates() {
        return view().slices().stream().map(SliceBean::new).toList();
    }

    @Override
    public long getCurrentPage() {
        return view().page();
    }

    @Override
    public double getRowsPerSecond() {
        return view().rowsPerSecond();
    }

    @Override
    public String getWaitingFor() {
        return text(view().waitingFor());
    }

    @Override
    public String getWaitingUntil() {
        return text(view().waitingUntil());
    }

    @Override
    public String getStuck() {
        return text(view().stuck());
    }

    @Override
    public double getPercentDone() {
        return stream().progress().map(run -> run.share() * 100).orElse(0.0);
    }

    @Override
    public String getEstimatedEnd() {
        return stream()
                .progress()
                .flatMap(RunProgress::end)
                .map(end -> end.truncatedTo(ChronoUnit.SECONDS).toString())
                .orElse("");
    }

    @Override
    public long getRows() {
        return counters().rows();
    }

    @Override
    public long getRejected() {
        return counters().rejected();
    }

    @Override
    public long getDuplicates() {
        return counters().duplicates();
    }

    @Override
    public long getDropped() {
        return counters().dropped();
    }

    @Override
    public long getUndated() {
        return counters().undated();
    }

    @Override
    public long getPages() {
        return counters().pages();
    }

    @Override
    public long getRequests() {
        return counters().requests();
    }

    @Override
    public long getWaits() {
        return counters().waits();
    }

    @Override
    public long getRetries() {
        return counters().retries();
    }

    @Override
    public long getBytes() {
        return counters().bytes();
    }

    @Override
    public String getCheckpoint() {
        return stream().checkpointText().orElse("");
    }

    @Override
    public long getLagSeconds() {
        return stream()
                .checkpoint()
                .map(reached -> Duration.between(reached, clock.instant()).toSeconds())
                .orElse(-1L);
    }

    @Override
    public String getDue() {
        Instant due = stream().due();
        return due.isAfter(clock.instant()) ? due.toString() : "";
    }

    @Override
    public String getLastRun() {
        return stream()
                .lastRun()
                .map(run -> run.run() + " " + run.status().text())
                .orElse("");
    }

    @Override
    public String getLastError() {
        return stream().lastRun().map(RunSummary::error).orElse("");
    }

    @Override
    public String getDefinedIn() {
        return stream().place();
    }

    @Override
    public void runNow() {
        Steered.call(() -> steering.run(id, Caller.current()));
    }

    @Override
    public void pause() {
        Steered.call(() -> steering.pause(id, Caller.current()));
    }

    @Override
    public void resume() {
        Steered.call(() -> steering.resume(id, Caller.current()));
    }

    @Override
    public void stop() {
        Steered.call(() -> steering.stop(id, Caller.current()));
    }

    @Override
    public void start() {
        Steered.call(() -> steering.start(id, Caller.current()));
    }

    @Override
    public void drain() {
        Steered.call(() -> steering.drain(id, Caller.current()));
    }

    @Override
    public void backfill(String from, String to, int parallel) {
        Steered.call(() -> steering.backfill(id, from, to, parallel, Caller.current()));
    }

    @Override
    public void skipSlice(String slice) {
        Steered.call(() -> steering.skip(id, slice, Caller.current()));
    }

    @Override
    public List<String> dryRun(int records) {
        return Steered.get(() -> {
            try {
                return steering.dryRun(id, records, Caller.current())
                        .get(DRY_RUN_SECONDS, TimeUnit.SECONDS)
                        .records();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while the dry run was under way", e);
            } catch (ExecutionException | TimeoutException e) {
                throw new IllegalStateException("The dry run did not end within %d s".formatted(DRY_RUN_SECONDS), e);
            }
        });
    }
}
