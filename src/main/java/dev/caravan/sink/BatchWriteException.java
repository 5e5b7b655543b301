package dev.caravan.sink;

import dev.caravan.failure.DiskTrouble;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import java.nio.file.Path;

/** A batch could not be written. Nothing of it is staged, so writing it again is harmless. */
public final class BatchWriteException extends PullException {
    private BatchWriteException(Remedy remedy, String message, Exception cause) {
        super(remedy, message, cause);
    }

    static BatchWriteException of(Path folder, String name, Exception cause) {
        if (cause instanceof UnsuitedRowsException) {
            return new BatchWriteException(
                    Remedy.STOP, "%s: writing %s failed: %s".formatted(folder, name, cause.getMessage()), cause);
        }
        DiskTrouble trouble = DiskTrouble.of(cause, folder);
        return new BatchWriteException(
                trouble.remedy(),
                "%s: writing %s failed: %s. %s".formatted(folder, name, cause, trouble.advice()),
                cause);
    }
}
