package dev.caravan.commit;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file of the commit log is damaged or missing. Nothing is guessed: a person has to decide. */
public final class CommitReadException extends PullException {
    CommitReadException(StreamKey stream, Path file, String what, @Nullable Throwable cause) {
        super(
                Remedy.STOP,
                ("%s: %s %s. Restore it from a backup. Without one, move it and every later file of _commits/ aside:"
                                + " what they covered is pulled again, and `verify` names the files they leave behind,"
                                + " to be moved aside too.")
                        .formatted(stream.id(), file, what),
                cause);
    }

    /** Whether a file is not there, rather than damaged. */
    boolean isMissing() {
        return getCause() instanceof NoSuchFileException;
    }
}
