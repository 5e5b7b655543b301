package dev.caravan.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.caravan.run.LiveStream;
import dev.caravan.run.RunRequest;
import dev.caravan.run.RunStatus;
import dev.caravan.run.RunSummary;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Runs that a command has asked for, followed to their end. For one thread. */
final class AskedRuns {
    private final PrintWriter out;
    private final List<LiveStream> streams = new ArrayList<>();
    private final List<CompletableFuture<RunSummary>> runs = new ArrayList<>();

    AskedRuns(PrintWriter out) {
        this.out = out;
    }

    void ask(LiveStream stream, RunRequest request) {
        stream.ask(request);
        streams.add(stream);
        runs.add(request.done());
    }

    /** Waits for all, with a line for each as it ends, and a line on the terminal that says how far they are. */
    List<RunSummary> inLines() throws InterruptedException, JsonProcessingException {
        return follow(true, summary -> out.println(Output.line(summary)));
    }

    /** Waits for all, with a JSON object a line for each as it ends. */
    List<RunSummary> inJson() throws InterruptedException, JsonProcessingException {
        return follow(false, summary -> out.println(Output.JSON.writeValueAsString(summary)));
    }

    /** Waits for all and says nothing. */
    List<RunSummary> inSilence() throws InterruptedException, JsonProcessingException {
        return follow(false, summary -> {});
    }

    private List<RunSummary> follow(boolean watched, Telling telling)
            throws InterruptedException, JsonProcessingException {
        List<RunSummary> summaries = new ArrayList<>();
        try (ProgressLine progress = ProgressLine.of(streams, watched)) {
            for (CompletableFuture<RunSummary> run : runs) {
                RunSummary summary = progress.await(run);
                summaries.add(summary);
                progress.clear();
                telling.tell(summary);
                out.flush();
            }
        }
        return summaries;
    }

    /** Says how a run ended. */
    private interface Telling {
        void tell(RunSummary summary) throws JsonProcessingException;
    }

    /** Returns the exit code: the first that applies of 1, 4, 3, 5, 2; 0 if all are done. */
    static int code(List<RunSummary> summaries) {
        for (RunStatus status : List.of(
                RunStatus.FAILED, RunStatus.PARTIAL, RunStatus.PAUSED, RunStatus.HELD, RunStatus.NOT_CONFIGURED)) {
            if (summaries.stream().anyMatch(summary -> summary.status() == status)) {
                return status.exitCode();
            }
        }
        return 0;
    }
}
