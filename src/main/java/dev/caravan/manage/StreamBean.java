package dev.caravan.manage;

import dev.caravan.run.LiveStream;
import dev.caravan.run.RunProgress;
import dev.caravan.run.RunRequest;
import dev.caravan.run.RunSummary;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Shows a {@link LiveStream} to JMX. */
final class StreamBean implements StreamMXBean {
    private final LiveStream stream;
    private final Clock clock;

    StreamBean(LiveStream stream, Clock clock) {
        this.stream = stream;
        this.clock = clock;
    }

    @Override
    public String getStream() {
        return stream.id();
    }

    @Override
    public String getConnection() {
        return stream.connection().name();
    }

    @Override
    public String getOrigin() {
        return stream.key().origin().toString();
    }

    @Override
    public String getState() {
        return stream.state();
    }

    @Override
    public boolean isRunning() {
        return stream.isRunning();
    }

    @Override
    public int getSlices() {
        return stream.progress().map(RunProgress::slices).orElse(0);
    }

    @Override
    public int getSlicesDone() {
        return stream.progress().map(RunProgress::done).orElse(0);
    }

    @Override
    public double getPercentDone() {
        return stream.progress().map(run -> run.share() * 100).orElse(0.0);
    }

    @Override
    public String getEstimatedEnd() {
        return stream.progress()
                .flatMap(RunProgress::end)
                .map(end -> end.truncatedTo(ChronoUnit.SECONDS).toString())
                .orElse("");
    }

    @Override
    public long getRows() {
        return stream.counters().rows();
    }

    @Override
    public long getRejected() {
        return stream.counters().rejected();
    }

    @Override
    public long getDuplicates() {
        return stream.counters().duplicates();
    }

    @Override
    public long getDropped() {
        return stream.counters().dropped();
    }

    @Override
    public long getUndated() {
        return stream.counters().undated();
    }

    @Override
    public long getPages() {
        return stream.counters().pages();
    }

    @Override
    public long getRequests() {
        return stream.counters().requests();
    }

    @Override
    public long getWaits() {
        return stream.counters().waits();
    }

    @Override
    public long getRetries() {
        return stream.counters().retries();
    }

    @Override
    public long getBytes() {
        return stream.counters().bytes();
    }

    @Override
    public String getCheckpoint() {
        return stream.checkpointText().orElse("");
    }

    @Override
    public long getLagSeconds() {
        return stream.checkpoint()
                .map(reached -> Duration.between(reached, clock.instant()).toSeconds())
                .orElse(-1L);
    }

    @Override
    public String getDue() {
        Instant due = stream.due();
        return due.isAfter(clock.instant()) ? due.toString() : "";
    }

    @Override
    public String getLastRun() {
        return stream.lastRun()
                .map(run -> run.run() + " " + run.status().text())
                .orElse("");
    }

    @Override
    public String getLastError() {
        return stream.lastRun().map(RunSummary::error).orElse("");
    }

    @Override
    public String getDefinedIn() {
        return stream.place();
    }

    @Override
    public void runNow() {
        stream.ask(RunRequest.now());
    }
}
