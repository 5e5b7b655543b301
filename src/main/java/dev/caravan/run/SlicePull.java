package dev.caravan.run;

import dev.caravan.batch.Batch;
import dev.caravan.batch.SealedFile;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Headers;
import dev.caravan.connection.Request;
import dev.caravan.connection.auth.CredentialException;
import dev.caravan.connection.limit.Ask;
import dev.caravan.connection.limit.Limiter;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.page.Details;
import dev.caravan.page.JobMark;
import dev.caravan.page.Jobs;
import dev.caravan.page.PageContent;
import dev.caravan.page.Position;
import dev.caravan.page.ShrinkSettings;
import dev.caravan.page.Validators;
import dev.caravan.record.RecordPage;
import dev.caravan.record.SourceRecord;
import dev.caravan.record.decode.Decoder;
import dev.caravan.record.decode.Parts;
import dev.caravan.sink.Reject;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Slice;
import dev.caravan.slice.SliceProgress;
import dev.caravan.slice.Window;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One slice being pulled: where it stands, the page in hand, the batch it fills. The steps of a route call it in the order
 * {@link #isMore}, {@link #request}, {@link #answered}, {@link #decoding}, {@link #read}, per record, {@link #turn}, then {@link #write} and
 * {@link #commit}.
 *
 * <p>Used by one thread at a time.
 */
public final class SlicePull implements Pull, Fetching {
    private static final Duration LONG_HOLD = Duration.ofSeconds(10);

    private final Run run;
    private final Slice whole;
    private final LiveStream stream;
    private final Ledger.SliceLedger ledger;
    private final Ledger.@Nullable Replacing replacing;
    private final PageMemory.Share memory;
    private final Answers answers;
    private final Batch batch;
    private final List<SourceRecord> collected = new ArrayList<>();
    private final List<Reject> rejects = new ArrayList<>();
    private final SliceShare share;
    private final PageOverlap overlap;
    private final Course course;
    private final @Nullable Jobs jobs;
    private final @Nullable JobCourse job;
    private final @Nullable Details details;
    private final Lanes lanes;
    private final NextPage following;
    private final SliceToken token;
    private final Whereabouts whereabouts;
    private final Turnstile turnstile;
    private volatile @Nullable String skippedBy;

    private Rejections rejections = new Rejections();
    private @Nullable Position next;
    private @Nullable Answer answer;
    private @Nullable Request request;
    private @Nullable Instant greatest;
    private @Nullable String etag;
    private Limiter.@Nullable Pass pass;
    private @Nullable EarlyAnswer arriving;
    private @Nullable Parts parts;
    private @Nullable PullException unasked;
    private @Nullable BatchBehind behind;
    private PageMemory.@Nullable Leaving leaving;
    private boolean owing;
    private boolean asking;
    private boolean pageInHand;
    private boolean unsaved;
    private boolean unchanged;
    private boolean done;
    private boolean stopped;

    SlicePull(Run run, LiveStream stream, Slice slice, SliceProgress before, Ledger.SliceLedger ledger, Batch batch) {
        this.run = run;
        this.stream = stream;
        this.whole = slice;
        this.ledger = ledger;
        this.replacing = ledger.replacing().orElse(null);
        String resume = before.resume();
        Position left = resume == null ? null : stream.position(resume);
        this.course =
                new Course(slice, stream.firstPosition(), left == null ? null : left.with(null), replacing == null);
        this.memory = stream.memory().share();
        this.answers = new Answers(run, stream, label(), memory);
        this.whereabouts = new Whereabouts(stream.clock());
        this.turnstile = run.turnstile(whereabouts, this::obstacle);
        this.batch = batch;
        this.greatest = before.greatest();
        this.overlap = new PageOverlap(stream.overlap());
        this.jobs = stream.jobs().orElse(null);
        this.job = jobs == null ? null : new JobCourse(jobs);
        this.details = stream.details().orElse(null);
        this.lanes = new Lanes(run, stream, memory);
        this.following = new NextPage(stream.connection().limiter(), asked -> stream.ask(asked, false));
        this.token = stream.token(run.token(slice), left);
        this.share = new SliceShare(slice.window(), stream.order(), greatest);
    }

    @Override
    public SliceShare share() {
        return share;
    }

    @Override
    public @Nullable Window window() {
        return whole.window();
    }

    @Override
    public boolean isUnfinished() {
        return owing || (!done && !stopped);
    }

    /** Waits here for quota and holds. */
    @Override
    public boolean isMore() {
        if (asking) {
            return false; // the route looks here once more after a step has failed
        }
        if (lanes.page() != null) {
            obstacle().ifPresent(this::stopInPage);
            return !stopped;
        }
        if (owing || done || stopped || unsaved || batch.isFull() || isBetterCommitted() || hasToSettle()) {
            return false;
        }
        if (run.limitReached()) {
            stopped = true;
            return false;
        }
        if (stream.definition().stream().hasLanes()) {
            obstacle().ifPresent(this::stop);
            return !stopped;
        }
        return awaitTurn();
    }

    /** Returns why it may not go on, empty while it may. */
    private Optional<String> obstacle() {
        String by = skippedBy;
        return by == null ? run.pauseReason() : Optional.of("skipped by " + by);
    }

    private void stop(String reason) {
        if (skippedBy == null) {
            run.pause(reason);
            whereabouts.ended("paused");
        } else {
            run.skipped(course.slice().id(), reason);
            whereabouts.ended("skipped");
        }
        following.drop();
        stopped = true;
    }

    @Override
    public String name() {
        return course.slice().id();
    }

    @Override
    public void skip(String by) {
        skippedBy = by;
    }

    @Override
    public Whereabouts whereabouts() {
        return whereabouts;
    }

    Turnstile turnstile() {
        return turnstile;
    }

    /** Of a page whose records are asked for one by one nothing counts before all are there: the next run reads it again. */
    private void stopInPage(String reason) {
        giveUpPage();
        stop(reason);
    }

    private void giveUpPage() {
        lanes.begin(null);
        pageInHand = false;
        memory.dropPage();
    }

    /**
     * Returns the lanes in which the next requests go: that of the page the slice stands at, and those of pages that can be told
     * already; or those for the records of the page in hand. None if the page is here.
     */
    public List<Lane> getLanes() {
        Slice slice = course.slice();
        return lanes.of(this, course, position -> stream.request(slice, position, run.context(), null, token.asked()));
    }

    /** Hears that the lane of the page the slice stands at has failed. */
    void laneFailed(Exception failure) {
        left();
        lanes.failed(failure);
    }

    /** Returns what the lanes brought: the page that the slice stands at, or null if there is none, and it is asked again. */
    public byte @Nullable [] gathered() {
        DetailPage page = lanes.page();
        Exception failure = lanes.failure();
        if (failure != null) {
            throw new PullException(Remedy.STOP, String.valueOf(failure.getMessage()), failure);
        }
        if (page != null) {
            return gathered(page);
        }
        if (pageInHand) {
            return answerInHand().body();
        }
        AheadPages.Ahead fetched = lanes.take(course.position());
        if (fetched == null) {
            return null;
        }
        answer = fetched.answer();
        request = fetched.asked();
        pageInHand = true;
        return fetched.answer().body();
    }

    private byte @Nullable [] gathered(DetailPage page) {
        Errands errands = page.errands();
        Answers.Meaning refusal = errands.refusal();
        String obstacle = errands.obstacle();
        if (obstacle != null) {
            stopInPage(obstacle);
            return null;
        }
        if (refusal != null) {
            giveUpPage();
            act(refusal);
            return null;
        }
        if (errands.isOutOfRoom()) {
            lanes.begin(null);
            pageInHand = false;
            answers.askAgainWithMoreRoom(asked(), new IllegalStateException("The records of a page need more room"));
            return null;
        }
        pageInHand = true;
        return page.joined();
    }

    /** Whether the batch is in the way of other pages, or would lie about while the connection is held. */
    private boolean isBetterCommitted() {
        return memory.isCrowded() || (!batch.isEmpty() && isHeldLong());
    }

    private boolean isHeldLong() {
        return stream.connection()
                .limiter()
                .held()
                .filter(hold -> hold.until().isAfter(run.now().plus(LONG_HOLD)))
                .isPresent();
    }

    /** Whether the batch before has failed, which its steps must hear of. Before a long wait, waits for it. */
    private boolean hasToSettle() {
        BatchBehind before = behind;
        return before != null && (before.isLeft() || ((memory.isScarce() || isHeldLong()) && !await(before)));
    }

    /** Returns whether the batch counts. */
    private boolean await(BatchBehind before) {
        if (!before.isCommitted() && !whereabouts.hasEnded()) {
            whereabouts.at("commit", before.thread());
        }
        return before.await();
    }

    /** Waits until the next request may go; false if the run must pause instead. */
    boolean awaitTurn() {
        // A page that is on its way already is taken in, whatever stops the slice behind it.
        boolean coming = skippedBy == null && following.has(course.position());
        Optional<String> obstacle = coming ? Optional.empty() : obstacle();
        if (obstacle.isEmpty()) {
            obstacle = awaitJob();
        }
        if (obstacle.isEmpty()) {
            obstacle = turnstile.awaitRoom(memory::isAdmitted, stream.patience());
        }
        if (obstacle.isEmpty()) {
            obstacle = awaitPass();
        }
        obstacle.ifPresent(this::stop);
        return !stopped;
    }

    /** A job has its own time, by its settings; the run's patience is for waits that nobody asked for. */
    private Optional<String> awaitJob() {
        Optional<Instant> until = job == null ? Optional.empty() : job.askAt();
        return until.isEmpty()
                ? Optional.empty()
                : turnstile.await(
                        until.get(),
                        "%s of %s".formatted(jobName(), course.slice().id()));
    }

    private String jobName() {
        JobMark mark = course.position().job();
        return mark == null ? "a place for a job" : "job " + mark.id();
    }

    /** The quotas go by what is asked for, so the request is made before it may be sent. */
    private Optional<String> awaitPass() {
        if (hasMoreOfAnswer()) {
            return Optional.empty();
        }
        request = null;
        answer = null;
        arriving = following.take(course.position());
        if (arriving != null) {
            request = arriving.request();
            pass = arriving.pass();
            return Optional.empty();
        }
        try {
            request = rendered();
        } catch (PullException e) {
            unasked = e; // this is a predicate of the route; the step that takes the request reports it
            return Optional.empty();
        }
        Turnstile.Turn turn = turnstile.awaitTurn(ask(), answers::heldTooLong);
        pass = turn.pass();
        return pass == null ? Optional.of(turn.obstacle()) : Optional.empty();
    }

    private Ask ask() {
        return stream.ask(Objects.requireNonNull(request), course.isAtFirst());
    }

    /** Returns the request for the next page, credential included. Its place in quota and in flight is taken. */
    @Override
    public Request request() {
        asking = true;
        whereabouts.at("fetch");
        PullException refused = unasked;
        if (refused != null) {
            unasked = null;
            throw refused;
        }
        if (hasMoreOfAnswer()) {
            throw new PullException(
                    Remedy.STOP,
                    label()
                            + ": its route lacks the step 'ask' of routes/templates/stream.camel.yaml, which reads large"
                            + " answers in parts");
        }
        if (request == null) { // it could not be made before
            request = rendered();
            pass = turnstile.awaitPass(ask());
        }
        Request asked = Objects.requireNonNull(request);
        run.trial().ifPresent(trial -> trial.request().accept(asked));
        if (arriving == null) {
            run.counters().requests.increment();
        }
        return asked;
    }

    /** Returns what the request in hand is answered with, if that was asked for before; null if it is yet to be sent. */
    public @Nullable EarlyAnswer arriving() {
        return arriving;
    }

    /** Returns what is asked for while the records of the page in hand are taken in; null if nothing is. */
    public @Nullable EarlyAnswer early() {
        return following.early();
    }

    /** Asks for the next page, if nothing speaks against it and it costs no wait. */
    private void askAhead(RecordPage page) {
        Position to = next;
        // While the slice writes and commits a batch nothing is on its way: that may take longer than a vendor waits.
        if (to == null
                || !stream.asksAhead()
                || run.trial().isPresent()
                || memory.isCrowded()
                || (batch.isFullWith(page.records()) && !maySendBatch())
                || obstacle().isPresent()) {
            return;
        }
        try {
            if (following.ask(to, paged(to, null))) {
                run.counters().requests.increment();
            }
        } catch (PullException e) {
            // The step that asks for it, when the slice stands there, says the same.
            following.drop();
        }
    }

    private Request paged(Position position, @Nullable String validator) {
        return sized(stream.request(course.slice(), position, run.context(), validator, token.asked()));
    }

    private Request sized(Request page) {
        Integer size = course.pageSize();
        ShrinkSettings shrink = stream.shrink();
        // What is signed is signed as it is sent.
        return size == null || shrink == null ? page : stream.authorized(shrink.put(page, size));
    }

    private Request rendered() {
        if (token.isToBeStarted()) {
            return stream.startRequest(course.slice(), run.context());
        }
        String validator = course.isAtFirst() && job == null ? run.etag(course.slice()) : null;
        try {
            return job == null || jobs == null ? paged(course.position(), validator) : sized(jobRequest(jobs, job));
        } catch (PullException e) {
            PullException labelled = new PullException(
                    e.remedy(),
                    "%s: %s".formatted(label(), e.getMessage()),
                    e.retryAfter().orElse(null),
                    e);
            if (course.isResumed() && !(e instanceof CredentialException)) {
                restart(labelled);
                return rendered();
            }
            throw labelled;
        }
    }

    private Request jobRequest(Jobs plan, JobCourse now) {
        Position position = course.position();
        return switch (now.stage(position)) {
            case SUBMIT -> stream.request(course.slice(), position, run.context(), null, token.asked());
            case POLL -> stream.request(plan.poll(), false, course.slice(), position, run.context());
            case RESULT ->
                plan.result()
                        .map(result -> stream.request(result, true, course.slice(), position, run.context()))
                        .orElseGet(() -> stream.file(now.file(position).orElseThrow()));
        };
    }

    /**
     * Whether a request that failed may be sent again, by what stream and connection say of {@code retries}.
     *
     * @param usual how often, where neither says it
     */
    @Override
    public boolean mayRepeat(int usual) {
        return answers.mayRepeat(usual);
    }

    /** Before the same request is sent again; or made again, where its token was not to be had. */
    @Override
    public void again() {
        run.counters().retries.increment();
        if (asking && request != null) {
            pass = turnstile.awaitPass(ask());
            run.counters().requests.increment();
        }
    }

    /** Whether parts are left of an answer that was too large to be read at once. */
    public boolean hasMoreOfAnswer() {
        return parts != null && parts.hasNext();
    }

    private void closeParts() {
        Parts large = parts;
        parts = null;
        if (large != null) {
            large.close();
        }
    }

    /** Gives back the place among the requests in flight. */
    @Override
    public void left() {
        Limiter.Pass given = pass;
        EarlyAnswer brought = arriving;
        arriving = null;
        if (given != null) {
            pass = null;
            given.leave();
        }
        if (brought != null) {
            brought.giveUp(); // unless it was taken
        }
    }

    /**
     * Reads an answer: all of a page, inflated and within its bounds, or what is needed of an answer that is no data.
     *
     * @return null if there is no room for it now, and it is to be asked for again
     * @throws IOException if it did not come whole
     */
    @Override
    public @Nullable Answer received(int status, Headers headers, @Nullable InputStream body) throws IOException {
        closeParts();
        boolean result = job == null || job.stage(course.position()) == JobCourse.Stage.RESULT;
        long largest = result ? stream.decoder(course.slice().partition()).largest() : 0;
        Answer received = answers.received(status, headers, body, this::asked, largest);
        Limiter.Pass given = pass;
        if (received != null && given != null) {
            given.learn(received);
        }
        return received;
    }

    /**
     * Takes in an answer.
     *
     * @return the body of a page, or null if the answer is no page: unchanged, nothing there, or wait and ask again
     * @throws PullException if it must be asked again soon, or cannot be used
     */
    @Override
    public byte @Nullable [] answered(Answer received) {
        boolean ofJob = job != null && job.stage(course.position()) != JobCourse.Stage.RESULT;
        if (job != null && jobs != null && !ofJob && jobs.hasFiles() && jobs.isExpired(received.status())) {
            expired(job, received.status());
            return null;
        }
        Answers.Meaning meaning = answers.judge(ofJob ? Jobs.settled(received) : received, request);
        if (meaning instanceof Answers.Page && ofJob && job != null) {
            return step(job, Jobs.settled(received));
        }
        if ((meaning instanceof Answers.Page && !answers.hasSpooled()) || meaning instanceof Answers.End) {
            run.record(request, received);
        }
        if (meaning instanceof Answers.Page && token.isToBeStarted()) {
            if (!token.start(received)) {
                throw new PullException(
                        Remedy.STOP, "%s: %s: the answer has no token to start with".formatted(label(), asked()));
            }
            memory.dropPage();
            return null;
        }
        if (meaning instanceof Answers.Page) {
            answer = received;
            pageInHand = true;
            return received.body();
        }
        if (meaning instanceof Answers.End) {
            answer = received;
        }
        act(meaning);
        return null;
    }

    /** Does what an answer that is no page means for the slice. */
    private void act(Answers.Meaning meaning) {
        if (meaning instanceof Answers.End) {
            done = true;
        } else if (meaning instanceof Answers.Unchanged) {
            unchanged = true;
            done = true;
        } else if (meaning instanceof Answers.Skip skip) {
            // Not done: the checkpoint stays, so that the slice is asked for again once it can be read.
            stopped = true;
            run.skipped(course.slice().id(), skip.reason());
        } else if (meaning instanceof Answers.Resync resync) {
            String why = token.forget()
                    ? "its token is no longer valid, so all is asked for"
                    : "its position is no longer accepted";
            restart(resync.otherwise(), why);
        } else if (meaning instanceof Answers.Anew anew) {
            restart(anew.otherwise());
        } else if (meaning instanceof Answers.Split split) {
            split(split.otherwise(), "refused as a whole by the vendor");
        } else if (meaning instanceof Answers.Shrink shrink) {
            shrink(shrink.otherwise());
        } else if (meaning instanceof Answers.SkipRecord skip) {
            throw skip.otherwise();
        } else if (meaning instanceof Answers.Stop stop) {
            if (!course.isResumed()) {
                throw stop.failure();
            }
            // Where a slice stood yesterday may mean nothing to the API today.
            restart(stop.failure());
        }
    }

    /** Takes in the answer to the submission of a job, or to a question how it stands; what it holds is no page, mostly. */
    private byte @Nullable [] step(JobCourse now, Answer received) {
        JobCourse.Step step;
        try {
            step = now.take(received, course.position(), run.now());
        } catch (PullException e) {
            memory.dropPage();
            String said = stream.outcomes()
                    .errorIn(received.body())
                    .map(error -> "; the answer says: " + error)
                    .orElse("");
            throw new PullException(e.remedy(), "%s: %s: %s%s".formatted(label(), asked(), e.getMessage(), said), e);
        }
        if (step instanceof JobCourse.Inline) {
            answer = received;
            pageInHand = true;
            return received.body();
        }
        memory.dropPage();
        if (step instanceof JobCourse.On on) {
            boolean submitted = course.position().job() == null;
            if (on.position().job() != null && isRereadingWhatCounts(on.position())) {
                throw rereading();
            }
            course.move(on.position());
            // A job is dear: a process that ends now goes on with it.
            unsaved = submitted;
        } else if (step instanceof JobCourse.Empty) {
            answer = received;
            done = true;
        } else if (step instanceof JobCourse.Failed failed) {
            String said = stream.outcomes()
                    .errorIn(received.body())
                    .map(error -> ": " + error)
                    .orElse("");
            jobFailed(now, failed.reason() + said);
        }
        return null;
    }

    private boolean isRereadingWhatCounts(Position to) {
        JobMark before = course.position().job();
        JobMark after = to.job();
        boolean back = before != null && after != null && after.files() < before.files();
        return back && !stream.hasKey() && course.isCommitted();
    }

    private PullException rereading() {
        return new PullException(
                Remedy.STOP,
                "%s: %s: the result of the job is another after some of it was committed; give the stream a 'key'"
                        .formatted(label(), jobName()));
    }

    private void expired(JobCourse now, int status) {
        memory.dropPage();
        if (now.renew()) {
            run.note("%s: the address of its file has expired, HTTP %d; asks for another".formatted(label(), status));
        } else {
            jobFailed(now, "%s: the address of its file has expired, HTTP %d".formatted(jobName(), status));
        }
    }

    private void jobFailed(JobCourse now, String reason) {
        PullException problem = new PullException(Remedy.STOP, "%s: %s: %s".formatted(label(), asked(), reason));
        if (now.submitAgain(course.position())) {
            if (course.isCommitted() && !stream.hasKey()) {
                throw rereading();
            }
            run.note("%s: %s, submitted again".formatted(label(), reason));
            clearUnlessKnown();
            course.rewind();
            return;
        }
        switch (Objects.requireNonNull(jobs).settings().then()) {
            case STOP -> throw problem;
            case SKIP_SLICE -> {
                run.note("%s skipped: %s".formatted(label(), reason));
                run.skipped(course.slice().id(), String.valueOf(problem.getMessage()));
                stopped = true;
            }
            case SPLIT_SLICE -> split(problem, reason);
        }
    }

    /** Forgets what comes again and could not be told from what is there: rows without a key, and what was rejected. */
    private void clearUnlessKnown() {
        if (!stream.hasKey() || replacing != null) {
            batch.clear();
        }
        run.counters().rejected.add(-rejects.size());
        rejects.clear();
        if (replacing != null) {
            run.counters().rejected.add(-replacing.giveUpPart());
        }
    }

    private void restart(PullException otherwise) {
        restart(otherwise, "its position is no longer accepted");
    }

    private void restart(PullException otherwise, String why) {
        closeParts();
        if (!course.restart()) {
            throw otherwise;
        }
        run.note(label() + ": begins anew, " + why);
        clearUnlessKnown();
        token.restart();
        overlap.forget();
        lanes.forget();
        memory.dropPage();
        if (job != null) {
            job.begin();
        }
    }

    /**
     * Goes on with the halves of a slice, where its window can be divided and what comes again is known by its key, or none of it
     * counts yet.
     */
    private void split(PullException otherwise, String why) {
        boolean unknown = course.isCommitted() && !stream.hasKey();
        List<Slice> halves = unknown ? List.of() : stream.halves(course.slice());
        if (halves.isEmpty()) {
            throw otherwise;
        }
        run.note("%s: %s, pulled in halves".formatted(label(), why));
        clearUnlessKnown();
        pageInHand = false;
        memory.dropPage();
        course.split(halves);
        begun();
    }

    private PullException truncated(String why, String remedy) {
        return new PullException(
                Remedy.STOP,
                "%s: truncated: %s, and it cannot be split%s; %s"
                        .formatted(
                                label(),
                                why,
                                stream.hasKey() || !course.isCommitted()
                                        ? ""
                                        : " without a 'key', rows of it count already",
                                remedy));
    }

    private void begun() {
        overlap.forget();
        lanes.forget();
        if (job != null) {
            job.begin();
        }
        greatest = null;
        done = false;
    }

    /** Asks for half as many records on a page. */
    private void shrink(PullException otherwise) {
        ShrinkSettings shrink = stream.shrink();
        Request sent = request;
        OptionalInt size = shrink == null || sent == null ? OptionalInt.empty() : shrink.in(sent);
        OptionalInt half = shrink == null || size.isEmpty() ? OptionalInt.empty() : shrink.half(size.getAsInt());
        if (half.isEmpty()) {
            throw new PullException(
                    otherwise.remedy(),
                    "%s; the page cannot be made smaller, %s"
                            .formatted(
                                    otherwise.getMessage(),
                                    shrink == null
                                            ? "say where its size stands: shrink: {value: query.limit, least: 10}"
                                            : size.isEmpty()
                                                    ? "the request has no number at " + shrink.value()
                                                    : "%d records are the least".formatted(shrink.least())),
                    otherwise);
        }
        run.note("%s: pages of %d records from here".formatted(label(), half.getAsInt()));
        course.shrink(half.getAsInt());
    }

    /** Rows that went from the pages before pulled others forward, past what has been read. */
    private void moved() {
        PullException problem = new PullException(
                Remedy.STOP,
                "%s: %s: rows moved between pages while they were read, %s; order the list by something that does not change%s"
                        .formatted(
                                label(),
                                asked(),
                                course.isCommitted() && !stream.hasKey()
                                        ? "after some were committed"
                                        : "again and again",
                                stream.hasKey() ? "" : ", or give the stream a 'key'"));
        if (course.isCommitted() && !stream.hasKey()) {
            throw problem;
        }
        pageInHand = false;
        restart(problem, "rows moved between its pages");
    }

    /** Returns what to throw when a request got no answer. */
    @Override
    public PullException unanswered(Exception failure) {
        return answers.unanswered(failure, asked());
    }

    /**
     * Decodes the page in hand.
     *
     * @param body the answer's, or that of a page which was made of several answers
     * @return the page, or null if the answer was not whole and is to be asked for again
     */
    public @Nullable RecordPage decoding(byte[] body) {
        pageInHand = false;
        Answer received = answerInHand();
        boolean made = lanes.page() != null;
        Decoder decoder = stream.decoder(course.slice().partition(), token.isFull(), made);
        FileChannel file = answers.takeSpooled();
        boolean large = file != null || parts != null;
        try {
            RecordPage page = answers.decoding(
                    () -> large
                            ? part(decoder, file)
                            : decoder.read(
                                    body,
                                    made
                                            ? null
                                            : received.headers()
                                                    .first("content-type")
                                                    .orElse(null),
                                    stream.given(course.slice()),
                                    memory::take),
                    received,
                    this::asked,
                    large);
            pageInHand = page != null;
            if (page == null) {
                lanes.begin(null);
            }
            return page;
        } catch (PullException e) {
            boolean unexpected = e.getCause() instanceof PullException cause && cause.remedy() == Remedy.STOP;
            if (!course.isResumed() || !unexpected) {
                throw e;
            }
            // An error that calls itself a success is how some vendors refuse a position of yesterday.
            restart(e);
            return null;
        }
    }

    /** Reads the next part of a large answer, which is gone through before the first. */
    private RecordPage part(Decoder decoder, @Nullable FileChannel file) {
        Parts open = parts;
        if (open == null) {
            open = decoder.parts(Objects.requireNonNull(file));
            parts = open;
        }
        return open.read(stream.given(course.slice()), memory::take);
    }

    /** Takes in a page: finds the one that follows, and returns its records as the chunk they travel in, if there are any. */
    public List<Chunk> read(RecordPage page) {
        whereabouts.at("records");
        Answer received = answerInHand();
        DetailPage whole = lanes.page();
        if (whole != null) {
            return readDetails(whole, page);
        }
        if (overlap.hasMoved(page)) {
            moved();
            return List.of();
        }
        PageContent content = new PageContent(
                page.records().size() + page.rejects().size(), page.captured(), page.last(), course.pageSize());
        long pages = course.countPage();
        whereabouts.page(pages);
        Position position = course.position();
        if (pages > stream.maxPages()) {
            String why = "more than %,d pages".formatted(stream.maxPages());
            split(truncated(why, "set a smaller 'window', or a larger 'max-pages'"), why);
            return List.of();
        }
        boolean more = hasMoreOfAnswer();
        Optional<String> cut = parts != null ? Optional.empty() : stream.truncation(position, content);
        if (cut.isPresent()) {
            split(truncated(cut.get(), "set a smaller 'window', or ask for less"), "cut short, " + cut.get());
            return List.of();
        }
        try {
            if (details != null && !page.records().isEmpty()) {
                return readList(details, page, content, received);
            }
            if (!more) {
                boolean anyContent = parts != null || (jobs != null && jobs.hasFiles());
                course.visit(anyContent ? OptionalLong.empty() : fingerprint(page.records()));
                next = isOlder(page.records())
                        ? null
                        : following(position, received, content).orElse(null);
            }
        } catch (PullException e) {
            throw new PullException(e.remedy(), "%s: %s: %s".formatted(label(), asked(), e.getMessage()), e);
        }
        token.page(content);
        etag = !more && next == null && job == null && course.isAtFirst() && !stream.isFullPage(content.records())
                ? Validators.of(received).orElse(null)
                : null;
        lanes.read(content);
        List<dev.caravan.record.Reject> fresh = page.rejects().stream()
                .filter(reject -> !overlap.wasBefore(reject))
                .toList();
        reject(fresh, page.records().size());
        int repeated = overlap.take(page);
        // With a key, what comes again is known by it; and so is what is new among it.
        List<SourceRecord> records = stream.hasKey()
                ? page.records()
                : page.records().subList(repeated, page.records().size());
        run.counters().duplicates.add(page.records().size() - records.size());
        askAhead(page);
        return stream.chunks(records, course.slice(), pages);
    }

    /** The same records may well change again and again; pages of changes are told apart by their tokens alone. */
    private OptionalLong fingerprint(List<SourceRecord> records) {
        return token.asked() != null && stream.isContinued() ? OptionalLong.empty() : PageFingerprint.of(records);
    }

    /** Whether a list that comes newest first has arrived behind what is to be pulled: its last record is older. */
    private boolean isOlder(List<SourceRecord> records) {
        Window window = course.slice().window();
        for (int i = stream.stopsEarly() && window != null ? records.size() - 1 : -1; i >= 0; i--) {
            Instant cursor = records.get(i).cursor();
            if (cursor != null) {
                return cursor.isBefore(Objects.requireNonNull(window).from());
            }
        }
        return false;
    }

    /** A page whose records are asked for one by one: what follows it is known now, and counts when they are there. */
    private List<Chunk> readList(Details of, RecordPage page, PageContent content, Answer received) {
        Slice slice = course.slice();
        Position position = course.position();
        next = stream.next(position, received, content).orElse(null);
        lanes.begin(
                new DetailPage(of, page, content, stub -> stream.request(of, stub, slice, position, run.context())));
        pageInHand = false;
        etag = null;
        return List.of();
    }

    /** Takes in the records of a page that were asked for one by one. */
    private List<Chunk> readDetails(DetailPage whole, RecordPage page) {
        try {
            course.visit(fingerprint(whole.list().records()));
        } catch (PullException e) {
            throw new PullException(e.remedy(), "%s: %s: %s".formatted(label(), asked(), e.getMessage()), e);
        }
        token.page(whole.content());
        run.counters().duplicates.add(whole.repeated());
        lanes.read(whole.content());
        reject(whole.list().rejects(), 0);
        reject(page.rejects(), page.records().size());
        List<String> skipped = whole.skipped();
        if (!skipped.isEmpty()) {
            run.counters().dropped.add(skipped.size());
            run.note(
                    "%s: page %s: %d records left out: %s".formatted(label(), place(), skipped.size(), skipped.get(0)));
        }
        return stream.chunks(page.records(), course.slice(), course.position().number());
    }

    private void reject(List<dev.caravan.record.Reject> fresh, int records) {
        for (dev.caravan.record.Reject reject : fresh) {
            rejects.add(Reject.of(
                    reject.reason(),
                    place(),
                    reject.raw(),
                    reject.index(),
                    course.slice().partition().fields()));
            batch.countReject(reject.length());
        }
        run.counters().rejected.add(fresh.size());
        rejections.count(records, fresh);
        if (run.trial().isPresent()) {
            run.took(fresh.size());
        }
    }

    private Optional<Position> following(Position position, Answer received, PageContent content) {
        if (job == null || jobs == null) {
            return stream.next(position, received, content);
        }
        job.read();
        if (jobs.hasFiles()) {
            return Jobs.nextFile(position, content.records(), job.files());
        }
        return jobs.result().isEmpty() ? Optional.empty() : stream.next(position, received, content);
    }

    /** Drops records outside the slice and returns whether any is left. */
    public boolean inside(Chunk chunk) {
        run.counters().dropped.add(chunk.retain(record -> stream.placed(course.slice(), record)));
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

    /** Puts what the stream's own steps made of the record that is next in its place; null drops it, its key stays seen. */
    public void made(Chunk chunk, byte @Nullable [] bytes) {
        if (bytes != null && bytes[0] != '{') {
            throw new PullException(
                    Remedy.STOP, label() + ": the stream's own steps returned something that is not a JSON object");
        }
        if (!chunk.make(bytes)) {
            run.counters().dropped.increment();
        }
    }

    /** Adds a chunk that passed every step. */
    public void collect(Chunk chunk) {
        collected.addAll(chunk.records());
    }

    /** Ends a page: its records are in the batch and the slice stands before the next one. */
    public void turn() {
        asking = false;
        if (!pageInHand) {
            return;
        }
        pageInHand = false;
        setAside();
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
        run.took(collected.size());
        run.counters().pages.increment();
        double before = share.done();
        share.page(collected);
        if (share.done() > before) {
            run.progressed();
        }
        collected.clear();
        if (hasMoreOfAnswer()) {
            return; // the slice stands at this answer until all of it is read: whoever goes on later reads it again
        }
        closeParts();
        answer = null;
        if (run.isOfEach()) {
            next = null;
        }
        course.turn(next);
        lanes.begin(null);
        done = next == null;
        if (done) {
            lanes.end();
        }
    }

    /** What a sink cannot hold is rejected like what could not be read. */
    private void setAside() {
        Map<Integer, String> refused = ledger.refused(collected);
        if (refused.isEmpty()) {
            return;
        }
        List<dev.caravan.record.Reject> fresh = new ArrayList<>();
        List<SourceRecord> left = new ArrayList<>();
        for (int i = 0; i < collected.size(); i++) {
            SourceRecord record = collected.get(i);
            String reason = refused.get(i);
            if (reason == null) {
                left.add(record);
            } else {
                ledger.forget(List.of(record));
                fresh.add(new dev.caravan.record.Reject(
                        i, null, reason, record.bytes(), record.offset(), record.length()));
            }
        }
        collected.clear();
        collected.addAll(left);
        reject(fresh, 0);
    }

    /**
     * Writes the batch, or has it written and committed while the next one is pulled. One that was handed over before comes first:
     * if it could not be written, it is what is written again.
     */
    @Override
    public void write() {
        BatchBehind before = behind;
        if (before != null && !await(before)) {
            underWay("write");
            before.write();
            return;
        }
        underWay("write");
        behind = null;
        owing = false;
        if (!batch.isEmpty() || !rejects.isEmpty()) {
            if (run.trial().isEmpty()) {
                run.rejections().plus(rejections).check(stream.maxRejected(), label(), stream.id(), stream.errors());
            }
            if (!done && !stopped && !unsaved && batch.isFull() && maySendBatch() && sendBatch()) {
                return;
            }
            ledger.write(batch, rejects);
        }
    }

    /** Whether another thread may write and commit the batch, if there is one. */
    private boolean maySendBatch() {
        BatchBehind before = behind;
        return replacing == null
                && run.trial().isEmpty()
                && !memory.isScarce()
                && (before == null || before.isCommitted());
    }

    /** Hands the batch over, to the slice itself if no thread is free; false if the ledger does not part with it. */
    private boolean sendBatch() {
        Ledger.Outgoing sent =
                ledger.send(batch, rejects, progress(), batch.pages()).orElse(null);
        if (sent == null) {
            return false;
        }
        Rejections theirs = rejections;
        PageMemory.Leaving held = memory.leave();
        BatchBehind leaving = new BatchBehind(sent, files -> {
            landed(files);
            run.rejections().add(theirs);
            held.drop();
        });
        course.committed();
        batch.clear();
        rejects.clear();
        rejections = new Rejections();
        behind = leaving;
        this.leaving = held;
        if (!leaving.start(stream.batches())) {
            leaving.write();
        }
        return true;
    }

    /** Without rows, leaves the progress to the commit that closes the run. */
    @Override
    public void commit() {
        underWay("commit");
        BatchBehind before = behind;
        if (before != null && before.isLeft()) {
            before.commit();
            // Of the batch in hand nothing is written yet.
            owing = !before.isCommitted() || done || unsaved || !batch.isEmpty() || !rejects.isEmpty();
            return;
        }
        if (replacing != null) {
            commit(replacing);
            return;
        }
        UnaryOperator<Progress> change = progress();
        if (batch.isEmpty() && rejects.isEmpty()) {
            if (done) {
                run.advance(change);
            } else if (unsaved) {
                run.keep(change);
            }
        } else {
            List<SealedFile> files = ledger.commit(change, batch.pages());
            course.committed();
            if (done) {
                run.moved();
            }
            landed(files);
        }
        unsaved = false;
        run.rejections().add(rejections);
        rejections = new Rejections();
        emptied();
        if (done && course.hasParts()) {
            course.nextPart();
            begun();
        } else if (done) {
            ledger.ended();
            finished();
        }
    }

    private void landed(List<SealedFile> files) {
        for (SealedFile file : files) {
            run.counters().landed(file, stream.isCursored());
            whereabouts.landed(file.rows());
        }
    }

    private void emptied() {
        batch.clear();
        rejects.clear();
        memory.drop();
    }

    private void finished() {
        share.finish();
        run.finished();
        run.progressed();
        whereabouts.ended("done");
    }

    /** Of a slice that takes the place of what is there nothing counts before all of it is pulled. */
    private void commit(Ledger.Replacing kept) {
        UnaryOperator<Progress> change = progress();
        if (!batch.isEmpty() || !rejects.isEmpty()) {
            kept.keep(batch.pages());
        }
        emptied();
        if (done && course.hasParts()) {
            kept.endPart();
            course.nextPart();
            begun();
        } else if (done) {
            if (unchanged || !kept.changesAnything()) {
                run.advance(change);
            } else {
                landed(ledger.commit(change, 0));
                run.moved();
            }
            run.rejections().add(rejections);
            rejections = new Rejections();
            finished();
        } else if (unsaved) {
            run.keep(change);
        }
        unsaved = false;
    }

    private void underWay(String step) {
        if (!whereabouts.hasEnded()) {
            whereabouts.at(step);
        }
    }

    private UnaryOperator<Progress> progress() {
        Slice slice = replacing == null ? course.slice() : whole;
        String resume = done || !slice.equals(course.slice())
                ? null
                : stream.written(course.resumeAt(stream.readsLastPageAgain()).with(token.mark()));
        SliceProgress now = new SliceProgress(slice.window(), done, resume, greatest);
        String validator = etag;
        boolean read = done && stream.isConditional() && !unchanged;
        Optional<String> given = done ? token.given() : Optional.empty();
        return before -> {
            Progress after = stream.after(before, slice, now);
            if (given.isPresent()) {
                after = after.withToken(slice.partition(), given.get());
            }
            return read ? after.withEtag(slice.partition(), validator) : after;
        };
    }

    @Override
    public void letGo() {
        lanes.end();
        left();
        following.drop();
        closeParts();
        settleBehind();
        memory.drop();
        long rows = replacing == null ? 0 : replacing.giveUp();
        if (rows > 0) {
            run.note("%s: %,d rows are given up, it counts only when all of it is pulled".formatted(label(), rows));
        }
    }

    /** Nobody may be at work for a slice that has ended. */
    private void settleBehind() {
        BatchBehind before = behind;
        if (before == null) {
            return;
        }
        before.await();
        Throwable untold = before.failure();
        if (untold != null) {
            run.note("%s: the batch before did not land either: %s".formatted(label(), untold.getMessage()));
        }
        if (leaving != null) {
            leaving.drop();
        }
        behind = null;
    }

    private Answer answerInHand() {
        return Objects.requireNonNull(answer, "No answer in hand");
    }

    @Override
    public void failed(Exception failure) {
        letGo();
        Optional<String> obstacle = obstacle();
        if (isInterruption(failure) && obstacle.isPresent()) {
            stop(obstacle.get());
            return;
        }
        whereabouts.ended("failed");
        run.failed(course.slice().id(), failure);
    }

    /** A stop does not wait for the next of several tries. */
    private static boolean isInterruption(Exception failure) {
        return Run.isInterruption(failure)
                || PullException.in(failure)
                        .filter(found -> found.remedy() == Remedy.RETRY)
                        .isPresent();
    }

    /** Returns which page is in hand, for people. */
    private String place() {
        return stream.redact(course.position().place());
    }

    private String asked() {
        Request sent = request;
        return sent == null ? "before the first request" : stream.redact(sent.redacted());
    }

    String label() {
        return stream.id() + " " + course.slice().id();
    }
}
