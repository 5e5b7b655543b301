package dev.caravan.sink;

import dev.caravan.failure.DiskTrouble;
import dev.caravan.failure.PullException;
import java.nio.file.Path;

/** A batch could not be written. Nothing of it is staged, so writing it again is harmless. */
public final class BatchWriteException extends PullException {
    private BatchWriteException(DiskTrouble trouble, String message, Exception cause) {
        super(trouble.remedy(), message, cause);
    }

    static BatchWriteException of(Path folder, String name, Exception cause) {
        DiskTrouble trouble = DiskTrouble.of(cause, folder);
        return new BatchWriteException(
                trouble, "%s: writing %s failed: %s. %s".formatted(folder, name, cause, trouble.advice()), cause);
    }
}
