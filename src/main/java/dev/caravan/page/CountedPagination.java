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
 * Counts pages, or records. Ends with an empty page, a short one where the size of a full one is known, or where the answer
 * says that it ends.
 */
final class CountedPagination implements Pagination {
    private final boolean pages;
    private final int start;
    private final @Nullable TokenPlace place;
    private final @Nullable Integer size;
    private final int overlap;
    private final @Nullable JsonPath stop;
    private final More more;

    CountedPagination(NextSettings settings) {
        Integer begin = settings.start();
        String to = settings.to();
        pages = settings.from() == From.PAGE_NUMBER;
        start = begin == null ? (pages ? 1 : 0) : begin;
        place = to == null ? null : TokenPlace.parse(to);
        size = settings.size();
        overlap = settings.overlap() == null ? 0 : settings.overlap();
        stop = settings.stop();
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
        boolean shortPage = size != null && content.records() < size;
        if (content.records() == 0 || shortPage) {
            return Optional.empty();
        }
        Position next = asked.next(content.records() - overlap, null);
        if (!more.isPossible(content) || isPastStop(next, content)) {
            return Optional.empty();
        }
        return Optional.of(next);
    }

    private boolean isPastStop(Position next, PageContent content) {
        String text = stop == null ? null : content.captured().get(stop.toString());
        if (text == null) {
            return false;
        }
        try {
            BigDecimal end = new BigDecimal(text);
            return pages
                    ? end.compareTo(BigDecimal.valueOf(next.number())) < 0
                    : end.compareTo(BigDecimal.valueOf(next.offset() + overlap - start)) <= 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    @Override
    public boolean isCounted() {
        return true;
    }

    @Override
    public Set<String> captures() {
        return more.captures(stop == null ? null : stop.toString());
    }

    @Override
    public Set<String> lastPaths() {
        return Set.of();
    }
}
