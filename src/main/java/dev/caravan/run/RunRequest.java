package dev.caravan.run;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.slice.Window;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks a stream for a run, whether or not it is due.
 *
 * @param backfill span to pull without moving the forward cursor, null for an ordinary run
 * @param fullRefresh whether everything is pulled anew, into a generation that takes the place of what is committed when it is
 *     complete
 * @param replay whether rejected records are put through again, and no API is asked
 * @param limit rows after which the run stops at the next page border, 0 for none
 * @param trial how to show what is pulled without keeping it, null to keep it
 * @param parallel slices pulled at once, 0 for as many as the stream says
 * @param vars values for {@code ${vars.<name>}} in the stream's requests
 * @param recording told each request and the answer that was made use of, null for nobody
 * @param done completed with the summary when the run has ended
 */
public record RunRequest(
        @Nullable Window backfill,
        boolean fullRefresh,
        boolean replay,
        long limit,
        @Nullable Trial trial,
        int parallel,
        Map<String, String> vars,
        @Nullable BiConsumer<Request, Answer> recording,
        CompletableFuture<RunSummary> done) {
    public RunRequest {
        vars = Map.copyOf(vars);
    }

    /** Asks for an ordinary run. */
    public static RunRequest now() {
        return new RunRequest(null, false, false, 0, null, 0, Map.of(), null, new CompletableFuture<>());
    }

    public RunRequest withBackfill(@Nullable Window span) {
        return new RunRequest(span, fullRefresh, replay, limit, trial, parallel, vars, recording, done);
    }

    public RunRequest withFullRefresh(boolean wanted) {
        return new RunRequest(backfill, wanted, replay, limit, trial, parallel, vars, recording, done);
    }

    public RunRequest withReplay(boolean wanted) {
        return new RunRequest(backfill, fullRefresh, wanted, limit, trial, parallel, vars, recording, done);
    }

    public RunRequest withLimit(long rows) {
        return new RunRequest(backfill, fullRefresh, replay, rows, trial, parallel, vars, recording, done);
    }

    public RunRequest withTrial(@Nullable Trial how) {
        return new RunRequest(backfill, fullRefresh, replay, limit, how, parallel, vars, recording, done);
    }

    public RunRequest withVars(Map<String, String> values) {
        return new RunRequest(backfill, fullRefresh, replay, limit, trial, parallel, values, recording, done);
    }

    /** Returns this with another number of slices that are pulled at once, 0 for as many as the stream says. */
    public RunRequest withParallel(int slices) {
        return new RunRequest(backfill, fullRefresh, replay, limit, trial, slices, vars, recording, done);
    }

    /** Returns this with somebody who is told each request and the answer that was made use of. */
    public RunRequest withRecording(@Nullable BiConsumer<Request, Answer> told) {
        return new RunRequest(backfill, fullRefresh, replay, limit, trial, parallel, vars, told, done);
    }

    /** Whether it moves the stream's own checkpoint, as the runs of its schedule do. */
    boolean isForward() {
        return trial == null && backfill == null && !fullRefresh && !replay;
    }

    /** Whether this asks for work beside the ordinary runs, which is kept. */
    boolean isUnit() {
        return trial == null && !isForward();
    }

    /** Returns the same, to be asked for once more. */
    RunRequest again() {
        return new RunRequest(
                backfill, fullRefresh, replay, limit, trial, parallel, vars, recording, new CompletableFuture<>());
    }
}
