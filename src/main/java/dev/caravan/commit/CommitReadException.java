package dev.caravan.commit;

import dev.caravan.failure.Advised;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** A file of the commit log is damaged, missing or cannot be read. Nothing is guessed: a person has to decide. */
public final class CommitReadException extends PullException {
    private CommitReadException(Remedy remedy, String message, Throwable cause) {
        super(remedy, message, cause);
    }

    CommitReadException(StreamKey stream, String file, String what, @Nullable Throwable cause) {
        super(
                Remedy.STOP,
                ("%s: %s %s. Restore it from a backup. Without one, move it and every later file of _commits/ aside:"
                                + " what they covered is pulled again, and `verify` names the files they leave behind,"
                                + " to be moved aside too.")
                        .formatted(stream.id(), file, what),
                cause);
    }

    /** A file, or a folder of them, could not be read. That says nothing about what is in it. */
    static CommitReadException unreadable(StreamKey stream, String file, String what, IOException cause) {
        if (cause instanceof Advised known) {
            return new CommitReadException(
                    known.remedy(),
                    "%s: sink '%s': %s. %s".formatted(stream.id(), stream.sink(), cause.getMessage(), known.advice()),
                    cause);
        }
        return new CommitReadException(stream, file, what + ": " + cause, cause);
    }

    /** Whether a file is not there, rather than damaged. */
    boolean isMissing() {
        return getCause() instanceof NoSuchFileException;
    }
}
