package dev.caravan.page;

import dev.caravan.connection.Answer;
import dev.caravan.connection.Uris;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.page.NextSettings.From;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the token, or the address, of the next page is found.
 *
 * @param value path in the body or in the last record, name of a header, or {@code rel} of a link
 * @param take parameter of the address found there that is the token, null to take all of what is found
 */
record TokenSource(From from, String value, @Nullable String take) {
    static TokenSource of(NextSettings settings) {
        String value = settings.value();
        String take = settings.take();
        return new TokenSource(
                settings.from(),
                value == null ? "next" : value,
                take == null ? null : take.substring("query.".length()));
    }

    /**
     * Returns what the next page is asked with, empty if the answer names none.
     *
     * @throws PullException if it names an address without the parameter to take
     */
    Optional<String> in(Answer answer, PageContent content) {
        Optional<String> found =
                switch (from) {
                    case LINK_HEADER -> LinkHeader.find(answer.headers().all("link"), value);
                    case HEADER -> answer.headers().first(value);
                    case LAST_RECORD -> Optional.ofNullable(content.last().get(value));
                    default -> Optional.ofNullable(content.captured().get(value));
                };
        Optional<String> token = found.filter(each -> !each.isBlank() && !each.equals("false"));
        return take == null ? token : token.map(address -> taken(address, take));
    }

    private static String taken(String address, String name) {
        return Uris.queryValue(address(address), name)
                .filter(each -> !each.isBlank())
                .orElseThrow(() -> new PullException(
                        Remedy.STOP, "The next page's address has no parameter '%s' to take".formatted(name)));
    }

    static URI address(String text) {
        try {
            return Uris.parse(text);
        } catch (IllegalArgumentException e) {
            throw new PullException(Remedy.STOP, "The next page's address cannot be read: " + e.getMessage(), e);
        }
    }

    /** Returns the path in the answer that it looks at, null for none. */
    @Nullable
    String captured() {
        return from == From.BODY || from == From.NEXT_URL ? value : null;
    }

    /** Returns the paths in the last record that it looks at. */
    Set<String> lastPaths() {
        return from == From.LAST_RECORD ? Set.of(value) : Set.of();
    }
}
