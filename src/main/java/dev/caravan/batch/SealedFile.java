package dev.caravan.batch;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A file that is whole and safe on disk, but does not count before a commit names it.
 *
 * @param path where it belongs, relative to the stream's folder (or to {@code data/} for rejects), with '/'
 * @param staged where it lies until it is committed, relative to the same folder
 * @param rows records in it
 * @param bytes its length
 * @param sha256 hash of its bytes, in hexadecimal
 * @param minCursor smallest cursor in it, null if no record has one
 * @param maxCursor greatest cursor in it, null if no record has one
 * @param portion what its rows belong to, where a later pull takes their place; null where none does
 */
public record SealedFile(
        String path,
        String staged,
        long rows,
        long bytes,
        String sha256,
        @Nullable Instant minCursor,
        @Nullable Instant maxCursor,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Portion portion) {
    public SealedFile {
        if (path.isEmpty() || staged.isEmpty() || sha256.length() != 64 || rows < 0 || bytes < 0) {
            throw new IllegalArgumentException("Not a sealed file: path=%s staged=%s rows=%d bytes=%d sha256=%s"
                    .formatted(path, staged, rows, bytes, sha256));
        }
    }

    /** A file of rows that stay. */
    public SealedFile(
            String path,
            String staged,
            long rows,
            long bytes,
            String sha256,
            @Nullable Instant minCursor,
            @Nullable Instant maxCursor) {
        this(path, staged, rows, bytes, sha256, minCursor, maxCursor, null);
    }

    /** Returns the same file, belonging elsewhere. */
    public SealedFile at(String otherPath) {
        return new SealedFile(otherPath, staged, rows, bytes, sha256, minCursor, maxCursor, portion);
    }

    /** Returns the same file, lying elsewhere until it is committed. */
    public SealedFile stagedAt(String place) {
        return new SealedFile(path, place, rows, bytes, sha256, minCursor, maxCursor, portion);
    }

    /** Returns the same file, as rows of a portion. */
    public SealedFile of(Portion part) {
        return new SealedFile(path, staged, rows, bytes, sha256, minCursor, maxCursor, part);
    }
}
