package dev.caravan.page;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a stream asks. Every text may hold expressions, see {@link Template}; a parameter, header or member of a body whose
 * expression has no value is left out.
 *
 * @param method default is GET, or POST with a body
 * @param path appended to the connection's address, or to {@code url}
 * @param url another address for this stream, null for the connection's
 * @param query parameters in order; a list repeats the name
 * @param body a map or list becomes JSON, a text is sent as it is; null for none
 */
public record RequestSettings(
        String method,
        String path,
        @Nullable String url,
        Map<String, Object> query,
        Map<String, String> headers,
        @Nullable Object body) {
    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "PATCH", "HEAD");

    public RequestSettings {
        query = Collections.unmodifiableMap(new LinkedHashMap<>(query));
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
        if (!METHODS.contains(method)) {
            throw new IllegalArgumentException(
                    "method: '%s' is not one of GET, POST, PUT, PATCH, HEAD".formatted(method));
        }
        if (path.indexOf('?') >= 0 || path.indexOf('#') >= 0) {
            throw new IllegalArgumentException(
                    "path: '%s' holds a query, write its parameters under query".formatted(path));
        }
        if (body != null && (method.equals("GET") || method.equals("HEAD"))) {
            throw new IllegalArgumentException("method: %s has no body, write method: POST".formatted(method));
        }
    }

    @JsonCreator
    public static RequestSettings of(
            @JsonProperty("method") @Nullable String method,
            @JsonProperty("path") @Nullable String path,
            @JsonProperty("url") @Nullable String url,
            @JsonProperty("query") @Nullable Map<String, Object> query,
            @JsonProperty("headers") @Nullable Map<String, String> headers,
            @JsonProperty("body") @Nullable Object body) {
        String usual = body == null ? "GET" : "POST";
        return new RequestSettings(
                method == null ? usual : method.toUpperCase(Locale.ROOT),
                path == null ? "" : path,
                url,
                query == null ? Map.of() : query,
                headers == null ? Map.of() : headers,
                body);
    }
}
