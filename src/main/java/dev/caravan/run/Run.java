package dev.caravan.run;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.slice.PartitionProgress;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Slice;
import dev.caravan.slice.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One run of a stream: its slices, what it has done so far, and how it ends. Safe for the threads of its slices.
 */
public final class Run {
    private static final Duration NOTE_EVERY = Duration.ofMinutes(1);

    /** After this, whoever asks each partition whether it answers asks no more of them: quotas may make them many minutes. */
    private static final Duration LONGEST_ROUND = Duration.ofSeconds(30);

    private final LiveStream stream;
    private final String id;
    private final Instant started;
    private final RunRequest request;
    private final Gate gate;
    private final @Nullable Ledger ledger;
    private final List<Pull> slices;
    private final Counters counters = new Counters();
    private final Rejections rejections = new Rejections();
    private final AtomicLong taken = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();

    private final Queue<UnaryOperator<Progress>> advances = new ConcurrentLinkedQueue<>();
    private final Standing standing;
    private final AtomicLong noteAt;
    private volatile Instant reached;
    private volatile boolean tripped;
    private volatile boolean more;

    private Run(
            LiveStream stream,
            String id,
            Instant started,
            RunRequest request,
            Gate gate,
            @Nullable Ledger ledger,
            Function<Run, List<? extends Pull>> pulls) {
        this.stream = stream;
        this.id = id;
        this.started = started;
        this.request = request;
        this.gate = gate;
        this.ledger = ledger;
        this.reached = started;
        this.noteAt = new AtomicLong(started.plus(NOTE_EVERY).toEpochMilli());
        this.standing = new Standing(stream.id());
        this.slices = List.copyOf(pulls.apply(this));
    }

    /** A run of nothing, which leaves no trace: the stream was not due. */
    static Run idle(LiveStream stream) {
        Run idle = new Run(stream, "", Instant.EPOCH, RunRequest.now(), Gate.OPEN, null, run -> List.of());
        idle.closed.set(true);
        return idle;
    }

    /** Whether this is a run of nothing. */
    public boolean isIdle() {
        return id.isEmpty();
    }

    static Run of(
            LiveStream stream,
            String id,
            Instant started,
            RunRequest request,
            Gate gate,
            @Nullable Ledger ledger,
            Function<Run, List<? extends Pull>> pulls) {
        return new Run(stream, id, started, request, gate, ledger, pulls);
    }

    public String id() {
        return id;
    }

    /** Returns the slices that are still to be pulled, in order. */
    public List<Pull> getSlices() {
        return slices;
    }

    Counters counters() {
        return counters;
    }

    /** Returns how much was rejected in committed batches, and why. */
    Rejections rejections() {
        return rejections;
    }

    Optional<Trial> trial() {
        return Optional.ofNullable(request.trial());
    }

    RunContext context() {
        return new RunContext(id, started, now(), request.vars());
    }

    Instant now() {
        return stream.clock().instant();
    }

    /** Whether it has taken what it was to take. A trial ends with the first slice that fails: the others would fail alike. */
    boolean limitReached() {
        if (isOfEach()) {
            return standing.isHopeless() || now().isAfter(started.plus(LONGEST_ROUND));
        }
        if (tripped && trial().isPresent()) {
            return true;
        }
        long limit = trial().map(Trial::records).orElse(request.limit());
        return limit > 0 && taken.get() >= limit;
    }

    /** Whether it asks one page of each partition, to see which of them answer. */
    boolean isOfEach() {
        return trial().filter(Trial::isOfEach).isPresent();
    }

    void took(int records) {
        taken.addAndGet(records);
    }

    /**
     * Returns where a part of the run waits.
     *
     * @param obstacle tells why the part may not go on, empty while it may
     */
    Turnstile turnstile(Whereabouts whereabouts, Supplier<Optional<String>> obstacle) {
        return new Turnstile(
                stream.id(), stream.connection().limiter(), stream.clock(), counters, whereabouts, obstacle);
    }

    /** Returns why the run may not go on, or empty. */
    Optional<String> pauseReason() {
        Optional<String> obstacle = standing.obstacle().or(stream.reins()::obstacle);
        return obstacle.isPresent() || gate.isOpen() ? obstacle : Optional.of("stopped");
    }

    /** Returns what the whole run waits for; empty while any part of it does something. */
    Optional<Wait> waiting() {
        List<Optional<Wait>> underWay = slices.stream()
                .map(Pull::whereabouts)
                .filter(each -> each.isUnderWay() || each.waiting().isPresent())
                .map(Whereabouts::waiting)
                .toList();
        return underWay.stream().allMatch(Optional::isPresent)
                ? underWay.stream().flatMap(Optional::stream).findFirst()
                : Optional.empty();
    }

    void pause(String reason) {
        standing.pause(reason);
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

    /** Returns the token that the last run was given for a slice, null without one. */
    @Nullable
    String token(Slice slice) {
        Ledger current = ledger;
        return current == null
                ? null
                : current.progress()
                        .of(slice.partition())
                        .map(PartitionProgress::token)
                        .orElse(null);
    }

    void note(String text) {
        stream.log().info("{} {}", id, text);
    }

    /** Shows a request and the answer that is made use of to whoever wanted to know. */
    void record(@Nullable Request asked, Answer answer) {
        BiConsumer<Request, Answer> recording = request.recording();
        if (recording != null && asked != null) {
            recording.accept(asked, answer);
        }
    }

    void countFailure(Remedy remedy) {
        stream.meters().failed(remedy);
    }

    void advance(UnaryOperator<Progress> change) {
        advances.add(change);
    }

    /** A slice is left for the next run: the API refuses it. The others go on, and the run is not whole. */
    void skipped(String part, String reason) {
        standing.failed(part, new PullException(Remedy.SKIP_SLICE, reason));
    }

    /** Another run is to follow at once. */
    void leftMore() {
        more = true;
    }

    boolean hasLeftMore() {
        return more;
    }

    /** Makes progress durable at once that no batch carries. */
    void keep(UnaryOperator<Progress> change) {
        Ledger current = ledger;
        if (current != null) {
            current.advance(change);
        }
    }

    void finished() {
        standing.finished();
    }

    /** After the last commit of a slice, which may have moved the checkpoint. */
    void moved() {
        // A backfill works behind the checkpoint, with keys that were loaded for it.
        Ledger current = ledger;
        if (request.isForward() && current != null) {
            stream.prune(current.progress().checkpoint());
        }
    }

    /** Remembers the failure of a part of the run, by its name. */
    void failed(String part, Exception problem) {
        tripped = true;
        standing.failed(part, problem);
    }

    /** Remembers a failure that is not of one slice. */
    public void failed(Exception problem) {
        standing.failed(problem);
    }

    /** More of a slice is pulled than before. Whoever reads the log of a long run hears of it now and then. */
    void progressed() {
        Instant now = now();
        reached = now;
        long due = noteAt.get();
        if (now.toEpochMilli() >= due
                && noteAt.compareAndSet(due, now.plus(NOTE_EVERY).toEpochMilli())) {
            note(state());
        }
    }

    /** Returns how far the run has come. */
    RunProgress progress() {
        double all = 0;
        double pulled = 0;
        for (Pull slice : slices) {
            double weight = slice.share().weight();
            all += weight;
            pulled += weight * slice.share().done();
        }
        return new RunProgress(
                slices.size(), standing.done(), all == 0 ? 0 : pulled / all, counters.rows(), started, reached, now());
    }

    /** Returns how many slices are pulled at once. */
    public int parallel() {
        return request.parallel() > 0
                ? request.parallel()
                : stream.definition().stream().parallel();
    }

    /** Returns what the run is doing, for people: what it waits for, and how far it is. */
    String state() {
        return waiting().or(stream.waits()::waiting).map(Wait::toString).orElse("pulling") + ", " + progress();
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
            endedBy(problem);
        }
        slices.forEach(Pull::letGo);
        Ledger current = ledger;
        if (current != null) {
            conclude(current);
            closeLedger(current);
        }
        stream.ended(this, summary());
    }

    /** A wait that ended because the run is to pause is no failure: what is committed counts, and the next run delivers it. */
    private void endedBy(Exception problem) {
        Optional<String> obstacle = pauseReason();
        if (obstacle.isPresent() && isInterruption(problem)) {
            pause(obstacle.get());
        } else {
            failed(problem);
        }
    }

    /** Whether a failure only says that there was no time left: a stop does not wait for the next of several tries. */
    static boolean isInterruption(Exception failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RejectedExecutionException || cause instanceof InterruptedException) {
                return true;
            }
        }
        return false;
    }

    private void conclude(Ledger current) {
        UnaryOperator<Progress> all = before -> {
            Progress after = before;
            for (UnaryOperator<Progress> change : advances) {
                after = change.apply(after);
            }
            return after;
        };
        try {
            if (standing.isWhole(slices.size())) {
                current.complete(all);
            } else {
                if (!advances.isEmpty()) {
                    current.advance(all);
                }
                standing.incomplete(request.fullRefresh());
            }
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void closeLedger(Ledger current) {
        try {
            current.close();
        } catch (RuntimeException e) {
            endedBy(e);
        }
    }

    RunRequest request() {
        return request;
    }

    private RunSummary summary() {
        Instant checkpoint = checkpoint();
        String error = standing.error();
        return new RunSummary(
                id,
                stream.id(),
                stream.key().origin().toString(),
                stream.connection().source(),
                standing.status(),
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
                checkpoint,
                started,
                now(),
                counters.undated(),
                error == null ? null : stream.redact(error));
    }

    private @Nullable Instant checkpoint() {
        if (ledger == null) {
            return null;
        }
        try {
            return stream.checkpoint().orElse(null);
        } catch (RuntimeException e) {
            // The summary goes without it: how the run ended is settled by what it committed.
            return null;
        }
    }

    private @Nullable Instant bound(Comparator<Instant> order, Function<Window, Instant> end) {
        return slices.stream()
                .map(Pull::window)
                .filter(Objects::nonNull)
                .filter(window -> stream.isCursored()) // numbers are no times
                .map(window -> end.apply(Objects.requireNonNull(window)))
                .min(order)
                .orElse(null);
    }
}
