package dev.caravan.run;

import dev.caravan.commit.LeaseHeldException;
import dev.caravan.connection.limit.Hold;
import dev.caravan.connection.limit.Limiter;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Slice;
import dev.caravan.slice.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One run of a stream: its slices, what it has done so far, and how it ends. Safe for the threads of its slices.
 */
public final class Run {
    /** How often a wait looks whether it is over, or the run is to pause. */
    private static final Duration LOOK_UP = Duration.ofMillis(200);
    /** How often a request looks whether there is room for it. */
    private static final Duration BUSY = Duration.ofMillis(2);

    private final LiveStream stream;
    private final String id;
    private final Instant started;
    private final RunRequest request;
    private final Gate gate;
    private final @Nullable Ledger ledger;
    private final List<SlicePull> slices;
    private final Counters counters = new Counters();
    private final AtomicLong taken = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();

    private final Object lock = new Object();
    private final Map<Slice, Exception> failures = new LinkedHashMap<>();
    private final List<UnaryOperator<Progress>> advances = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private int finished;
    private @Nullable String pausedBy;
    private @Nullable Exception failure;
    private volatile @Nullable String waiting;

    private Run(
            LiveStream stream,
            String id,
            Instant started,
            RunRequest request,
            Gate gate,
            @Nullable Ledger ledger,
            List<Slice> planned) {
        this.stream = stream;
        this.id = id;
        this.started = started;
        this.request = request;
        this.gate = gate;
        this.ledger = ledger;
        this.slices = ledger == null
                ? List.of()
                : planned.stream()
                        .map(slice -> new SlicePull(this, stream, slice, ledger.before(slice), ledger.slice(slice)))
                        .toList();
    }

    /** A run of nothing, which leaves no trace: the stream was not due. */
    static Run idle(LiveStream stream) {
        Run idle = new Run(stream, "", Instant.EPOCH, RunRequest.now(), Gate.OPEN, null, List.of());
        idle.closed.set(true);
        return idle;
    }

    static Run of(
            LiveStream stream,
            String id,
            Instant started,
            RunRequest request,
            Gate gate,
            @Nullable Ledger ledger,
            List<Slice> planned) {
        return new Run(stream, id, started, request, gate, ledger, planned);
    }

    public String id() {
        return id;
    }

    /** Returns the slices that are still to be pulled, in order. */
    public List<SlicePull> getSlices() {
        return slices;
    }

    Counters counters() {
        return counters;
    }

    Optional<Trial> trial() {
        return Optional.ofNullable(request.trial());
    }

    RunContext context() {
        return new RunContext(id, started);
    }

    Instant now() {
        return stream.clock().instant();
    }

    boolean limitReached() {
        long limit = trial().map(Trial::records).orElse(request.limit());
        return limit > 0 && taken.get() >= limit;
    }

    void took(int records) {
        taken.addAndGet(records);
    }

    /** Returns why the run may not go on, or empty. */
    Optional<String> pauseReason() {
        synchronized (lock) {
            if (pausedBy != null) {
                return Optional.of(pausedBy);
            }
            if (failure != null) {
                return Optional.of("the run has failed");
            }
        }
        return gate.isOpen() ? Optional.empty() : Optional.of("stopped");
    }

    void pause(String reason) {
        synchronized (lock) {
            if (pausedBy == null) {
                pausedBy = reason;
            }
        }
    }

    /**
     * Waits until the connection may send another request.
     *
     * @param tooLong decides whether a wait until an instant is beyond the run's patience
     * @return why the run must pause instead, or empty when the turn has come
     */
    Optional<String> awaitTurn(Predicate<Instant> tooLong) {
        Limiter limiter = stream.connection().limiter();
        while (true) {
            Optional<Hold> hold = limiter.held();
            if (hold.isEmpty()) {
                break;
            }
            Instant until = hold.get().until();
            String reason = "waiting for %s until %s".formatted(hold.get().reason(), until);
            if (tooLong.test(until)) {
                return Optional.of(reason);
            }
            Optional<String> interrupted = sleep(Duration.between(now(), until), reason);
            if (interrupted.isPresent()) {
                return interrupted;
            }
        }
        return awaitQuota();
    }

    /** Takes a place in the quota and waits until it comes. */
    Optional<String> awaitQuota() {
        Duration wait = stream.connection().limiter().reserve();
        if (wait.isZero() || wait.isNegative()) {
            return Optional.empty();
        }
        if (wait.compareTo(Duration.ofSeconds(1)) > 0) {
            counters.waits.increment();
        }
        return sleep(wait, "waiting for quota");
    }

    /** Waits by the clock, whose steps back do not count. */
    private Optional<String> sleep(Duration wait, String reason) {
        waiting = reason;
        try {
            Duration left = wait;
            while (left.compareTo(Duration.ZERO) > 0) {
                Instant before = now();
                Optional<String> obstacle = pauseFor(left);
                if (obstacle.isPresent()) {
                    return obstacle;
                }
                Duration passed = Duration.between(before, now());
                left = passed.isNegative() ? left : left.minus(passed);
            }
            return Optional.empty();
        } finally {
            waiting = null;
        }
    }

    /** Lets a little time pass, unless the run may not go on, and returns why it may not. */
    @SuppressWarnings("WaitNotInLoop") // those who call look again
    private Optional<String> pauseFor(Duration most) {
        Optional<String> obstacle = pauseReason();
        if (obstacle.isPresent()) {
            return obstacle;
        }
        try {
            synchronized (lock) {
                lock.wait(Math.max(1, Math.min(most.toMillis(), LOOK_UP.toMillis())));
            }
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    /** Takes a place among the requests in flight, waiting for one if need be: places come free with every answer. */
    void enter() {
        while (!stream.connection().limiter().tryEnter()) {
            waiting = "waiting for a place among the requests in flight";
            Optional<String> obstacle = pauseFor(BUSY);
            waiting = null;
            if (obstacle.isPresent()) {
                throw new PullException(
                        Remedy.STOP,
                        "%s: %s before the next request".formatted(stream.id(), obstacle.get()),
                        new InterruptedException(obstacle.get()));
            }
        }
    }

    void leave() {
        stream.connection().limiter().leave();
    }

    @Nullable
    String etag(Slice slice) {
        Ledger current = ledger;
        return current == null || !stream.isConditional()
                ? null
                : current.progress()
                        .of(slice.partition())
                        .map(partition -> partition.etag())
                        .orElse(null);
    }

    void note(String text) {
        synchronized (lock) {
            notes.add(text);
        }
        stream.log().info("{} {}", id, text);
    }

    void countFailure(Remedy remedy) {
        stream.meters().failed(remedy);
    }

    void advance(UnaryOperator<Progress> change) {
        synchronized (lock) {
            advances.add(change);
        }
    }

    void finished() {
        synchronized (lock) {
            finished++;
        }
        // A backfill works behind the checkpoint, with keys that were loaded for it.
        if (trial().isEmpty() && request.backfill() == null) {
            stream.prune();
        }
    }

    void failed(Slice slice, Exception problem) {
        synchronized (lock) {
            failures.put(slice, problem);
        }
    }

    /** Remembers a failure that is not of one slice. */
    public void failed(Exception problem) {
        synchronized (lock) {
            if (failure == null) {
                failure = problem;
            }
        }
    }

    /** Returns what the run is doing, for people: the slice it waits in, or how far it is. */
    String state() {
        String reason = waiting;
        synchronized (lock) {
            return reason != null ? reason : "pulling, %d of %d slices done".formatted(finished, slices.size());
        }
    }

    /**
     * Ends the run: what no batch carried is committed, the lease is released, the summary is written. Later calls do
     * nothing.
     *
     * @param problem what kept the run from its last step, null if it got there
     */
    public void close(@Nullable Exception problem) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        if (problem != null) {
            failed(problem);
        }
        Ledger current = ledger;
        if (current != null) {
            commitAdvances(current);
            closeLedger(current);
        }
        stream.ended(this, summary());
    }

    private void commitAdvances(Ledger current) {
        List<UnaryOperator<Progress>> changes;
        synchronized (lock) {
            changes = List.copyOf(advances);
        }
        if (changes.isEmpty()) {
            return;
        }
        try {
            current.advance(before -> {
                Progress after = before;
                for (UnaryOperator<Progress> change : changes) {
                    after = change.apply(after);
                }
                return after;
            });
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void closeLedger(Ledger current) {
        try {
            current.close();
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    RunRequest request() {
        return request;
    }

    private RunSummary summary() {
        synchronized (lock) {
            return new RunSummary(
                    id,
                    stream.id(),
                    stream.key().origin().toString(),
                    stream.connection().source(),
                    status(),
                    counters.rows(),
                    counters.rejected(),
                    counters.duplicates(),
                    counters.dropped(),
                    counters.pages(),
                    counters.requests(),
                    counters.waits(),
                    counters.retries(),
                    counters.bytes(),
                    counters.files(),
                    bound(Comparator.naturalOrder(), Window::from),
                    bound(Comparator.reverseOrder(), Window::to),
                    ledger == null ? null : stream.checkpoint().orElse(null),
                    started,
                    now(),
                    error());
        }
    }

    private RunStatus status() {
        if (failure instanceof NotConfiguredException) {
            return RunStatus.NOT_CONFIGURED;
        }
        if (failure instanceof LeaseHeldException) {
            return RunStatus.HELD;
        }
        if (failure != null) {
            return RunStatus.FAILED;
        }
        if (!failures.isEmpty()) {
            return finished > 0 ? RunStatus.PARTIAL : RunStatus.FAILED;
        }
        return pausedBy != null ? RunStatus.PAUSED : RunStatus.DONE;
    }

    private @Nullable String error() {
        List<String> texts = new ArrayList<>();
        if (failure != null) {
            texts.add(text(failure));
        }
        failures.entrySet().stream()
                .limit(5)
                .map(each -> labelled(each.getKey(), text(each.getValue())))
                .forEach(texts::add);
        if (failures.size() > 5) {
            texts.add("and %d more slices".formatted(failures.size() - 5));
        }
        if (texts.isEmpty() && pausedBy != null) {
            texts.add("paused: " + pausedBy);
        }
        return texts.isEmpty() ? null : stream.redact(String.join("; ", texts));
    }

    /** Disks, databases and the stream's own steps do not know which slice they worked for. */
    private String labelled(Slice slice, String text) {
        String label = stream.id() + " " + slice.id() + ": ";
        if (text.startsWith(label)) {
            return text;
        }
        return label
                + (text.startsWith(stream.id() + ": ")
                        ? text.substring(stream.id().length() + 2)
                        : text);
    }

    /** Returns the message of the failure that says most: ours if there is one, the deepest otherwise. */
    private static String text(Exception problem) {
        return PullException.in(problem).map(Throwable::getMessage).orElseGet(() -> {
            Throwable deepest = problem;
            while (deepest.getCause() != null) {
                deepest = deepest.getCause();
            }
            return deepest.getClass().getSimpleName() + ": " + deepest.getMessage();
        });
    }

    private @Nullable Instant bound(Comparator<Instant> order, java.util.function.Function<Window, Instant> end) {
        return slices.stream()
                .map(pull -> pull.slice().window())
                .filter(Objects::nonNull)
                .map(window -> end.apply(Objects.requireNonNull(window)))
                .min(order)
                .orElse(null);
    }
}
