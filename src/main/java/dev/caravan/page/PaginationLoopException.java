package dev.caravan.page;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;

/** The vendor leads back to a page that this slice has read, or sends it again: going on would never end. */
public final class PaginationLoopException extends PullException {
    private PaginationLoopException(String message) {
        super(Remedy.STOP, message);
    }

    static PaginationLoopException ledBack(Position position, int pages) {
        return new PaginationLoopException(
                "After %d pages the vendor leads back to one already read, at page %d, offset %d%s"
                        .formatted(
                                pages,
                                position.number(),
                                position.offset(),
                                position.token() == null ? "" : ", by the same token"));
    }

    static PaginationLoopException sentAgain(Position position, int pages) {
        return new PaginationLoopException(
                ("Page %d, asked for at page %d, offset %d, holds the very records of an earlier one:"
                                + " check in 'next' whether the vendor heeds where it is told to go on")
                        .formatted(pages, position.number(), position.offset()));
    }
}
