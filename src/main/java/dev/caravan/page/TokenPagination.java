package dev.caravan.page;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks with what the page before gave: a token in its body or header, or a field of its last record.
 *
 * <p>Ends when the answer says so, or gives no token, or with a page that is not full where the size of a full one is known.
 * An empty page with a token goes on.
 */
final class TokenPagination implements Pagination {
    private final TokenSource source;
    private final @Nullable TokenPlace place;
    private final @Nullable Integer size;
    private final More more;

    TokenPagination(NextSettings settings) {
        String to = settings.to();
        source = TokenSource.of(settings);
        place = to == null ? null : TokenPlace.parse(to);
        size = settings.size();
        more = new More(settings.whilePath());
    }

    @Override
    public Position first() {
        return Position.START;
    }

    @Override
    public Request turn(Request request, Position position) {
        String token = position.token();
        return token == null || place == null ? request : place.put(request, token, false);
    }

    @Override
    public Optional<Position> after(Position asked, Answer answer, PageContent content) {
        boolean last = content.isShort(size) && !more.isTold(content);
        if (last || !more.isPossible(content)) {
            return Optional.empty();
        }
        return source.in(answer, content).map(token -> asked.next(content.records(), token));
    }

    @Override
    public Set<String> captures() {
        return more.captures(source.captured());
    }

    @Override
    public Set<String> lastPaths() {
        return source.lastPaths();
    }
}
