package dev.caravan.page;

import dev.caravan.connection.Answer;
import dev.caravan.connection.ForeignOriginException;
import dev.caravan.connection.Origins;
import dev.caravan.connection.Request;
import java.util.Optional;
import java.util.Set;

/** Decides which page follows, and how it is asked. Holds no state and does no I/O; safe for any number of threads. */
public interface Pagination {
    /** Returns where a slice begins. */
    Position first();

    /** Returns {@code request}, rendered for {@code position}, with what asks for that page. {@code position} may be resumed. */
    Request turn(Request request, Position position);

    /**
     * Returns the page behind the one that was asked, or empty when it was the last.
     *
     * @throws ForeignOriginException if the next page's address is not the vendor's
     */
    Optional<Position> after(Position asked, Answer answer, PageContent content);

    /**
     * Returns the page that follows {@code asked} if that is a full one, for asking both at once; empty if that cannot be known
     * before it is read.
     *
     * @param lastRead of the page that was read last, which may say how many there are
     */
    default Optional<Position> ahead(Position asked, PageContent lastRead) {
        return Optional.empty();
    }

    /** Whether positions are counted, so that they are those of other rows as soon as rows come or go. */
    default boolean isCounted() {
        return false;
    }

    /** Returns the paths in the answer whose values {@link #after} needs. */
    Set<String> captures();

    /** Returns the paths in the page's last record whose values {@link #after} needs. */
    Set<String> lastPaths();

    /** Returns the pagination that {@code settings} describe, which keeps to {@code origins}. */
    static Pagination of(NextSettings settings, Origins origins) {
        return switch (settings.from()) {
            case NONE -> new SinglePage();
            case LINK_HEADER, NEXT_URL, HEADER, LAST_RECORD, BODY ->
                settings.isAddress() ? new AddressPagination(settings, origins) : new TokenPagination(settings);
            case PAGE_NUMBER, OFFSET -> new CountedPagination(settings);
        };
    }
}
