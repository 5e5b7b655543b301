package dev.caravan.page;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;

/** The vendor leads back to a page that this slice has seen: going on would never end. */
public final class PaginationLoopException extends PullException {
    PaginationLoopException(Position position, int pages) {
        super(
                Remedy.STOP,
                "After %d pages the vendor leads back to one already read, at page %d, offset %d%s"
                        .formatted(
                                pages,
                                position.number(),
                                position.offset(),
                                position.token() == null ? "" : ", by the same token"));
    }
}
