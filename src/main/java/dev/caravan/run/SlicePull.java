package dev.caravan.run;

import dev.caravan.batch.Batch;
import dev.caravan.batch.SealedFile;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Headers;
import dev.caravan.connection.Request;
import dev.caravan.connection.auth.CredentialException;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.page.PageContent;
import dev.caravan.page.Position;
import dev.caravan.page.SeenPositions;
import dev.caravan.page.Validators;
import dev.caravan.record.RecordPage;
import dev.caravan.record.SourceRecord;
import dev.caravan.sink.Reject;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Slice;
import dev.caravan.slice.SliceProgress;
import dev.caravan.slice.Window;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One slice being pulled: where it stands, the page in hand, the batch it fills. The steps of a route call it in the order
 * {@link #isMore}, {@link #request}, {@link #answered}, {@link #decoding}, {@link #read}, per record, {@link #turn}, then {@link #write} and
 * {@link #commit}.
 *
 * <p>Used by one thread at a time.
 */
public final class SlicePull implements Pull {
    private static final int MAX_RESTARTS = 2;
    private static final Duration LONG_HOLD = Duration.ofSeconds(10);

    private final Run run;
    private final @Nullable Window planned;
    private final LiveStream stream;
    private final Ledger.SliceLedger ledger;
    private final PageMemory.Share memory;
    private final Answers answers;
    private final Batch batch;
    private final List<SourceRecord> collected = new ArrayList<>();
    private final List<Reject> rejects = new ArrayList<>();
    private final SliceShare share;
    private final PageOverlap overlap;

    private final Deque<Slice> parts = new ArrayDeque<>();

    private Slice slice;
    private Rejections rejections = new Rejections();
    private SeenPositions seen = new SeenPositions();
    private Position position;
    private @Nullable Position lastWhole;
    private boolean resumed;
    private @Nullable Position next;
    private @Nullable Answer answer;
    private @Nullable Request request;
    private @Nullable Instant greatest;
    private @Nullable String etag;
    private long pages;
    private int restarts;
    private boolean entered;
    private boolean pageInHand;
    private boolean unchanged;
    private boolean committed;
    private boolean done;
    private boolean stopped;

    SlicePull(Run run, LiveStream stream, Slice slice, SliceProgress before, Ledger.SliceLedger ledger) {
        this.run = run;
        this.stream = stream;
        this.slice = slice;
        this.planned = slice.window();
        this.ledger = ledger;
        this.memory = stream.memory().share();
        this.answers = new Answers(run, stream, label(), memory);
        this.batch = stream.newBatch();
        String resume = before.resume();
        this.position = resume == null ? stream.firstPosition() : stream.position(resume);
        this.resumed = resume != null;
        this.greatest = before.greatest();
        this.overlap = new PageOverlap(stream.overlap());
        this.committed = resumed;
        this.share = new SliceShare(slice.window(), stream.order(), greatest);
    }

    @Override
    public SliceShare share() {
        return share;
    }

    @Override
    public @Nullable Window window() {
        return planned;
    }

    @Override
    public boolean isUnfinished() {
        return !done && !stopped;
    }

    /** Waits here for quota and holds. */
    @Override
    public boolean isMore() {
        if (done || stopped || batch.isFull() || isBetterCommitted()) {
            return false;
        }
        if (run.limitReached()) {
            stopped = true;
            return false;
        }
        return awaitTurn();
    }

    /** Whether the batch is in the way of other pages, or would lie about while the connection is held. */
    private boolean isBetterCommitted() {
        return memory.isCrowded()
                || (!batch.isEmpty()
                        && stream.connection()
                                .limiter()
                                .held()
                                .filter(hold -> hold.until().isAfter(run.now().plus(LONG_HOLD)))
                                .isPresent());
    }

    private boolean awaitTurn() {
        Optional<String> obstacle = run.pauseReason();
        if (obstacle.isEmpty()) {
            obstacle = run.turnstile().awaitTurn(answers::heldTooLong);
        }
        if (obstacle.isEmpty()) {
            obstacle = run.turnstile().awaitRoom(memory::isAdmitted, stream.patience());
        }
        obstacle.ifPresent(reason -> {
            run.pause(reason);
            stopped = true;
        });
        return !stopped;
    }

    /** Returns the request for the next page, credential included, and takes a place among the requests in flight. */
    public Request request() {
        request = null;
        answer = null;
        Request asked = rendered();
        request = asked;
        run.trial().ifPresent(trial -> trial.request().accept(asked));
        enter();
        return asked;
    }

    private Request rendered() {
        String validator = position.equals(stream.firstPosition()) ? run.etag(slice) : null;
        try {
            return stream.request(slice, position, run.context(), validator);
        } catch (PullException e) {
            PullException labelled = new PullException(
                    e.remedy(),
                    "%s: %s".formatted(label(), e.getMessage()),
                    e.retryAfter().orElse(null),
                    e);
            if (resumed && !(e instanceof CredentialException)) {
                restart(labelled);
                return rendered();
            }
            throw labelled;
        }
    }

    /** Before the same request is sent again; or made again, where its token was not to be had. */
    public void again() {
        run.counters().retries.increment();
        run.turnstile().awaitQuota();
        if (request != null) {
            enter();
        }
    }

    private void enter() {
        run.turnstile().enter();
        entered = true;
        run.counters().requests.increment();
    }

    /** Gives back the place among the requests in flight. */
    public void left() {
        if (entered) {
            entered = false;
            run.turnstile().leave();
        }
    }

    /**
     * Reads an answer: all of a page, inflated and within its bounds, or what is needed of an answer that is no data.
     *
     * @return null if there is no room for it now, and it is to be asked for again
     * @throws IOException if it did not come whole
     */
    public @Nullable Answer received(int status, Headers headers, @Nullable InputStream body) throws IOException {
        return answers.received(status, headers, body, asked());
    }

    /**
     * Takes in an answer.
     *
     * @return the body of a page, or null if the answer is no page: unchanged, nothing there, or wait and ask again
     * @throws PullException if it must be asked again soon, or cannot be used
     */
    public byte @Nullable [] answered(Answer received) {
        Answers.Meaning meaning = answers.judge(received, request);
        if (meaning instanceof Answers.Page) {
            answer = received;
            pageInHand = true;
            return received.body();
        }
        if (meaning instanceof Answers.End) {
            answer = received;
            done = true;
        } else if (meaning instanceof Answers.Unchanged) {
            unchanged = true;
            done = true;
        } else if (meaning instanceof Answers.Skip) {
            // Not done: the checkpoint stays, so that the slice is asked for again once it can be read.
            stopped = true;
        } else if (meaning instanceof Answers.Anew anew) {
            restart(anew.otherwise());
        } else if (meaning instanceof Answers.Stop stop) {
            if (!resumed) {
                throw stop.failure();
            }
            // Where a slice stood yesterday may mean nothing to the API today.
            restart(stop.failure());
        }
        return null;
    }

    private void restart(PullException otherwise) {
        restart(otherwise, "its position is no longer accepted");
    }

    private void restart(PullException otherwise, String why) {
        if (++restarts > MAX_RESTARTS) {
            throw otherwise;
        }
        run.note(label() + ": begins anew, " + why);
        if (!stream.hasKey()) {
            batch.clear(); // nothing else would tell that its rows come again
        }
        run.counters().rejected.add(-rejects.size());
        rejects.clear();
        position = stream.firstPosition();
        lastWhole = null;
        resumed = false;
        seen = new SeenPositions();
        overlap.forget();
        memory.dropPage();
    }

    /** A slice of too many pages is pulled in halves, where its window can be divided and what comes again is known by its key. */
    private void split() {
        List<Slice> halves = stream.hasKey() ? stream.halves(slice) : List.of();
        if (halves.isEmpty()) {
            throw new PullException(
                    Remedy.STOP,
                    "%s: truncated after %,d pages, and it cannot be split%s; set a smaller 'window', or a larger 'max-pages'"
                            .formatted(label(), stream.maxPages(), stream.hasKey() ? "" : " without a 'key'"));
        }
        run.note("%s: more than %,d pages, pulled in halves".formatted(label(), stream.maxPages()));
        pageInHand = false;
        memory.dropPage();
        parts.addFirst(halves.get(1));
        begin(halves.get(0));
    }

    private void begin(Slice part) {
        slice = part;
        position = stream.firstPosition();
        lastWhole = null;
        resumed = false;
        seen = new SeenPositions();
        overlap.forget();
        greatest = null;
        pages = 0;
        done = false;
    }

    /** Rows that went from the pages before pulled others forward, past what has been read. */
    private void moved() {
        PullException problem = new PullException(
                Remedy.STOP,
                "%s: %s: rows moved between pages while they were read, %s; order the list by something that does not change%s"
                        .formatted(
                                label(),
                                asked(),
                                committed && !stream.hasKey() ? "after some were committed" : "again and again",
                                stream.hasKey() ? "" : ", or give the stream a 'key'"));
        if (committed && !stream.hasKey()) {
            throw problem;
        }
        pageInHand = false;
        restart(problem, "rows moved between its pages");
    }

    /** Returns what to throw when a request got no answer. */
    public PullException unanswered(Exception failure) {
        return answers.unanswered(failure, asked());
    }

    /**
     * Decodes the answer in hand.
     *
     * @return the page, or null if the answer was not whole and is to be asked for again
     */
    public @Nullable RecordPage decoding(Supplier<RecordPage> decoder) {
        pageInHand = false;
        try {
            RecordPage page = answers.decoding(decoder, answerInHand(), asked());
            pageInHand = page != null;
            return page;
        } catch (PullException e) {
            boolean unexpected = e.getCause() instanceof PullException cause && cause.remedy() == Remedy.STOP;
            if (!resumed || !unexpected) {
                throw e;
            }
            // An error that calls itself a success is how some vendors refuse a position of yesterday.
            restart(e);
            return null;
        }
    }

    /** Returns values known beside the records, which their key may use. */
    public Map<String, String> given() {
        return stream.given(slice);
    }

    /** Takes in a page: finds the one that follows, and returns its records as the chunks they travel in. */
    public List<Chunk> read(RecordPage page) {
        Answer received = answerInHand();
        if (overlap.hasMoved(page)) {
            moved();
            return List.of();
        }
        PageContent content =
                new PageContent(page.records().size() + page.rejects().size(), page.captured(), page.last());
        if (++pages > stream.maxPages()) {
            split();
            return List.of();
        }
        try {
            seen.visit(position, PageFingerprint.of(page.records()));
            next = stream.next(position, received, content).orElse(null);
        } catch (PullException e) {
            throw new PullException(e.remedy(), "%s: %s: %s".formatted(label(), asked(), e.getMessage()), e);
        }
        etag = next == null && position.equals(stream.firstPosition()) && !stream.isFullPage(content.records())
                ? Validators.of(received).orElse(null)
                : null;
        String place = stream.redact(position.toString());
        List<dev.caravan.record.Reject> fresh = page.rejects().stream()
                .filter(reject -> !overlap.wasBefore(reject))
                .toList();
        for (dev.caravan.record.Reject reject : fresh) {
            rejects.add(Reject.of(
                    reject.reason(),
                    place,
                    reject.raw(),
                    reject.index(),
                    slice.partition().fields()));
            batch.countReject(reject.length());
        }
        run.counters().rejected.add(fresh.size());
        rejections.count(page.records().size(), fresh);
        if (run.trial().isPresent()) {
            run.took(fresh.size());
        }
        int repeated = overlap.take(page);
        // With a key, what comes again is known by it; and so is what is new among it.
        List<SourceRecord> records = stream.hasKey()
                ? page.records()
                : page.records().subList(repeated, page.records().size());
        run.counters().duplicates.add(page.records().size() - records.size());
        return stream.chunks(records, slice, pages);
    }

    /** Drops records outside the slice and returns whether any is left. */
    public boolean inside(Chunk chunk) {
        run.counters().dropped.add(chunk.retain(record -> stream.placed(slice, record)));
        return !chunk.records().isEmpty();
    }

    /** Drops records seen before, stages the keys of the others and returns whether any is left. */
    public boolean addKeys(Chunk chunk) {
        List<SourceRecord> fresh = ledger.firstSeen(chunk.records());
        run.counters().duplicates.add(chunk.records().size() - fresh.size());
        chunk.replace(fresh);
        return !fresh.isEmpty();
    }

    /** Takes back the staged keys of a chunk that failed on its way. */
    public void removeKeys(Chunk chunk) {
        ledger.forget(chunk.records());
    }

    /** Puts what the stream's own steps made of a record in its place; null drops it, its key stays seen. */
    public void replaced(Chunk chunk, byte @Nullable [] bytes) {
        if (bytes == null) {
            run.counters().dropped.increment();
            chunk.replace(List.of());
            return;
        }
        if (bytes[0] != '{') {
            throw new PullException(
                    Remedy.STOP, label() + ": the stream's own steps returned something that is not a JSON object");
        }
        chunk.replace(
                chunk.records().stream().map(record -> record.withBytes(bytes)).toList());
    }

    /** Adds a chunk that passed every step. */
    public void collect(Chunk chunk) {
        collected.addAll(chunk.records());
    }

    /** Ends a page: its records are in the batch and the slice stands before the next one. */
    public void turn() {
        if (!pageInHand) {
            return;
        }
        pageInHand = false;
        batch.add(collected);
        batch.countPage();
        for (SourceRecord record : collected) {
            Instant cursor = record.cursor();
            if (cursor != null && (greatest == null || cursor.isAfter(greatest))) {
                greatest = cursor;
            }
        }
        if (collected.isEmpty() && rejects.isEmpty()) {
            memory.dropPage();
        } else {
            memory.keepPage();
        }
        answer = null;
        run.took(collected.size());
        run.counters().pages.increment();
        double before = share.done();
        share.page(collected);
        if (share.done() > before) {
            run.progressed();
        }
        collected.clear();
        resumed = false;
        lastWhole = position;
        if (next == null) {
            done = true;
        } else {
            position = next;
        }
    }

    @Override
    public void write() {
        if (!batch.isEmpty() || !rejects.isEmpty()) {
            if (run.trial().isEmpty()) {
                run.rejections().plus(rejections).check(stream.maxRejected(), label(), stream.id(), stream.errors());
            }
            ledger.write(batch, rejects);
        }
    }

    /** Without rows, leaves the progress to the commit that closes the run. */
    @Override
    public void commit() {
        UnaryOperator<Progress> change = progress();
        if (batch.isEmpty() && rejects.isEmpty()) {
            if (done) {
                run.advance(change);
            }
        } else {
            List<SealedFile> files = ledger.commit(change, batch.pages());
            committed = true;
            if (done) {
                run.moved();
            }
            for (SealedFile file : files) {
                run.counters().landed(file, stream.isCursored());
            }
        }
        run.rejections().add(rejections);
        rejections = new Rejections();
        batch.clear();
        rejects.clear();
        memory.drop();
        if (done && !parts.isEmpty()) {
            begin(parts.remove());
        } else if (done) {
            share.finish();
            run.finished();
            run.progressed();
        }
    }

    private UnaryOperator<Progress> progress() {
        SliceProgress now = new SliceProgress(slice.window(), done, done ? null : stream.written(resumeAt()), greatest);
        boolean ascending = stream.isAscending();
        String validator = etag;
        boolean read = done && stream.isConditional() && !unchanged;
        return before -> {
            Progress after = before.with(slice, now, ascending);
            return read ? after.withEtag(slice.partition(), validator) : after;
        };
    }

    private Position resumeAt() {
        Position last = lastWhole;
        return last != null && stream.readsLastPageAgain() ? last : position;
    }

    @Override
    public void letGo() {
        memory.drop();
    }

    private Answer answerInHand() {
        return Objects.requireNonNull(answer, "No answer in hand");
    }

    @Override
    public void failed(Exception failure) {
        left();
        letGo();
        if (isInterruption(failure) && run.pauseReason().isPresent()) {
            run.pause(run.pauseReason().get());
            return;
        }
        run.failed(slice.id(), failure);
    }

    /** Whether a failure only says that there was no time left: a stop does not wait for the next of several tries. */
    private static boolean isInterruption(Exception failure) {
        if (PullException.in(failure)
                .filter(found -> found.remedy() == Remedy.RETRY)
                .isPresent()) {
            return true;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RejectedExecutionException || cause instanceof InterruptedException) {
                return true;
            }
        }
        return false;
    }

    private String asked() {
        Request sent = request;
        return sent == null ? "before the first request" : stream.redact(sent.redacted());
    }

    String label() {
        return stream.id() + " " + slice.id();
    }
}
