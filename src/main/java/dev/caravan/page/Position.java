package dev.caravan.page;

import org.jspecify.annotations.Nullable;

/**
 * Where a slice stands: which page is asked next.
 *
 * @param number the page's number as the vendor counts, at least 0
 * @param offset records before it, at least 0
 * @param token what the vendor gave to ask with: an opaque token, the id of a record, or an address; null for the first page
 *     and for pages that are only counted
 */
public record Position(int number, long offset, @Nullable String token) {
    /** The first page of a vendor that counts from 1. */
    public static final Position START = new Position(1, 0, null);

    public Position {
        if (number < 0 || offset < 0) {
            throw new IllegalArgumentException(
                    "A position is not negative: page %d, offset %d".formatted(number, offset));
        }
    }

    /** Returns the position that {@link #toString} wrote. */
    public static Position parse(String text) {
        int first = text.indexOf(':');
        int second = text.indexOf(':', first + 1);
        try {
            int end = second < 0 ? text.length() : second;
            return new Position(
                    Integer.parseInt(text.substring(0, first)),
                    Long.parseLong(text.substring(first + 1, end)),
                    second < 0 ? null : text.substring(second + 1));
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new IllegalArgumentException(
                    "Not a position: it has the form number:offset or number:offset:token", e);
        }
    }

    Position next(long records, @Nullable String nextToken) {
        return new Position(Math.addExact(number, 1), Math.addExact(offset, records), nextToken);
    }

    /** Returns a text that {@link #parse} reads, for checkpoints: {@code 3:200} or {@code 3:200:token}. */
    @Override
    public String toString() {
        return number + ":" + offset + (token == null ? "" : ":" + token);
    }
}
