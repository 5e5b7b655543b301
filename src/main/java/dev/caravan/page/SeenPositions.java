package dev.caravan.page;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Which pages of one slice were read, so that a circle of any length is noticed, and an API that sends the same page
 * whatever it is asked for.
 *
 * <p>Keeps eight bytes of a hash for each page; that two of a million pages are wrongly taken for one has a chance of one in
 * thirty million. Pages with a token are told apart by it alone: a number that grows does not hide that the token stays.
 * For one thread.
 */
public final class SeenPositions {
    private final Set<Long> seen = new HashSet<>();
    private final Set<Long> contents = new HashSet<>();

    /**
     * Notes that the page at {@code position} was read.
     *
     * @param content a fingerprint of its records, empty if it has none: any number of empty pages may follow each other
     * @throws PaginationLoopException if {@code position} was visited before, or another with the very same records
     */
    public void visit(Position position, OptionalLong content) {
        if (!seen.add(hash(position.identity()))) {
            throw PaginationLoopException.ledBack(position, seen.size());
        }
        if (content.isPresent() && !contents.add(content.getAsLong())) {
            throw PaginationLoopException.sentAgain(position, seen.size());
        }
    }

    private static long hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
