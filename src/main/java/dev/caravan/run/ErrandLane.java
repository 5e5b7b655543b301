package dev.caravan.run;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Headers;
import dev.caravan.connection.Request;
import dev.caravan.connection.outcome.Outcomes;
import dev.caravan.failure.PullException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A lane that does one errand after the other, as long as there are any. */
final class ErrandLane implements Lane {
    private final Run run;
    private final LiveStream stream;
    private final String label;
    private final Outcomes outcomes;
    private final Errands errands;
    private final Supplier<PageMemory.Part> rooms;
    private Errands.@Nullable Errand errand;
    private PageMemory.@Nullable Part room;
    private @Nullable Answers answers;
    private @Nullable Request request;
    private boolean entered;

    ErrandLane(
            Run run,
            LiveStream stream,
            String label,
            Outcomes outcomes,
            Errands errands,
            Supplier<PageMemory.Part> rooms) {
        this.run = run;
        this.stream = stream;
        this.label = label;
        this.outcomes = outcomes;
        this.errands = errands;
        this.rooms = rooms;
    }

    @Override
    public boolean isMore() {
        if (errand == null) {
            errand = errands.next();
            PageMemory.Part fresh = rooms.get();
            room = fresh;
            answers = new Answers(run, stream, label, fresh, outcomes);
        }
        if (errand == null) {
            return false;
        }
        Optional<String> obstacle = run.pauseReason();
        if (obstacle.isEmpty()) {
            obstacle = run.turnstile().awaitTurn(answers()::heldTooLong);
        }
        obstacle.ifPresent(errands::paused);
        return obstacle.isEmpty();
    }

    @Override
    public Request request() {
        request = null;
        Request asked = Objects.requireNonNull(errand).request();
        request = asked;
        run.trial().ifPresent(trial -> trial.request().accept(asked));
        enter();
        return asked;
    }

    private void enter() {
        run.turnstile().enter();
        entered = true;
        run.counters().requests.increment();
    }

    @Override
    public void left() {
        if (entered) {
            entered = false;
            run.turnstile().leave();
        }
    }

    @Override
    public @Nullable Answer received(int status, Headers headers, @Nullable InputStream body) throws IOException {
        Answer answer = answers().received(status, headers, body, asked());
        if (answer == null) {
            errands.outOfRoom();
            errand = null;
        }
        return answer;
    }

    @Override
    public byte @Nullable [] answered(Answer received) {
        Answers.Meaning meaning = answers().judge(received, request);
        Errands.Errand now = Objects.requireNonNull(errand);
        if (meaning instanceof Answers.Again) {
            return null;
        }
        if (meaning instanceof Answers.Page) {
            run.record(request, received);
            now.take(Objects.requireNonNull(request), received, Objects.requireNonNull(room));
        } else if (!now.refused(meaning)) {
            errands.refused(meaning);
        }
        errand = null;
        return null;
    }

    @Override
    public PullException unanswered(Exception failure) {
        return answers().unanswered(failure, asked());
    }

    @Override
    public boolean mayRepeat(int usual) {
        return answers().mayRepeat(usual);
    }

    @Override
    public void again() {
        run.counters().retries.increment();
        run.turnstile().awaitQuota();
        // Without one, its token was not to be had, and it is made again.
        if (request != null) {
            enter();
        }
    }

    @Override
    public void failed(Exception failure) {
        left();
        errands.failed(failure);
    }

    private Answers answers() {
        return Objects.requireNonNull(answers, "No errand yet");
    }

    private String asked() {
        Request sent = request;
        return sent == null ? "" : stream.redact(sent.redacted());
    }
}
