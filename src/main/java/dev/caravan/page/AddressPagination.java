package dev.caravan.page;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Origins;
import dev.caravan.connection.Request;
import dev.caravan.connection.Uris;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.page.NextSettings.From;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks the address that the page before named, as it stands: it already holds every parameter, and may lead to another path.
 * The address is checked before it becomes a position, and again when the request is made, so a resumed one is too.
 */
final class AddressPagination implements Pagination {
    private final @Nullable String path;
    private final String rel;
    private final More more;
    private final Origins origins;

    AddressPagination(NextSettings settings, Origins origins) {
        String value = settings.value();
        this.path = settings.from() == From.NEXT_URL ? value : null;
        this.rel = value == null ? "next" : value;
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
        return address == null ? request : request.withUri(origins.check(Uris.resolve(request.uri(), read(address))));
    }

    @Override
    public Optional<Position> after(Position asked, Answer answer, PageContent content) {
        if (!more.isPossible(content)) {
            return Optional.empty();
        }
        Optional<String> address = path == null
                ? LinkHeader.find(answer.headers().all("link"), rel)
                : Optional.ofNullable(content.captured().get(path));
        return address.filter(each -> !each.isBlank() && !each.equals("false"))
                .map(each -> asked.next(content.records(), checked(each)));
    }

    private String checked(String address) {
        origins.checkReference(read(address));
        return address.strip();
    }

    private static URI read(String address) {
        try {
            return Uris.parse(address);
        } catch (IllegalArgumentException e) {
            throw new PullException(Remedy.STOP, "The next page's address cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public Set<String> captures() {
        return more.captures(path);
    }

    @Override
    public Set<String> lastPaths() {
        return Set.of();
    }
}
