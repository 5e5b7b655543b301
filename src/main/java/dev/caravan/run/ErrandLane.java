package dev.caravan.run;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Headers;
import dev.caravan.connection.Request;
import dev.caravan.connection.limit.Ask;
import dev.caravan.connection.limit.Limiter;
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
    private final Turnstile turnstile;
    private Errands.@Nullable Errand errand;
    private PageMemory.@Nullable Part room;
    private @Nullable Answers answers;
    private @Nullable Request request;
    private Limiter.@Nullable Pass pass;
    private @Nullable PullException unasked;
    private boolean asking;

    ErrandLane(
            Run run,
            LiveStream stream,
            String label,
            Outcomes outcomes,
            Errands errands,
            Supplier<PageMemory.Part> rooms,
            Turnstile turnstile) {
        this.run = run;
        this.stream = stream;
        this.label = label;
        this.outcomes = outcomes;
        this.errands = errands;
        this.rooms = rooms;
        this.turnstile = turnstile;
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
        if (asking) {
            return false; // the route looks here once more after a step has failed
        }
        Optional<String> obstacle = turnstile.obstacle();
        if (obstacle.isEmpty()) {
            obstacle = awaitPass();
        }
        obstacle.ifPresent(errands::paused);
        return obstacle.isEmpty();
    }

    @Override
    public Request request() {
        asking = true;
        turnstile.whereabouts().at("fetch");
        PullException refused = unasked;
        if (refused != null) {
            unasked = null;
            throw refused;
        }
        if (request == null) { // it could not be made before
            request = Objects.requireNonNull(errand).request();
            pass = turnstile.awaitPass(ask());
        }
        Request asked = Objects.requireNonNull(request);
        run.trial().ifPresent(trial -> trial.request().accept(asked));
        run.counters().requests.increment();
        return asked;
    }

    /** The quotas go by what is asked for, so the request is made before it may be sent. */
    private Optional<String> awaitPass() {
        request = null;
        try {
            request = Objects.requireNonNull(errand).request();
        } catch (PullException e) {
            unasked = e; // the step that takes the request reports it
            return Optional.empty();
        }
        Turnstile.Turn turn = turnstile.awaitTurn(ask(), answers()::heldTooLong);
        pass = turn.pass();
        return pass == null ? Optional.of(turn.obstacle()) : Optional.empty();
    }

    private Ask ask() {
        return stream.ask(Objects.requireNonNull(request), false);
    }

    @Override
    public void left() {
        Limiter.Pass given = pass;
        if (given != null) {
            pass = null;
            given.leave();
        }
    }

    @Override
    public @Nullable Answer received(int status, Headers headers, @Nullable InputStream body) throws IOException {
        Answer answer = answers().received(status, headers, body, this::asked, 0);
        Limiter.Pass given = pass;
        if (answer == null) {
            errands.outOfRoom();
            errand = null;
            asking = false;
        } else if (given != null) {
            given.learn(answer);
        }
        return answer;
    }

    @Override
    public byte @Nullable [] answered(Answer received) {
        Answers.Meaning meaning = answers().judge(received, request);
        asking = false;
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
        // Without one, its token was not to be had, and it is made again.
        if (request != null) {
            pass = turnstile.awaitPass(ask());
            run.counters().requests.increment();
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
