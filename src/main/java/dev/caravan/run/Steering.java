package dev.caravan.run;

import dev.caravan.commit.ModeEntry;
import dev.caravan.commit.StateStore;
import dev.caravan.run.SteeringException.Reason;
import dev.caravan.slice.Window;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where streams and connections are steered: JMX, the API and Camel's own start, stop, suspend and resume all end
 * here, so that an action means the same wherever it comes from, and leaves one line in the audit. What is said of a stream is
 * kept in the state database; what is changed of a connection's limits is not. Safe for any number of threads.
 */
public final class Steering implements Streams.Watcher {
    private static final Logger LOG = LoggerFactory.getLogger("dev.caravan.steering");
    private static final int MOST_ASKED = 100;
    private static final int MOST_PARALLEL = 64;
    private static final int MOST_TRIAL = 1000;

    private final Streams streams;
    private final StateStore store;
    private final Clock clock;
    private final Consumer<Act> audit;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile RouteControl routes = stream -> {};

    /** @param audit told of every action, after it took effect */
    public Steering(Streams streams, StateStore store, Clock clock, Consumer<Act> audit) {
        this.streams = streams;
        this.store = store;
        this.clock = clock;
        this.audit = audit;
    }

    /** Says who brings routes to what is said of their streams, and does so for all of them. */
    public void drive(RouteControl control) {
        routes = control;
        streams.all().forEach(stream -> control.follow(stream.id()));
    }

    /** What was said of a stream counts again after a restart, or when its file was edited. */
    @Override
    public void added(LiveStream stream) {
        store.modes().of(stream.key()).ifPresent(entry -> stream.reins().say(Mode.named(entry.mode()), entry.by()));
        if (stream.isDrained()) {
            say(stream, Mode.STOPPED, stream.reins().said().by());
        }
    }

    @Override
    public void ended(LiveStream stream, RunSummary summary) {
        locked(() -> {
            if (stream.isDrained() && summary.status() != RunStatus.PAUSED) {
                change(stream, Mode.STOPPED, "drained", By.CARAVAN);
            }
        });
    }

    /** Makes a stream due: a run begins within a second, or right after the one under way. */
    public void run(String stream, By by) {
        locked(() -> {
            LiveStream live = active(stream);
            if (!live.agenda().isAsked()) {
                ask(live, RunRequest.now());
            }
            tell(by, "run", stream, live.isRunning() ? "running" : "idle", "asked");
        });
    }

    /**
     * Pulls a span again, or for the first time; the stream's own checkpoint stays.
     *
     * @param from first day, or a time, as people write it
     * @param to last day, or a time
     * @param parallel slices pulled at once, 0 for as many as the stream says
     */
    public void backfill(String stream, @Nullable String from, @Nullable String to, int parallel, By by) {
        locked(() -> {
            LiveStream live = active(stream);
            Window span = span(live, from, to);
            if (parallel < 0 || parallel > MOST_PARALLEL) {
                throw invalid("parallel=%d is not from 1 to %d".formatted(parallel, MOST_PARALLEL));
            }
            ask(live, RunRequest.now().withBackfill(span).withParallel(parallel));
            tell(by, "backfill", stream, "", span.from() + ".." + span.to());
        });
    }

    private static Window span(LiveStream stream, @Nullable String from, @Nullable String to) {
        if (from == null || to == null) {
            throw invalid("a backfill needs both 'from' and 'to', such as 2026-01-01 and 2026-01-31");
        }
        try {
            Window span = BackfillDays.of(from, to, "").in(stream.zone());
            if (span == null) {
                throw invalid("a backfill needs both 'from' and 'to'");
            }
            return span;
        } catch (IllegalArgumentException e) {
            throw invalid(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Pulls the first records and keeps nothing: no lease, no state, no file.
     *
     * @param records how many, at least; a whole page is pulled
     * @return completed when it has ended
     */
    public CompletableFuture<DryRun> dryRun(String stream, int records, By by) {
        if (records < 1 || records > MOST_TRIAL) {
            throw invalid("limit=%d is not from 1 to %d".formatted(records, MOST_TRIAL));
        }
        List<String> requests = Collections.synchronizedList(new ArrayList<>());
        List<String> shown = Collections.synchronizedList(new ArrayList<>());
        List<String> rejects = Collections.synchronizedList(new ArrayList<>());
        RunRequest[] asked = new RunRequest[1];
        locked(() -> {
            LiveStream live = active(stream);
            if (live.isRunning()) {
                throw conflict("%s is being pulled; a dry run is possible when nothing is".formatted(stream));
            }
            asked[0] = RunRequest.now()
                    .withTrial(new Trial(
                            records,
                            record -> addTo(shown, live.redact(record)),
                            reject -> addTo(rejects, live.redact(reject.reason())),
                            request -> addTo(requests, live.redact(request.redacted()))));
            ask(live, asked[0]);
            tell(by, "dry-run", stream, "", "asked");
        });
        return asked[0].done()
                .thenApply(summary -> new DryRun(
                        requests,
                        shown,
                        rejects,
                        summary.status().text(),
                        summary.error() == null ? "" : summary.error()));
    }

    private static void addTo(List<String> list, String text) {
        if (list.size() < MOST_TRIAL) {
            list.add(text);
        }
    }

    /** Lets the run under way end at its next page border, with a checkpoint; nothing runs until {@link #resume}. */
    public void pause(String stream, By by) {
        locked(() -> {
            LiveStream live = live(stream);
            if (live.mode() == Mode.STOPPED) {
                throw conflict("%s is stopped; there is nothing to pause".formatted(stream));
            }
            change(live, Mode.PAUSED, "pause", by);
        });
    }

    /** Goes on from the checkpoint, with a run that begins at once. */
    public void resume(String stream, By by) {
        locked(() -> {
            LiveStream live = live(stream);
            if (live.mode() == Mode.STOPPED) {
                throw conflict("%s is stopped, not paused; start it".formatted(stream));
            }
            if (live.mode() == Mode.PAUSED) {
                live.agenda().hurry();
            }
            change(live, Mode.ACTIVE, "resume", by);
        });
    }

    /** Lets the run under way end at its next page border, with a checkpoint; nothing runs until {@link #start}. */
    public void stop(String stream, By by) {
        locked(() -> change(live(stream), Mode.STOPPED, "stop", by));
    }

    /** Lets the stream run when it is due; a run that was interrupted is due at once. */
    public void start(String stream, By by) {
        locked(() -> change(live(stream), Mode.ACTIVE, "start", by));
    }

    /** Lets the run under way finish, and stops then. */
    public void drain(String stream, By by) {
        locked(() -> {
            LiveStream live = live(stream);
            if (live.mode() == Mode.PAUSED) {
                throw conflict("%s is paused; resume it, then drain it, or stop it where it is".formatted(stream));
            }
            if (live.mode() == Mode.ACTIVE) {
                live.leaveAsked("stopped before it began");
                change(live, Mode.DRAINING, "drain", by);
                if (live.isDrained()) {
                    change(live, Mode.STOPPED, "drained", By.CARAVAN);
                }
            }
        });
    }

    /** Leaves a slice of the run under way for the next run, at its next page border; the others go on. */
    public void skip(String stream, @Nullable String slice, By by) {
        locked(() -> {
            LiveStream live = live(stream);
            Run run = live.run()
                    .orElseThrow(() -> conflict("%s is not being pulled; there is no slice".formatted(stream)));
            Pull part = run.getSlices().stream()
                    .filter(each -> each.name().equals(slice))
                    .findFirst()
                    .orElseThrow(() -> new SteeringException(
                            Reason.UNKNOWN, "The run %s of %s has no slice '%s'".formatted(run.id(), stream, slice)));
            if (part.whereabouts().hasEnded()) {
                throw conflict("the slice %s is %s already"
                        .formatted(slice, part.whereabouts().step()));
            }
            String before = part.whereabouts().step();
            part.skip(by.toString());
            tell(by, "skip", stream + " " + slice, before, "skipped");
        });
    }

    /**
     * Puts a rate in the place of the one that a connection's file declares, until the process ends.
     *
     * @param perSecond requests a second, of all its streams together
     */
    public void changeRate(String connection, double perSecond, By by) {
        locked(() -> {
            LiveConnection live = connection(connection);
            List<String> before = live.limiter().quotas();
            try {
                live.limiter().changeRate(perSecond);
            } catch (IllegalArgumentException e) {
                throw invalid(String.valueOf(e.getMessage()));
            }
            tell(
                    by,
                    "rate",
                    connection,
                    before.toString(),
                    live.limiter().quotas().toString());
        });
    }

    /** Changes how many requests of a connection may be open at once, until the process ends. */
    public void changeInFlight(String connection, int most, By by) {
        locked(() -> {
            LiveConnection live = connection(connection);
            int before = live.limiter().maxInFlight();
            try {
                live.limiter().changeMaxInFlight(most);
            } catch (IllegalArgumentException e) {
                throw invalid(String.valueOf(e.getMessage()));
            }
            tell(by, "in-flight", connection, String.valueOf(before), String.valueOf(most));
        });
    }

    /** Lets a connection's limits be what its file says. */
    public void restore(String connection, By by) {
        locked(() -> {
            LiveConnection live = connection(connection);
            String before = live.limiter().quotas() + ", " + live.limiter().maxInFlight() + " in flight";
            live.limiter().restore();
            tell(
                    by,
                    "restore",
                    connection,
                    before,
                    live.limiter().quotas() + ", " + live.limiter().maxInFlight() + " in flight");
        });
    }

    /** Closes a connection's breaker. */
    public void resetBreaker(String connection, By by) {
        locked(() -> {
            LiveConnection live = connection(connection);
            String before = live.limiter().breaker();
            live.limiter().resetBreaker();
            tell(by, "reset-breaker", connection, before, live.limiter().breaker());
        });
    }

    /** Ends a hold early, closes the breaker, and forgets what the vendor said is left of its quota. */
    public void release(String connection, By by) {
        locked(() -> {
            LiveConnection live = connection(connection);
            String before = live.limiter()
                    .held()
                    .map(hold -> "held until " + hold.until() + ": " + hold.reason())
                    .orElse("not held");
            live.limiter().release();
            tell(by, "release", connection, before, "not held");
        });
    }

    /** The route of a stream was started, suspended or stopped by somebody else; that means the same here. */
    public void followed(String stream, Mode mode, By by) {
        LiveStream live = streams.find(stream).orElse(null);
        if (live == null) {
            return;
        }
        locked(() -> {
            if (mode == Mode.ACTIVE && live.mode() == Mode.PAUSED) {
                live.agenda().hurry();
            }
            if (mode != Mode.ACTIVE || (live.mode() != Mode.ACTIVE && live.mode() != Mode.DRAINING)) {
                change(live, mode, action(mode, live.mode()), by);
            }
        });
    }

    private static String action(Mode to, Mode from) {
        return switch (to) {
            case PAUSED -> "pause";
            case STOPPED, DRAINING -> "stop";
            case ACTIVE -> from == Mode.PAUSED ? "resume" : "start";
        };
    }

    /** Writes a line of the audit for something that others did. */
    public void tell(By by, String action, String target, String before, String after) {
        Act act = new Act(clock.instant(), by, action, target, before, after);
        try {
            audit.accept(act);
        } catch (RuntimeException e) {
            LOG.error("The audit could not be written: {} {} {}: {}", by, action, target, e.getMessage());
        }
    }

    private void change(LiveStream stream, Mode mode, String action, By by) {
        Mode before = stream.mode();
        if (before == mode) {
            return;
        }
        say(stream, mode, by.toString());
        if (mode == Mode.STOPPED) {
            stream.leaveAsked("stopped before it began");
        }
        tell(by, action, stream.id(), before.text(), mode.text());
        routes.follow(stream.id());
    }

    /** First where it survives, then where it takes effect: nobody is told of a pause that a crash would undo. */
    private void say(LiveStream stream, Mode mode, String by) {
        store.modes().put(stream.key(), new ModeEntry(mode.text(), clock.instant(), by));
        stream.reins().say(mode, by);
    }

    private static void ask(LiveStream stream, RunRequest request) {
        if (stream.agenda().waitingRuns() >= MOST_ASKED) {
            throw conflict("%d runs of %s are asked for already and have not begun".formatted(MOST_ASKED, stream.id()));
        }
        stream.ask(request);
    }

    private LiveStream live(String id) {
        return streams.find(id)
                .orElseThrow(() -> new SteeringException(Reason.UNKNOWN, "There is no stream '%s'".formatted(id)));
    }

    private LiveStream active(String id) {
        LiveStream live = live(id);
        if (live.mode() != Mode.ACTIVE) {
            throw conflict("%s is %s; %s it first"
                    .formatted(id, live.mode().text(), live.mode() == Mode.PAUSED ? "resume" : "start"));
        }
        return live;
    }

    private LiveConnection connection(String name) {
        return streams.connections().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new SteeringException(Reason.UNKNOWN, "There is no connection '%s'".formatted(name)));
    }

    private void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }

    private static SteeringException conflict(String message) {
        return new SteeringException(Reason.CONFLICT, message);
    }

    private static SteeringException invalid(String message) {
        return new SteeringException(Reason.INVALID, message);
    }
}
