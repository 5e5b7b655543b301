package dev.caravan.app;

import dev.caravan.run.LiveStream;
import dev.caravan.run.RunSummary;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A line on the terminal that says how far runs have come. Does nothing where nobody watches. */
final class ProgressLine implements AutoCloseable {
    private static final String CLEAR = "\r\u001b[K";

    private final List<LiveStream> streams;
    private final boolean shown;
    private final PrintStream terminal;

    private ProgressLine(List<LiveStream> streams, boolean shown, PrintStream terminal) {
        this.streams = streams;
        this.shown = shown;
        this.terminal = terminal;
    }

    static ProgressLine of(List<LiveStream> streams, boolean wanted) {
        return new ProgressLine(streams, wanted && Terminal.isWatched(), System.err);
    }

    RunSummary await(CompletableFuture<RunSummary> run) throws InterruptedException {
        while (true) {
            try {
                return run.get(250, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                show();
            } catch (ExecutionException e) {
                throw new IllegalStateException("A run ended without a summary", e.getCause());
            }
        }
    }

    void clear() {
        if (shown) {
            terminal.print(CLEAR);
            terminal.flush();
        }
    }

    private void show() {
        if (!shown) {
            return;
        }
        terminal.print(CLEAR + text());
        terminal.flush();
    }

    /** One stream says itself how far it is; of several, one of those that run does. */
    private String text() {
        String running = streams.stream()
                .filter(LiveStream::isRunning)
                .findFirst()
                .map(stream -> stream.id() + ": " + stream.state())
                .orElse("starting");
        if (streams.size() == 1) {
            return running;
        }
        long rows =
                streams.stream().mapToLong(stream -> stream.counters().rows()).sum();
        return "%,d rows of %d streams; %s".formatted(rows, streams.size(), running);
    }

    @Override
    public void close() {
        clear();
    }
}
