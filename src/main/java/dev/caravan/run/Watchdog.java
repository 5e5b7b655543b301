package dev.caravan.run;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what is stuck: a part of a run that has not moved for too long and waits for nothing, or a stream that is due and whose
 * route does not ask. Says so once in the log, and once more when it goes on. Safe for any number of threads.
 */
public final class Watchdog {
    private static final Logger LOG = LoggerFactory.getLogger("dev.caravan.watchdog");

    private final Streams streams;
    private final Clock clock;
    private final Duration after;
    private final Map<String, String> told = new ConcurrentHashMap<>();

    /** @param after how long nothing may move; an answer may take as long as its connection's {@code deadline} beside it */
    public Watchdog(Streams streams, Clock clock, Duration after) {
        this.streams = streams;
        this.clock = clock;
        this.after = after;
    }

    public Duration after() {
        return after;
    }

    /** Looks at all streams. */
    public void look() {
        Instant now = clock.instant();
        for (LiveStream stream : streams.all()) {
            Optional<String> stuck = stuck(stream, now, after);
            if (stuck.isPresent()) {
                if (told.put(stream.id(), "") == null) {
                    LOG.warn("{} is stuck: {}", stream.id(), stuck.get());
                }
            } else if (told.remove(stream.id()) != null) {
                LOG.info("{} goes on", stream.id());
            }
        }
    }

    /** Returns what of a stream is stuck, and where; empty if nothing is. */
    static Optional<String> stuck(LiveStream stream, Instant now, Duration after) {
        Run run = stream.run().orElse(null);
        if (run == null) {
            return silent(stream, now, after);
        }
        Duration answer = stream.connection().settings().deadline().toDuration();
        for (Pull part : run.getSlices()) {
            Whereabouts at = part.whereabouts();
            Duration most = at.step().equals("fetch") ? after.plus(answer) : after;
            if (at.isUnderWay() && at.waiting().isEmpty() && isLonger(at.since(), now, most)) {
                return Optional.of("slice %s stands at '%s', page %d, since %s; %s"
                        .formatted(part.name(), at.step(), at.page(), at.since(), at.stack()));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> silent(LiveStream stream, Instant now, Duration after) {
        boolean isToRun = stream.mode() == Mode.ACTIVE
                && stream.connection().isConfigured()
                && (stream.agenda().waitingRuns() > 0 || isLonger(stream.due(), now, after));
        return isToRun && isLonger(stream.ticked(), now, after)
                ? Optional.of("it is due, but its route has not asked what there is to do since " + stream.ticked())
                : Optional.empty();
    }

    private static boolean isLonger(Instant since, Instant now, Duration most) {
        return since.plus(most).isBefore(now);
    }
}
