package dev.caravan.page;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import java.util.Optional;
import java.util.Set;

/** Nothing follows the first page. */
record SinglePage() implements Pagination {
    @Override
    public Position first() {
        return Position.START;
    }

    @Override
    public Request turn(Request request, Position position) {
        return request;
    }

    @Override
    public Optional<Position> after(Position asked, Answer answer, PageContent content) {
        return Optional.empty();
    }

    @Override
    public Set<String> captures() {
        return Set.of();
    }

    @Override
    public Set<String> lastPaths() {
        return Set.of();
    }
}
