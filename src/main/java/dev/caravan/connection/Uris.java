package dev.caravan.connection;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads and writes addresses: a little more forgiving than {@link URI}, because vendors are. */
public final class Uris {
    private static final String PLAIN_IN_PATH = "-._~!$'()*,;:@";
    private static final String ALLOWED = "-._~:/?#[]@!$&'()*+,;=%";

    private Uris() {}

    /**
     * Reads an address, encoding what may not stand there as it is, such as blanks, {@code |} or letters outside ASCII.
     *
     * @throws IllegalArgumentException if it still is none; the message does not repeat it
     */
    public static URI parse(String text) {
        StringBuilder encoded = new StringBuilder();
        boolean inQuery = false;
        for (byte each : text.strip().getBytes(StandardCharsets.UTF_8)) {
            char sign = (char) (each & 0xff);
            boolean bracket = (sign == '[' || sign == ']') && inQuery;
            if (sign < ' ' || sign == 127) {
                throw new IllegalArgumentException("An address holds a control character");
            }
            if (!bracket && (isLetterOrDigit(sign) || ALLOWED.indexOf(sign) >= 0)) {
                encoded.append(sign);
            } else {
                encoded.append("%%%02X".formatted((int) sign));
            }
            inQuery |= sign == '?';
        }
        try {
            return new URI(encoded.toString());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "Not an address: %s at character %d".formatted(e.getReason(), e.getIndex()));
        }
    }

    /** Returns {@code reference} as seen from {@code base}, by RFC 3986, without a fragment. */
    public static URI resolve(URI base, URI reference) {
        // URI.resolve drops the last part of the path for "?page=2".
        boolean onlyQuery = reference.getScheme() == null
                && reference.getRawAuthority() == null
                && reference.getRawPath().isEmpty()
                && reference.getRawQuery() != null;
        URI resolved = onlyQuery ? withRawQuery(base, reference.getRawQuery()) : base.resolve(reference);
        return withRawQuery(resolved, resolved.getRawQuery());
    }

    /** Returns {@code uri} with another query, already encoded, and without a fragment. */
    public static URI withRawQuery(URI uri, @Nullable String query) {
        String text = uri.toString();
        int end = text.indexOf('#') < 0 ? text.length() : text.indexOf('#');
        int mark = text.indexOf('?');
        String before = text.substring(0, mark >= 0 && mark < end ? mark : end);
        return URI.create(query == null || query.isEmpty() ? before : before + "?" + query);
    }

    /** Returns an encoded query or form with a parameter in place of all of the same name. */
    public static String withParameter(@Nullable String encoded, String name, String value) {
        return Stream.concat(
                        Stream.ofNullable(encoded)
                                .flatMap(all -> Arrays.stream(all.split("&")))
                                .filter(each ->
                                        !each.isEmpty() && !queryName(each).equals(name)),
                        Stream.of(encodeQuery(name) + "=" + encodeQuery(value)))
                .collect(Collectors.joining("&"));
    }

    /** Returns the decoded value of the first parameter of that name. */
    public static Optional<String> queryValue(URI uri, String name) {
        return Stream.ofNullable(uri.getRawQuery())
                .flatMap(all -> Arrays.stream(all.split("&")))
                .filter(each -> queryName(each).equals(name))
                .findFirst()
                .map(each -> each.indexOf('=') < 0 ? "" : decoded(each.substring(each.indexOf('=') + 1)));
    }

    /** Returns {@code uri} with one more segment at the end of its path. */
    public static URI withSegment(URI uri, String segment) {
        URI path = withRawQuery(uri, null);
        String slash = path.toString().endsWith("/") ? "" : "/";
        return withRawQuery(URI.create(path + slash + encodeSegment(segment)), uri.getRawQuery());
    }

    /** Encodes a name or a value of a query; a blank becomes {@code %20}, which every server takes. */
    public static String encodeQuery(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Encodes one segment of a path: a slash in it is content. */
    public static String encodeSegment(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            char sign = (char) (each & 0xff);
            if (isLetterOrDigit(sign) || PLAIN_IN_PATH.indexOf(sign) >= 0) {
                encoded.append(sign);
            } else {
                encoded.append("%%%02X".formatted((int) sign));
            }
        }
        return encoded.toString();
    }

    /** Returns the decoded name of a raw {@code name=value}. */
    static String queryName(String parameter) {
        String raw = parameter.substring(0, parameter.indexOf('=') < 0 ? parameter.length() : parameter.indexOf('='));
        return decoded(raw);
    }

    private static String decoded(String raw) {
        try {
            return URLDecoder.decode(raw, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return raw;
        }
    }

    private static boolean isLetterOrDigit(char sign) {
        return (sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z') || (sign >= '0' && sign <= '9');
    }
}
