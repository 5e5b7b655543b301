package dev.caravan.failure;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.List;
import java.util.Locale;

/**
 * What a failed write to a disk calls for.
 *
 * @param remedy {@link Remedy#STOP} where only a person helps, {@link Remedy#RETRY} otherwise
 * @param advice what that person has to do, a sentence
 */
public record DiskTrouble(Remedy remedy, String advice) {
    private static final List<String> FULL = List.of("no space left", "quota exceeded", "not enough space");
    // Linux says so with a plain exception where a file stands in place of a folder.
    private static final List<String> IN_THE_WAY = List.of("not a directory", "is a directory");
    private static final List<String> FORBIDDEN = List.of("permission denied", "operation not permitted", "read-only");

    /** Returns what {@code failure}, met while writing below {@code folder}, calls for. */
    public static DiskTrouble of(Throwable failure, Path folder) {
        if (failure instanceof Advised known) {
            return new DiskTrouble(known.remedy(), known.advice());
        }
        if (says(failure, FULL)) {
            return new DiskTrouble(
                    Remedy.STOP, "The disk or quota of %s is full: free some space, then run again.".formatted(folder));
        }
        if (failure instanceof AccessDeniedException
                || failure instanceof ReadOnlyFileSystemException
                || says(failure, FORBIDDEN)) {
            return new DiskTrouble(
                    Remedy.STOP,
                    "Let the user that runs Caravan (%s) write to %s, then run again."
                            .formatted(System.getProperty("user.name"), folder));
        }
        if (failure instanceof FileAlreadyExistsException
                || failure instanceof NotDirectoryException
                || says(failure, IN_THE_WAY)) {
            return new DiskTrouble(
                    Remedy.STOP,
                    "Something else has this name below %s: move it aside, then run again.".formatted(folder));
        }
        if (failure instanceof IOException) {
            return new DiskTrouble(Remedy.RETRY, "If it happens again, look at the disk below %s.".formatted(folder));
        }
        return new DiskTrouble(Remedy.STOP, "This is no trouble of the disk; report it with its cause.");
    }

    private static boolean says(Throwable failure, List<String> words) {
        String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return words.stream().anyMatch(message::contains);
    }
}
