package dev.caravan.connection.auth;

import dev.caravan.connection.Answer;
import dev.caravan.json.JsonPath;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where in the answer of a token request something is: {@code $.access_token}, {@code header.X-Auth}, {@code cookie.sid}, or
 * {@code cookie.*} for all cookies as a request sends them.
 *
 * @param path null unless it is in the body
 * @param header null unless it is a header
 * @param cookie null unless it is a cookie
 */
record AnswerPlace(
        @Nullable JsonPath path,
        @Nullable String header,
        @Nullable String cookie) {
    static AnswerPlace parse(String text) {
        if (text.startsWith("header.") && text.length() > 7) {
            return new AnswerPlace(null, text.substring(7), null);
        }
        if (text.startsWith("cookie.") && text.length() > 7) {
            return new AnswerPlace(null, null, text.substring(7));
        }
        return new AnswerPlace(JsonPath.parse(text.startsWith("body.") ? text.substring(5) : text), null, null);
    }

    /** Returns what is there; empty if nothing is, or a blank text. */
    Optional<String> in(Answer answer) {
        Optional<String> found = path != null
                ? path.textIn(answer.body())
                : header != null ? answer.headers().first(header) : cookie(answer);
        return found.map(String::strip).filter(each -> !each.isEmpty() && !each.equals("null"));
    }

    private Optional<String> cookie(Answer answer) {
        var pairs = answer.headers().all("Set-Cookie").stream()
                .map(each -> each.split(";", 2)[0].strip())
                .filter(each -> each.indexOf('=') > 0)
                .toList();
        if ("*".equals(cookie)) {
            return Optional.of(pairs.stream().collect(Collectors.joining("; ")));
        }
        return pairs.stream()
                .filter(each -> each.startsWith(cookie + "="))
                .map(each -> each.substring(each.indexOf('=') + 1))
                .findFirst();
    }

    @Override
    public String toString() {
        return path != null ? path.toString() : header != null ? "header." + header : "cookie." + cookie;
    }
}
