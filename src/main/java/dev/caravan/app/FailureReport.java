package dev.caravan.app;

import dev.caravan.commit.LeaseHeldException;
import dev.caravan.definition.DefinitionException;
import dev.caravan.failure.PullException;
import dev.caravan.run.RunStatus;
import java.io.IOException;
import java.io.PrintWriter;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.web.server.PortInUseException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Says in a sentence why a command could not do its work, and turns that into an exit code. */
final class FailureReport implements IExecutionExceptionHandler {
    static final int FAILED = 1;
    static final int USAGE = 2;

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult arguments) {
        PrintWriter err = command.getErr();
        if (Ending.isUnderWay()) {
            err.println("Stopped before it began.");
            return RunStatus.PAUSED.exitCode();
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UsageException || cause instanceof DefinitionException) {
                err.println(cause.getMessage());
                return USAGE;
            }
            if (cause instanceof BindException bind) {
                err.println("A setting is wrong: "
                        + (bind.getProperty() == null ? "" : bind.getProperty().getName() + ": ")
                        + deepest(bind).getMessage());
                return USAGE;
            }
            if (cause instanceof PortInUseException port) {
                err.println("Port " + port.getPort() + " is taken; choose another with --server.port=N");
                return USAGE;
            }
            if (cause instanceof LeaseHeldException) {
                err.println(cause.getMessage());
                return RunStatus.HELD.exitCode();
            }
            if (cause instanceof PullException) {
                err.println(cause.getMessage());
                return FAILED;
            }
        }
        Throwable deepest = deepest(failure);
        err.println("Failed: " + deepest);
        if (!(deepest instanceof IOException)) {
            // Nobody foresaw this, so whoever mends it needs the whole of it.
            failure.printStackTrace(err);
        }
        return FAILED;
    }

    private static Throwable deepest(Throwable failure) {
        Throwable deepest = failure;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return deepest;
    }
}
