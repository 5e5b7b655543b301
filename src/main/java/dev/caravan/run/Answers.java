package dev.caravan.run;

import dev.caravan.connection.Answer;
import dev.caravan.connection.BodyReader;
import dev.caravan.connection.Headers;
import dev.caravan.connection.LargeBody;
import dev.caravan.connection.Request;
import dev.caravan.connection.outcome.Outcome;
import dev.caravan.connection.outcome.Outcomes;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.record.RecordPage;
import dev.caravan.run.PageMemory.NoRoomException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the answers to one slice's requests mean for it: a page, the end, a wait, a failure. Keeps the waits and repetitions
 * of the page that is asked for, and holds the connection where the vendor asks for it; where the slice stands is not its
 * business.
 *
 * <p>Used by one thread at a time.
 */
final class Answers {
    private static final byte[] NOTHING = {};
    /** Up to here, an answer that may be large is read like any other. */
    private static final int IN_MEMORY = 4 << 20;

    /** How often a page that does not come whole is asked for again, unless the stream says otherwise. */
    private static final int USUAL_BROKEN = 3;

    private static final Duration BROKEN_PAUSE = Duration.ofMillis(500);
    private static final int MOST_PAUSES = 20;

    private final Run run;
    private final LiveStream stream;
    private final String label;
    private final PageMemory.Holding memory;
    private final Outcomes outcomes;
    private final BodyReader bodies;
    private @Nullable FileChannel spooled;
    private @Nullable Instant heldSince;
    private @Nullable Instant troubledSince;
    private int repeated;
    private int broken;
    private boolean renewed;

    /**
     * @param label stream and slice, with which every message begins
     * @param memory for the page in hand; given back here unless the answer is a page
     */
    Answers(Run run, LiveStream stream, String label, PageMemory.Holding memory) {
        this(run, stream, label, memory, stream.outcomes());
    }

    /** @param outcomes what the answers mean, where that is not what those of the stream's own requests do */
    Answers(Run run, LiveStream stream, String label, PageMemory.Holding memory, Outcomes outcomes) {
        this.outcomes = outcomes;
        this.run = run;
        this.stream = stream;
        this.label = label;
        this.memory = memory;
        this.bodies = new BodyReader(stream.maxPage());
    }

    /** What an answer means for its slice. */
    sealed interface Meaning {}

    /** The answer is a page. */
    record Page() implements Meaning {}

    /** The slice has no further page. */
    record End() implements Meaning {}

    /** Nothing has changed since the slice was last read. */
    record Unchanged() implements Meaning {}

    /** The same page is asked for again, after whatever the gate waits for. */
    record Again() implements Meaning {}

    /** The slice is left for the next run. */
    record Skip(String reason) implements Meaning {}

    /** The record that was asked for is left out; where none was, the slice fails. */
    record SkipRecord(String reason, PullException otherwise) implements Meaning {}

    /** The slice begins anew; if it has done so too often, it fails. */
    record Anew(PullException otherwise) implements Meaning {}

    /** The slice is too much for the vendor, and is to be pulled in parts; if it cannot be split, it fails. */
    record Split(PullException otherwise) implements Meaning {}

    /** The page is too large for the vendor, and is to be asked for with fewer records; if it cannot be, the slice fails. */
    record Shrink(PullException otherwise) implements Meaning {}

    /** The token that asks for what changed is no longer valid: everything is asked for; if that happened too often, it fails. */
    record Resync(PullException otherwise) implements Meaning {}

    /** The answer cannot be used. */
    record Stop(PullException failure) implements Meaning {}

    /**
     * Reads an answer.
     *
     * @param asked tells what was asked for, for people
     * @return null if there is no room for it now, and it is to be asked for again
     * @throws IOException if it did not come whole
     */
    @Nullable
    Answer received(int status, Headers headers, @Nullable InputStream body, Supplier<String> asked, long largest)
            throws IOException {
        closeSpooled();
        try {
            return new Answer(status, headers, body == null ? NOTHING : bytes(status, headers, body, largest));
        } catch (PullException e) {
            memory.dropPage();
            throw labelled(e.remedy(), asked.get(), e);
        } catch (NoRoomException | OutOfMemoryError e) {
            askAgainWithMoreRoom(asked.get(), e);
            return null;
        }
    }

    private byte[] bytes(int status, Headers headers, InputStream body, long largest) throws IOException {
        if (largest > 0 && status < 300) {
            LargeBody large = LargeBody.read(body, headers, IN_MEMORY, largest, stream.folderForAnswers());
            memory.take(large.beginning().length);
            spooled = large.file();
            return large.beginning();
        }
        return status < 300 ? bodies.read(body, headers, memory) : bodies.beginning(body);
    }

    /** Whether the answer in hand was too large for memory. */
    boolean hasSpooled() {
        return spooled != null;
    }

    /** Returns the file of an answer that was too large for memory, which is the caller's then; null if it was not. */
    @Nullable
    FileChannel takeSpooled() {
        FileChannel file = spooled;
        spooled = null;
        return file;
    }

    private void closeSpooled() throws IOException {
        FileChannel file = takeSpooled();
        if (file != null) {
            file.close();
        }
    }

    /** A page that does not fit is asked for again when there is room, unless there can never be enough. */
    void askAgainWithMoreRoom(String asked, Throwable shortage) {
        if (!memory.wantMore()) {
            throw new PullException(
                    Remedy.STOP,
                    ("%s: %s: the answer needs more than the %,d bytes of memory that all pages and batches may hold together;"
                                    + " ask for smaller pages, or raise caravan.page-memory or -Xmx (now %,d MB)")
                            .formatted(
                                    label,
                                    asked,
                                    stream.memory().limit(),
                                    Runtime.getRuntime().maxMemory() >> 20),
                    shortage);
        }
        run.counters().retries.increment();
    }

    /**
     * Decides what an answer means.
     *
     * @param request that was answered
     * @throws PullException with {@link Remedy#RETRY} if it must be asked for again soon
     */
    Meaning judge(Answer received, @Nullable Request request) {
        Outcome outcome = outcomes.judge(received);
        tellBreaker(received, outcome);
        if (outcome instanceof Outcome.Accept && received.body().length > 0) {
            settled();
            return new Page();
        }
        memory.dropPage();
        if (outcome instanceof Outcome.Accept) {
            settled();
            return new End();
        }
        String asked = request == null ? "" : stream.redact(request.redacted());
        if (outcome instanceof Outcome.Unchanged) {
            if (request != null && request.isConditional()) {
                return new Unchanged();
            }
            return refused(
                    new Outcome.Failure(
                            Remedy.RETRY, Optional.empty(), "HTTP 304, though nothing was said of what is known", ""),
                    asked);
        }
        Outcome.Failure failure = (Outcome.Failure) outcome;
        return failure.remedy() == Remedy.REFRESH_AUTH && request != null
                ? unauthorised(failure, request, asked)
                : refused(failure, asked);
    }

    /** A refused credential is renewed once for each page; where it is one that does not change, nothing helps. */
    private Meaning unauthorised(Outcome.Failure failure, Request request, String asked) {
        if (renewed) {
            run.countFailure(Remedy.STOP);
            throw exception(
                    Remedy.STOP,
                    new Outcome.Failure(
                            Remedy.STOP,
                            Optional.empty(),
                            failure.reason(),
                            "refused again with a credential that was just renewed: check its permissions and scopes"),
                    asked,
                    null);
        }
        boolean renewable;
        try {
            renewable = stream.connection().auth().renew(request);
        } catch (PullException e) {
            run.countFailure(e.remedy());
            throw new PullException(
                    e.remedy(),
                    "%s: %s; %s".formatted(message(failure, asked), "it cannot be renewed", e.getMessage()),
                    e.retryAfter().orElse(null),
                    e);
        }
        if (!renewable) {
            run.countFailure(Remedy.STOP);
            throw exception(Remedy.STOP, failure, asked, null);
        }
        run.countFailure(Remedy.REFRESH_AUTH);
        run.counters().retries.increment();
        renewed = true;
        return new Again();
    }

    /** A vendor that throttles is well, and so is one that refuses a request for good. */
    private void tellBreaker(Answer received, Outcome outcome) {
        boolean trouble = outcome instanceof Outcome.Failure failure
                && failure.remedy().isTransient()
                && (received.status() >= 500 || received.status() == 408);
        boolean throttled =
                outcome instanceof Outcome.Failure failure && failure.remedy().isTransient() && received.status() < 500;
        if (trouble || !throttled) {
            stream.connection().limiter().answered(!trouble);
        }
    }

    private void settled() {
        heldSince = null;
        renewed = false;
        repeated = 0;
        if (broken == 0) {
            troubledSince = null;
        }
    }

    /**
     * Whether a request that failed may be sent again, and notes that it is.
     *
     * @param usual how often, where neither stream nor connection says it
     */
    boolean mayRepeat(int usual) {
        if (run.pauseReason().isPresent() || !stream.retries().allow(repeated, troubledFor(), usual)) {
            return false;
        }
        repeated++;
        return true;
    }

    private Duration troubledFor() {
        Instant now = run.now();
        if (troubledSince == null) {
            troubledSince = now;
        }
        return Duration.between(troubledSince, now);
    }

    private Meaning refused(Outcome.Failure failure, String asked) {
        run.countFailure(failure.remedy());
        return switch (failure.remedy()) {
            case RETRY -> {
                if (run.pauseReason().isPresent()) {
                    yield new Again(); // the gate ends the batch here, and it is committed
                }
                throw exception(
                        Remedy.RETRY, failure, asked, failure.retryAfter().orElse(null));
            }
            case WAIT_UNTIL -> {
                hold(failure.retryAfter().orElse(Duration.ofMinutes(1)), failure.reason());
                yield new Again();
            }
            case SKIP_SLICE -> {
                run.note(label + " skipped: " + said(failure));
                yield new Skip("%s: %s: skipped: %s".formatted(label, asked, said(failure)));
            }
            case END_OF_DATA -> new End();
            case RESYNC -> new Resync(exception(Remedy.STOP, failure, asked, null));
            case RESTART_SLICE -> new Anew(exception(Remedy.STOP, failure, asked, null));
            case SPLIT_SLICE -> new Split(exception(Remedy.STOP, failure, asked, null));
            case SHRINK_PAGE -> new Shrink(exception(Remedy.STOP, failure, asked, null));
            case SKIP_RECORD -> new SkipRecord(failure.reason(), exception(Remedy.STOP, failure, asked, null));
            case REFRESH_AUTH, STOP -> new Stop(exception(Remedy.STOP, failure, asked, null));
        };
    }

    private void hold(Duration wait, String reason) {
        Instant now = run.now();
        if (heldSince == null) {
            heldSince = now;
        }
        run.counters().waits.increment();
        stream.connection().limiter().holdUntil(now.plus(wait), reason);
    }

    /** Whether a hold until then is beyond the run's patience. One that is renewed again and again is one wait. */
    boolean heldTooLong(Instant until) {
        Instant since = heldSince;
        return Duration.between(since == null ? run.now() : since, until).compareTo(stream.patience()) > 0;
    }

    /** Returns what to throw when a request got no answer. */
    PullException unanswered(Exception failure, String asked) {
        memory.dropPage();
        PullException known = PullException.in(failure).orElse(null);
        if (known != null) {
            return known;
        }
        if (failure instanceof IOException io) {
            Outcome.Failure outcome = outcomes.judge(io);
            run.countFailure(outcome.remedy());
            stream.connection().limiter().answered(false);
            return new PullException(outcome.remedy(), message(outcome, asked), null, failure);
        }
        return new PullException(Remedy.STOP, "%s: %s: %s".formatted(label, asked, failure.getMessage()), failure);
    }

    /**
     * Decodes an answer.
     *
     * @param asked tells what was asked for, for people
     * @param part whether it is only a part of one
     * @return the page, or null if the answer was not whole, or its records find no room, and it is to be asked for again
     * @throws PullException with {@link Remedy#STOP} if it is whole and no page
     */
    @Nullable
    RecordPage decoding(Supplier<RecordPage> decoder, Answer received, Supplier<String> asked, boolean part) {
        try {
            RecordPage page = decoder.get();
            if (page.size() == 0 && !part) {
                checkError(received);
            }
            memory.takeRecords(page.size());
            broken = 0;
            troubledSince = null;
            return page;
        } catch (PullException e) {
            memory.dropPage();
            if (e.remedy() == Remedy.RETRY && stream.retries().allow(broken, troubledFor(), USUAL_BROKEN)) {
                broken++;
                run.counters().retries.increment();
                stream.connection()
                        .limiter()
                        .holdUntil(
                                run.now().plus(BROKEN_PAUSE.multipliedBy(Math.min(broken, MOST_PAUSES))),
                                "a whole answer");
                return null;
            }
            throw labelled(Remedy.STOP, asked.get(), withError(e, received));
        } catch (NoRoomException | OutOfMemoryError e) {
            askAgainWithMoreRoom(asked.get(), e);
            return null;
        }
    }

    /** An error that calls itself a success, and has no records, would be taken for the end of the data. */
    private void checkError(Answer received) {
        stream.outcomes().errorIn(received.body()).ifPresent(error -> {
            throw new PullException(
                    Remedy.STOP,
                    "HTTP %d without records, but with an error: %s; say in 'outcomes' what it means"
                            .formatted(received.status(), error));
        });
    }

    /** Where the records are missing the vendor may have said why. */
    private PullException withError(PullException failure, Answer received) {
        return stream.outcomes()
                .errorIn(received.body())
                .filter(error -> !String.valueOf(failure.getMessage()).contains(error))
                .map(error -> new PullException(
                        failure.remedy(), "%s; the answer says: %s".formatted(failure.getMessage(), error), failure))
                .orElse(failure);
    }

    private PullException labelled(Remedy remedy, String asked, PullException failure) {
        return new PullException(remedy, "%s: %s: %s".formatted(label, asked, failure.getMessage()), failure);
    }

    private PullException exception(Remedy remedy, Outcome.Failure failure, String asked, @Nullable Duration wait) {
        return new PullException(remedy, message(failure, asked), wait, null);
    }

    private String message(Outcome.Failure failure, String asked) {
        return "%s: %s: %s".formatted(label, asked, said(failure));
    }

    private static String said(Outcome.Failure failure) {
        return failure.hint().isEmpty() ? failure.reason() : failure.reason() + "; " + failure.hint();
    }
}
