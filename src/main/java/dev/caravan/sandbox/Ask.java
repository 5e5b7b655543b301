package dev.caravan.sandbox;

import com.sun.net.httpserver.Headers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A request as the imitated vendor sees it.
 *
 * @param body as text, empty for none
 * @param path begins with a slash, without the vendor's host
 * @param origin what stands for {@code https://host} in addresses that an answer carries
 */
record Ask(String method, String host, String path, Query query, Headers headers, String body, String origin) {
    private static final Pattern SLASH = Pattern.compile("/");

    /** The segments of the path. */
    List<String> segments() {
        return segments(path);
    }

    static List<String> segments(String path) {
        return SLASH.splitAsStream(path).filter(segment -> !segment.isEmpty()).toList();
    }

    /** The fields of a body that is a form. */
    Query form() {
        return Query.parse(body);
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.getFirst(name)).map(String::strip).filter(value -> !value.isEmpty());
    }

    /** The key or token of the Authorization header: after Bearer or token, or the user name of Basic. */
    Optional<String> credential() {
        return header("Authorization").map(Ask::credential);
    }

    private static String credential(String authorization) {
        int space = authorization.indexOf(' ');
        String scheme = space < 0 ? "" : authorization.substring(0, space);
        String rest = authorization.substring(space + 1).strip();
        if (scheme.equalsIgnoreCase("Bearer") || scheme.equalsIgnoreCase("token")) {
            return rest;
        }
        return scheme.equalsIgnoreCase("Basic") ? userName(rest) : "";
    }

    private static String userName(String basic) {
        try {
            String pair = new String(Base64.getDecoder().decode(basic), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return colon < 0 ? pair : pair.substring(0, colon);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
