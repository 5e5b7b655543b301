package dev.caravan.commit;

import dev.caravan.failure.Advised;
import dev.caravan.failure.DiskTrouble;
import dev.caravan.failure.PullException;
import java.nio.file.Path;

/**
 * The commit log, or what belongs beside it, could not be written. Whether the commit counts is not known: the next lease
 * finds out, so staged files are left to it.
 */
public final class CommitWriteException extends PullException {
    private CommitWriteException(DiskTrouble trouble, String message, Exception cause) {
        super(trouble.remedy(), message, cause);
    }

    static CommitWriteException of(StreamKey stream, Path folder, String tried, Exception cause) {
        DiskTrouble trouble = DiskTrouble.of(cause, folder);
        if (cause instanceof Advised) {
            return new CommitWriteException(
                    trouble,
                    "%s: sink '%s': %s failed: %s. %s"
                            .formatted(stream.id(), stream.sink(), tried, cause.getMessage(), trouble.advice()),
                    cause);
        }
        return new CommitWriteException(
                trouble, "%s: %s failed: %s. %s".formatted(stream.id(), tried, cause, trouble.advice()), cause);
    }
}
