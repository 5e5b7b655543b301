package dev.caravan.app;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * How the process ends: with the exit code of its command, also when a signal ends it. A signal lets the command finish its
 * page and say how it stands; Java alone would then answer with the signal's number, whatever became of the run.
 */
final class Ending {
    // Longer than routes may take to stop; whoever does not want to wait so long sends SIGKILL.
    private static final long LONGEST_SECONDS = 40;

    private final CompletableFuture<Integer> code = new CompletableFuture<>();

    private Ending() {}

    static Ending prepare() {
        Ending ending = new Ending();
        Runtime.getRuntime().addShutdownHook(new Thread(ending::awaitCommand, "ending"));
        return ending;
    }

    /** The command is done. Ends the process unless {@code result} says that it goes on. */
    void with(int result) {
        code.complete(result);
        if (result != ServeCommand.SERVING) {
            // While a signal ends the process this waits for good, and the hook ends it.
            System.exit(result);
        }
    }

    private void awaitCommand() {
        if (code.isDone()) {
            return;
        }
        try {
            int result = code.get(LONGEST_SECONDS, TimeUnit.SECONDS);
            if (result != ServeCommand.SERVING) {
                Runtime.getRuntime().halt(result);
            }
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            // Then the signal's number has to do.
            Thread.currentThread().interrupt();
        }
    }

    /** Whether something ends the process already, so that what fails now is no failure of the command. */
    static boolean isUnderWay() {
        Thread probe = new Thread(() -> {}, "probe");
        try {
            Runtime.getRuntime().addShutdownHook(probe);
            Runtime.getRuntime().removeShutdownHook(probe);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }
}
