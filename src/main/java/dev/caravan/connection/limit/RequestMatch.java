package dev.caravan.connection.limit;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which requests something is for: {@code {path: [/events, "/lists/*"], method: GET}}.
 *
 * @param path below the connection's url, {@code *} for any text, slashes among it; one must fit. Empty for any
 * @param method null for any
 */
public record RequestMatch(List<String> path, @Nullable String method) {
    /** Fits every request. */
    static final RequestMatch ANY = new RequestMatch(List.of(), null);

    public RequestMatch {
        path = List.copyOf(path);
        for (String each : path) {
            if (!each.startsWith("/") && !each.startsWith("*")) {
                throw new IllegalArgumentException(
                        "match: path '%s' begins with neither / nor *, write /%s".formatted(each, each));
            }
        }
        if (method != null && !method.matches("[A-Z]{3,10}")) {
            throw new IllegalArgumentException("match: method '%s' is none, write GET or POST".formatted(method));
        }
    }

    @JsonCreator
    static RequestMatch of(
            @JsonProperty("path") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    List<String> path,
            @JsonProperty("method") @Nullable String method) {
        if (path == null && method == null) {
            throw new IllegalArgumentException("match: write {path: /events}, {method: POST} or both");
        }
        return new RequestMatch(
                path == null ? List.of() : path, method == null ? null : method.toUpperCase(Locale.ROOT));
    }

    boolean fits(String otherMethod, String otherPath) {
        return (method == null || method.equals(otherMethod))
                && (path.isEmpty() || path.stream().anyMatch(each -> isLike(each, otherPath)));
    }

    private static boolean isLike(String glob, String path) {
        if (glob.indexOf('*') < 0) {
            return glob.equals(path);
        }
        String pattern = Pattern.compile("\\*")
                .splitAsStream(glob + " ")
                .map(Pattern::quote)
                .collect(Collectors.joining(".*"));
        return (path + " ").matches(pattern);
    }
}
