package dev.caravan.run;

import dev.caravan.Stream;
import dev.caravan.commit.ScheduleEntry;
import dev.caravan.commit.StreamKey;
import dev.caravan.connection.limit.Hold;
import dev.caravan.definition.StreamDefinition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * What a stream is to do next: the runs that somebody asked for, the one that waits for its parent's, and when it is due. Safe
 * for any number of threads; runs are taken from it by one at a time.
 */
final class Agenda {
    private final StreamKey key;
    private final LiveConnection connection;
    private final Engine engine;
    private final @Nullable Parent parent;
    private final Schedule schedule;
    private final Queue<RunRequest> requests = new ConcurrentLinkedQueue<>();
    private final Set<RunRequest> asked = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Awaited awaited;
    private volatile boolean onlyWhenAsked;
    private volatile boolean interrupted;
    private volatile Instant due;

    Agenda(
            StreamDefinition definition,
            StreamKey key,
            LiveConnection connection,
            Engine engine,
            @Nullable Parent parent) {
        this.key = key;
        this.connection = connection;
        this.engine = engine;
        this.parent = parent;
        Stream stream = definition.stream();
        this.schedule = new Schedule(stream.every(), stream.cron(), stream.zone(), definition.id());
        ScheduleEntry entry = engine.store().schedules().of(key).orElse(null);
        this.interrupted = entry != null && entry.lastFinished() == null;
        // A run that was interrupted is due again at once: when the route goes on, or the process is started again.
        this.due = entry == null || interrupted ? Instant.EPOCH : schedule.due(entry.lastStarted());
    }

    void ask(RunRequest request) {
        asked.add(request);
        var unused = request.done().whenComplete((summary, failure) -> asked.remove(request));
        requests.add(request);
    }

    /** Returns how many runs are asked for that have not begun. */
    int waitingRuns() {
        return requests.size();
    }

    /** Whether an ordinary run is asked for that has not begun. */
    boolean isAsked() {
        return requests.stream().anyMatch(RunRequest::isForward);
    }

    /**
     * Returns the run that is to be opened now: the one that waited for its parent's run, one that is asked for, or the
     * stream's own if it is due. Null if there is none; then the parent of one may still be under way.
     */
    @Nullable
    Awaited next() {
        Awaited next = awaited;
        if (next == null) {
            next = polled();
        }
        awaited = next == null || next.isOver() ? null : next;
        return next == null || !next.isOver() ? null : next;
    }

    private @Nullable Awaited polled() {
        RunRequest polled = requests.poll();
        Instant now = engine.clock().instant();
        if (polled == null && (onlyWhenAsked || now.isBefore(due) || !connection.isConfigured() || ranElsewhere(now))) {
            return null;
        }
        RunRequest request = polled == null ? RunRequest.now() : polled;
        Parent awaitable = parent;
        try {
            return awaitable == null || request.replay() || !connection.isConfigured()
                    ? Awaited.nothing(request)
                    : awaitable.await(request);
        } catch (RuntimeException e) {
            // Opening the run fails with the same, and tells of it.
            return Awaited.nothing(request);
        }
    }

    /** Whether another process has run the stream since this one last looked, so that it is not due yet. */
    private boolean ranElsewhere(Instant now) {
        ScheduleEntry entry = engine.store().schedules().of(key).orElse(null);
        if (entry == null || entry.lastFinished() == null) {
            return false;
        }
        Instant next = entry.nextDue();
        if (next == null || !now.isBefore(next)) {
            return false;
        }
        due = next;
        return true;
    }

    void onlyWhenAsked() {
        onlyWhenAsked = true;
    }

    /** Returns the end of an ordinary run that somebody has asked for and that has not ended; empty without one. */
    Optional<CompletableFuture<RunSummary>> askedRun() {
        return asked.stream()
                .filter(RunRequest::isForward)
                .map(RunRequest::done)
                .findFirst();
    }

    /** Returns the run that waits for its parent's; null without one. */
    @Nullable
    Awaited awaited() {
        return awaited;
    }

    /** Takes back the run that waits for its parent's; null without one. */
    @Nullable
    Awaited leaveAwaited() {
        Awaited left = awaited;
        awaited = null;
        return left;
    }

    /** Takes back what is asked for and has not begun. */
    List<RunRequest> leave() {
        List<RunRequest> left = new ArrayList<>();
        for (RunRequest each = requests.poll(); each != null; each = requests.poll()) {
            left.add(each);
        }
        return left;
    }

    Instant due() {
        return due;
    }

    /** Makes the stream due at once. */
    void hurry() {
        due = Instant.EPOCH;
    }

    /** Whether the last ordinary run was interrupted, and is to go on from its checkpoint. */
    boolean isInterrupted() {
        return interrupted;
    }

    /** An ordinary run begins. */
    void begins(Instant started) {
        interrupted = false;
        due = schedule.due(started);
    }

    /** Writes down that one is under way: behind the lease, for until then the schedule is somebody else's to keep. */
    void begun(Instant started) {
        engine.store().schedules().put(key, new ScheduleEntry(started, null, due));
    }

    /** Writes down that one has ended. */
    void ended(RunSummary summary, boolean more) {
        interrupted = summary.status() == RunStatus.PAUSED;
        if (more && summary.status() == RunStatus.DONE) {
            due = Instant.EPOCH;
        }
        if (interrupted) {
            due = connection.limiter().held().map(Hold::until).orElse(Instant.EPOCH);
        }
        engine.store()
                .schedules()
                .put(key, new ScheduleEntry(summary.started(), interrupted ? null : summary.ended(), due));
    }

    /** The checkpoint was changed by hand: the next run goes on from there, at once. */
    void changed(Instant now) {
        due = Instant.EPOCH;
        engine.store().schedules().put(key, new ScheduleEntry(now, null, due));
    }
}
