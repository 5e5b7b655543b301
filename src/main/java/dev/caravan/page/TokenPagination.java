package dev.caravan.page;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Request;
import dev.caravan.page.NextSettings.From;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks with what the page before gave: a token in its body or header, or a field of its last record.
 *
 * <p>Ends when the answer says so, or gives no token. An empty page with a token goes on.
 */
final class TokenPagination implements Pagination {
    private final From from;
    private final String value;
    private final @Nullable TokenPlace place;
    private final More more;

    TokenPagination(NextSettings settings) {
        String text = settings.value();
        if (text == null) {
            throw new IllegalArgumentException("next: 'value' is missing");
        }
        String to = settings.to();
        from = settings.from();
        value = text;
        place = to == null ? null : TokenPlace.parse(to);
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
        if (!more.isPossible(content)) {
            return Optional.empty();
        }
        return token(answer, content)
                .filter(token -> !token.isBlank() && !token.equals("false"))
                .map(token -> asked.next(content.records(), token));
    }

    private Optional<String> token(Answer answer, PageContent content) {
        return switch (from) {
            case HEADER -> answer.headers().first(value);
            case LAST_RECORD -> Optional.ofNullable(content.last().get(value));
            default -> Optional.ofNullable(content.captured().get(value));
        };
    }

    @Override
    public Set<String> captures() {
        return from == From.BODY ? more.captures(value) : more.captures();
    }

    @Override
    public Set<String> lastPaths() {
        return from == From.LAST_RECORD ? Set.of(value) : Set.of();
    }
}
