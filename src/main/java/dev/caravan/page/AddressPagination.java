package dev.caravan.page;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Origins;
import dev.caravan.connection.Request;
import dev.caravan.connection.Uris;
import java.util.Optional;
import java.util.Set;

/**
 * Asks the address that the page before named, as it stands: it already holds every parameter, and may lead to another path.
 * The address is checked before it becomes a position, and again when the request is made, so a resumed one is too.
 */
final class AddressPagination implements Pagination {
    private final TokenSource source;
    private final More more;
    private final Origins origins;

    AddressPagination(NextSettings settings, Origins origins) {
        this.source = TokenSource.of(settings);
        this.more = new More(settings.whilePath());
        this.origins = origins;
    }

    @Override
    public Position first() {
        return Position.START;
    }

    @Override
    public Request turn(Request request, Position position) {
        String address = position.token();
        return address == null
                ? request
                : request.withUri(origins.check(Uris.resolve(request.uri(), TokenSource.address(address))));
    }

    @Override
    public Optional<Position> after(Position asked, Answer answer, PageContent content) {
        return more.isPossible(content)
                ? source.in(answer, content).map(each -> asked.next(content.records(), checked(each)))
                : Optional.empty();
    }

    private String checked(String address) {
        origins.checkReference(TokenSource.address(address));
        return address.strip();
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
