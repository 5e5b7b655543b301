package dev.caravan.run;

import dev.caravan.connection.Answer;
import dev.caravan.connection.outcome.Outcome;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.record.RecordPage;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
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
    private static final int MAX_BROKEN = 3;
    private static final Duration BROKEN_PAUSE = Duration.ofMillis(500);

    private final Run run;
    private final LiveStream stream;
    private final String label;
    private @Nullable Instant heldSince;
    private int broken;

    /** @param label stream and slice, with which every message begins */
    Answers(Run run, LiveStream stream, String label) {
        this.run = run;
        this.stream = stream;
        this.label = label;
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
    record Skip() implements Meaning {}

    /** The slice begins anew; if it has done so too often, it fails. */
    record Anew(PullException otherwise) implements Meaning {}

    /** The answer cannot be used. */
    record Stop(PullException failure) implements Meaning {}

    /** Reads a body whole, within the bound for one page. */
    byte[] bounded(InputStream body, String asked) throws IOException {
        int most = stream.maxPage();
        byte[] bytes = body.readNBytes(most);
        if (bytes.length == most && body.read() >= 0) {
            throw new PullException(
                    Remedy.STOP,
                    "%s: the answer to %s is larger than %,d bytes; ask for smaller pages or raise caravan.max-page"
                            .formatted(label, asked, most));
        }
        return bytes;
    }

    /**
     * Decides what an answer means.
     *
     * @param asked the request, for messages
     * @throws PullException with {@link Remedy#RETRY} if it must be asked for again soon
     */
    Meaning judge(Answer received, String asked) {
        Outcome outcome = stream.connection().outcomes().judge(received);
        if (outcome instanceof Outcome.Accept) {
            heldSince = null;
            return received.body().length == 0 ? new End() : new Page();
        }
        if (outcome instanceof Outcome.Unchanged) {
            return new Unchanged();
        }
        return refused((Outcome.Failure) outcome, asked);
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
                run.note(label + " skipped: " + failure.reason());
                yield new Skip();
            }
            case END_OF_DATA -> new End();
            case RESTART_SLICE -> new Anew(exception(Remedy.STOP, failure, asked, null));
            case REFRESH_AUTH, SKIP_RECORD, STOP -> new Stop(exception(Remedy.STOP, failure, asked, null));
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
        PullException known = PullException.in(failure).orElse(null);
        if (known != null) {
            return known;
        }
        if (failure instanceof IOException io) {
            Outcome.Failure outcome = stream.connection().outcomes().judge(io);
            run.countFailure(outcome.remedy());
            return new PullException(outcome.remedy(), message(outcome, asked), null, failure);
        }
        return new PullException(Remedy.STOP, "%s: %s: %s".formatted(label, asked, failure.getMessage()), failure);
    }

    /**
     * Decodes an answer.
     *
     * @return the page, or null if the answer was not whole and is to be asked for again
     */
    @Nullable
    RecordPage decoding(Supplier<RecordPage> decoder, String asked) {
        try {
            RecordPage page = decoder.get();
            broken = 0;
            return page;
        } catch (PullException e) {
            if (e.remedy() == Remedy.RETRY && ++broken <= MAX_BROKEN) {
                run.counters().retries.increment();
                stream.connection()
                        .limiter()
                        .holdUntil(run.now().plus(BROKEN_PAUSE.multipliedBy(broken)), "a whole answer");
                return null;
            }
            throw new PullException(Remedy.STOP, "%s: %s: %s".formatted(label, asked, e.getMessage()), e);
        }
    }

    private PullException exception(Remedy remedy, Outcome.Failure failure, String asked, @Nullable Duration wait) {
        return new PullException(remedy, message(failure, asked), wait, null);
    }

    private String message(Outcome.Failure failure, String asked) {
        String hint = failure.hint().isEmpty() ? "" : "; " + failure.hint();
        return "%s: %s: %s%s".formatted(label, asked, failure.reason(), hint);
    }
}
