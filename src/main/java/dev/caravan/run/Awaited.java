package dev.caravan.run;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A run that was asked for, and the run of its parent that must end before it begins.
 *
 * @param request what was asked for
 * @param parent id of the parent, "" if none has to run first
 * @param run the parent's run, over at once if none has to
 * @param asked the parent's rows as the API has them now, null if what is committed counts
 */
record Awaited(
        RunRequest request,
        String parent,
        CompletableFuture<Optional<RunSummary>> run,
        @Nullable ParentRows asked) {
    static Awaited nothing(RunRequest request) {
        return new Awaited(request, "", CompletableFuture.completedFuture(Optional.empty()), null);
    }

    boolean isOver() {
        return run.isDone();
    }

    /** Returns how the parent's run ended; empty if none had to run. */
    Optional<RunSummary> summary() {
        return run.join();
    }
}
