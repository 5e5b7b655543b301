package dev.caravan.app;

import dev.caravan.commit.Verified;
import dev.caravan.failure.PullException;
import dev.caravan.run.LiveStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares what is committed with what is there. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description =
                "Finishes what a crash interrupted, then counts and hashes every committed file again. Exit code 1 if"
                        + " something is missing, altered or not committed.")
final class VerifyCommand implements Callable<Integer> {
    private final Launcher launcher;

    @Parameters(paramLabel = "STREAM", arity = "0..*", description = "Stream ids or connections; all if none is named")
    private List<String> names = new ArrayList<>();

    @Option(names = "--quiet", description = "Print only problems")
    private boolean quiet;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    VerifyCommand(Launcher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() {
        PrintWriter out = command.commandLine().getOut();
        boolean sound = true;
        try (Session session = new Session(launcher.start(LaunchPlan.look()))) {
            List<LiveStream> streams = names.isEmpty() ? session.streams().all() : session.select(names);
            for (LiveStream stream : streams) {
                try {
                    sound &= print(out, stream, stream.verify());
                } catch (PullException e) {
                    // The other streams are looked at nevertheless.
                    out.println("%-32s %-8s".formatted(stream.id(), "DAMAGED"));
                    out.println("    " + e.getMessage());
                    sound = false;
                }
            }
        }
        out.flush();
        return sound ? 0 : FailureReport.FAILED;
    }

    private boolean print(PrintWriter out, LiveStream stream, Verified result) {
        if (!quiet || !result.isSound()) {
            out.println("%-32s %-8s %,d rows in %,d files, %,d commits"
                    .formatted(
                            stream.id(),
                            result.isSound() ? "sound" : "DAMAGED",
                            result.rows(),
                            result.files(),
                            result.commits()));
        }
        result.problems()
                .forEach(problem -> out.println("    %s %s: %s"
                        .formatted(
                                problem.what().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                                problem.path(),
                                problem.detail())));
        return result.isSound();
    }
}
