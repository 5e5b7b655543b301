package dev.caravan.page;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.connection.Request;
import dev.caravan.connection.Uris;
import dev.caravan.json.JsonPath;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A token that the vendor gives at the end of a list, to ask for what changed since.
 *
 * @param token where it is in an answer
 * @param take of which page
 * @param to where it goes in requests: {@code query.<name>}, {@code header.<name>}, {@code body.<path>}, or {@code url} if it is
 *     an address itself
 * @param start a request that gives the first one; null if the first run lists everything, and gets it at the end
 * @param full what lists everything, where what lists changes cannot; null if the same requests do without a token
 */
public record SyncSettings(
        JsonPath token,
        Take take,
        String to,
        @Nullable Start start,
        @Nullable Full full) {
    private static final String URL = "url";

    public SyncSettings {
        if (!to.equals(URL)) {
            TokenPlace.parse(to);
        }
    }

    /** Of which page of a list the token is. */
    public enum Take {
        /** The last one. */
        LAST_PAGE,
        /** The first one: what changes while the rest is read is then asked for again. */
        FIRST_PAGE;

        @JsonCreator
        public static Take named(String name) {
            return Arrays.stream(values())
                    .filter(each -> each.yamlName().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("cursor: take '%s' is not one of %s"
                            .formatted(
                                    name,
                                    Arrays.stream(values()).map(Take::yamlName).collect(Collectors.joining(", ")))));
        }

        private String yamlName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * What gives the first token.
     *
     * @param path below the connection's address
     * @param value where the token is in the answer
     */
    public record Start(String path, JsonPath value) {
        @JsonCreator
        public static Start of(
                @JsonProperty("path") @Nullable String path, @JsonProperty("value") @Nullable JsonPath value) {
            if (path == null || path.isBlank() || value == null) {
                throw new IllegalArgumentException(
                        "cursor: start needs 'path' and 'value', such as {path: /profile, value: $.historyId}");
            }
            return new Start(path, value);
        }

        /** Returns the request for it. */
        public RequestSettings request(Map<String, String> headers) {
            return new RequestSettings("GET", path, null, Map.of(), ListStyle.REPEAT, headers, null, null);
        }

        /** Returns the token in an answer, empty if there is none. */
        public Optional<String> in(byte[] answer) {
            return value.textIn(answer).filter(text -> !text.isBlank());
        }
    }

    /**
     * What lists everything.
     *
     * @param request for it
     * @param records where its records are; null for the place where those of the list of changes are
     */
    public record Full(RequestSettings request, @Nullable JsonPath records) {
        @JsonCreator
        public static Full of(
                @JsonProperty("path") @Nullable String path,
                @JsonProperty("method") @Nullable String method,
                @JsonProperty("query") @Nullable Map<String, Object> query,
                @JsonProperty("headers") @Nullable Map<String, String> headers,
                @JsonProperty("body") @Nullable Object body,
                @JsonProperty("records") @Nullable JsonPath records) {
            if (path == null || path.isBlank()) {
                throw new IllegalArgumentException(
                        "cursor: full needs a 'path', such as {path: /messages, records: $.messages}");
            }
            return new Full(RequestSettings.of(method, path, null, query, null, headers, body, null, null), records);
        }
    }

    /** Whether a slice that has no token yet asks for one before anything else. */
    public boolean isStarted() {
        return start != null;
    }

    /**
     * Returns {@code request} with a token. Pages behind the first have addresses of their own where the token is one.
     *
     * @param first whether it asks for the first page
     */
    public Request put(Request request, String value, boolean first) {
        if (to.equals(URL)) {
            return first ? request.withUri(Uris.parse(value)) : request;
        }
        return TokenPlace.parse(to).put(request, value, false);
    }
}
