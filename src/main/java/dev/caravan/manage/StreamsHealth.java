package dev.caravan.manage;

import dev.caravan.definition.VendorFile.Problem;
import dev.caravan.run.LiveStream;
import dev.caravan.run.Mode;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import dev.caravan.run.StreamView;
import dev.caravan.run.Streams;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;

/**
 * How the streams are. The process is well while it can pull: a stream that fails, or a vendor file with a mistake, is in the
 * details and does not restart everybody else.
 */
public final class StreamsHealth implements HealthIndicator {
    private final Streams streams;
    private final Clock clock;
    private final Duration stuckAfter;

    /** @param stuckAfter how long nothing may move without waiting before it is called stuck */
    public StreamsHealth(Streams streams, Clock clock, Duration stuckAfter) {
        this.streams = streams;
        this.clock = clock;
        this.stuckAfter = stuckAfter;
    }

    @Override
    public Health health() {
        Map<String, String> failing = new LinkedHashMap<>();
        Map<String, String> stuck = new LinkedHashMap<>();
        Map<String, String> held = new LinkedHashMap<>();
        int running = 0;
        for (LiveStream stream : streams.all()) {
            running += stream.isRunning() ? 1 : 0;
            StreamView view = StreamView.of(stream, clock.instant(), stuckAfter);
            if (view.stuck() != null) {
                stuck.put(stream.id(), view.stuck());
            }
            if (stream.mode() != Mode.ACTIVE) {
                held.put(stream.id(), view.mode() + " by " + view.modeBy());
            }
            stream.lastRun().filter(StreamsHealth::isBad).ifPresent(run -> failing.put(stream.id(), text(run)));
        }
        return Health.up()
                .withDetail("streams", streams.all().size())
                .withDetail("running", running)
                .withDetail("failing", failing)
                .withDetail("held", held)
                .withDetail("stuck", stuck)
                .withDetail(
                        "mistakes",
                        streams.problems().stream().map(Problem::message).toList())
                .build();
    }

    private static boolean isBad(RunSummary run) {
        return run.status() == RunStatus.FAILED || run.status() == RunStatus.PARTIAL;
    }

    private static String text(RunSummary run) {
        return run.error() == null ? run.status().text() : run.error();
    }
}
