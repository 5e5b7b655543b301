package dev.caravan.page;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.json.JsonPath;
import dev.caravan.page.NextSettings.From;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts pages, or records. Ends where the answer says that it ends. One that does not say ends with an empty page, or with a
 * short one where the size of a full one is known.
 */
final class CountedPagination implements Pagination {
    private final boolean pages;
    private final int start;
    private final @Nullable TokenPlace place;
    private final @Nullable Integer size;
    private final int overlap;
    private final @Nullable JsonPath lastPage;
    private final @Nullable JsonPath pageCount;
    private final @Nullable JsonPath total;
    private final More more;

    CountedPagination(NextSettings settings) {
        Integer begin = settings.start();
        String to = settings.to();
        pages = settings.from() == From.PAGE_NUMBER;
        start = begin == null ? (pages ? 1 : 0) : begin;
        place = to == null ? null : TokenPlace.parse(to);
        size = settings.size();
        overlap = settings.overlap() == null ? 0 : settings.overlap();
        lastPage = pages ? settings.stop() : null;
        pageCount = settings.pages();
        total = pages || settings.total() != null ? settings.total() : settings.stop();
        more = new More(settings.whilePath());
    }

    @Override
    public Position first() {
        return pages ? new Position(start, 0, null) : new Position(1, start, null);
    }

    @Override
    public Request turn(Request request, Position position) {
        long count = pages ? position.number() : position.offset();
        return place == null ? request : place.put(request, Long.toString(count), true);
    }

    @Override
    public Optional<Position> after(Position asked, Answer answer, PageContent content) {
        if (!more.isPossible(content)) {
            return Optional.empty();
        }
        boolean empty = content.records() == 0;
        if (empty && !goesOnBehindNothing(content)) {
            return Optional.empty();
        }
        boolean shortPage = content.isShort(size);
        if (shortPage && !more.isTold(content) && !isEndTold(content)) {
            return Optional.empty();
        }
        Position next = empty && size != null && !pages
                ? asked.next(size - overlap, null)
                : asked.next(content.records() - overlap, null);
        return isPastEnd(next, content) ? Optional.empty() : Optional.of(next);
    }

    /** A count of records says nothing about where they are; a flag, or a count of pages, says that another page follows. */
    private boolean goesOnBehindNothing(PageContent content) {
        boolean told = more.isTold(content);
        return pages
                ? told
                        || number(lastPage, content).isPresent()
                        || number(pageCount, content).isPresent()
                : told && size != null;
    }

    private boolean isEndTold(PageContent content) {
        return number(lastPage, content).isPresent()
                || number(pageCount, content).isPresent()
                || number(total, content).isPresent();
    }

    private boolean isPastEnd(Position next, PageContent content) {
        long read = pages ? next.offset() : next.offset() + overlap - start;
        return isBelow(number(lastPage, content), next.number())
                || isBelow(number(pageCount, content), next.number() - start + 1L)
                || isBelow(number(total, content), read + 1);
    }

    private static boolean isBelow(Optional<BigDecimal> end, long wanted) {
        return end.isPresent() && end.get().compareTo(BigDecimal.valueOf(wanted)) < 0;
    }

    private static Optional<BigDecimal> number(@Nullable JsonPath path, PageContent content) {
        String text = path == null ? null : content.captured().get(path.toString());
        try {
            return text == null ? Optional.empty() : Optional.of(new BigDecimal(text.strip()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<Position> ahead(Position asked, PageContent lastRead) {
        if (size == null) {
            return Optional.empty();
        }
        Position next = asked.next(size - overlap, null);
        return isPastEnd(next, lastRead) ? Optional.empty() : Optional.of(next);
    }

    @Override
    public boolean isCounted() {
        return true;
    }

    @Override
    public Set<String> captures() {
        return more.captures(text(lastPage), text(pageCount), text(total));
    }

    private static @Nullable String text(@Nullable JsonPath path) {
        return path == null ? null : path.toString();
    }

    @Override
    public Set<String> lastPaths() {
        return Set.of();
    }
}
