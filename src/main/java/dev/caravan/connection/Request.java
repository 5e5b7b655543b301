package dev.caravan.connection;

import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request, ready to send. Its text shows no secret that stands under a telling name.
 *
 * @param headers in order; names are unique without regard to case
 * @param body null for none. Shared, not to be changed
 */
public record Request(String method, URI uri, Map<String, String> headers, byte @Nullable [] body) {
    // Written out: javac 17 loses the annotation of an array in a compact constructor.
    public Request(String method, URI uri, Map<String, String> headers, byte @Nullable [] body) {
        LinkedHashMap<String, String> copy = new LinkedHashMap<>();
        headers.forEach((name, value) -> put(copy, name, value));
        this.method = method;
        this.uri = uri;
        this.headers = Collections.unmodifiableMap(copy);
        this.body = body;
    }

    /** Returns this with the header, in place of one of the same name. */
    public Request withHeader(String name, String value) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        put(all, name, value);
        return new Request(method, uri, all, body);
    }

    /** Returns this with the query parameter, in place of all of the same name. Both are encoded here. */
    public Request withQuery(String name, String value) {
        return withUri(Uris.withRawQuery(uri, Uris.withParameter(uri.getRawQuery(), name, value)));
    }

    /** Whether it asks for an answer only if that has changed. */
    public boolean isConditional() {
        return headers.keySet().stream()
                .anyMatch(name -> name.equalsIgnoreCase("If-None-Match") || name.equalsIgnoreCase("If-Modified-Since"));
    }

    public Request withUri(URI other) {
        return new Request(method, other, headers, body);
    }

    public Request withBody(byte @Nullable [] other) {
        return new Request(method, uri, headers, other);
    }

    private static void put(Map<String, String> headers, String name, String value) {
        if (name.isBlank() || !isOneLine(name) || !isOneLine(value)) {
            throw new IllegalArgumentException(
                    "Header '%s' is empty or holds a control character".formatted(isOneLine(name) ? name : "?"));
        }
        headers.keySet().removeIf(name::equalsIgnoreCase);
        headers.put(name, value);
    }

    private static boolean isOneLine(String text) {
        return text.chars().allMatch(each -> each == '\t' || (each >= ' ' && each != 127));
    }

    /** Returns method and address, values of secret-looking parameters masked, headers and body left out. */
    public String redacted() {
        return method + " " + Redaction.BY_NAME.uri(uri);
    }

    @Override
    public String toString() {
        return redacted();
    }
}
