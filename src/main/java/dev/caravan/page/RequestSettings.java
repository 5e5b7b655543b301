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
 * @param url another address for this request, null for the connection's
 * @param query parameters in order
 * @param lists how lists in {@code query} and {@code form} are written
 * @param body a map or list becomes JSON, a text is sent as it is; null for none
 * @param form parameters that travel in the body; null for none
 */
public record RequestSettings(
        String method,
        String path,
        @Nullable String url,
        Map<String, Object> query,
        ListStyle lists,
        Map<String, String> headers,
        @Nullable Object body,
        @Nullable Map<String, Object> form) {
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
        if (body != null && form != null) {
            throw new IllegalArgumentException("form: a request has one body, leave out 'body' (body: ~) or 'form'");
        }
        if ((body != null || form != null) && (method.equals("GET") || method.equals("HEAD"))) {
            throw new IllegalArgumentException("method: %s has no body, write method: POST".formatted(method));
        }
    }

    /** Takes a setting that is null for its default. */
    @JsonCreator
    public static RequestSettings of(
            @JsonProperty("method") @Nullable String method,
            @JsonProperty("path") @Nullable String path,
            @JsonProperty("url") @Nullable String url,
            @JsonProperty("query") @Nullable Map<String, Object> query,
            @JsonProperty("query-lists") @Nullable ListStyle lists,
            @JsonProperty("headers") @Nullable Map<String, String> headers,
            @JsonProperty("body") @Nullable Object body,
            @JsonProperty("form") @Nullable Map<String, Object> form,
            @JsonProperty("graphql") @Nullable GraphQlSettings graphql) {
        if (graphql != null && (body != null || form != null)) {
            throw new IllegalArgumentException(
                    "graphql: a request has one body, leave out 'body' (body: ~), 'form' or 'graphql'");
        }
        Object content = graphql == null ? body : graphql.body();
        String usual = content == null && form == null ? "GET" : "POST";
        return new RequestSettings(
                method == null ? usual : method.toUpperCase(Locale.ROOT),
                path == null ? "" : path,
                url,
                query == null ? Map.of() : query,
                lists == null ? ListStyle.REPEAT : lists,
                headers == null ? Map.of() : headers,
                content,
                form);
    }
}
