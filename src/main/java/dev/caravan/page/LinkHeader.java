package dev.caravan.page;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code Link} headers by RFC 8288: addresses may hold commas and semicolons, parameters may be quoted. */
final class LinkHeader {
    private static final Pattern LINK = Pattern.compile(
            "\\G[\\s,]*<([^>]*)>((?:\\s*;\\s*[^\\s=;,]+(?:\\s*=\\s*(?:\"(?:[^\"\\\\]|\\\\.)*\"|[^\\s;,\"]*))?)*)\\s*(?=,|$)");
    private static final Pattern PARAMETER =
            Pattern.compile(";\\s*([^\\s=;,]+)(?:\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s;,\"]*)))?");

    private LinkHeader() {}

    /** Returns the address of the first link that has the relation {@code rel}. */
    static Optional<String> find(List<String> headers, String rel) {
        for (String header : headers) {
            Matcher link = LINK.matcher(header);
            while (link.find()) {
                if (relations(link.group(2)).contains(rel.toLowerCase(Locale.ROOT))) {
                    return Optional.of(link.group(1).strip());
                }
            }
        }
        return Optional.empty();
    }

    private static List<String> relations(String parameters) {
        Matcher parameter = PARAMETER.matcher(parameters);
        while (parameter.find()) {
            if (parameter.group(1).equalsIgnoreCase("rel")) {
                String value = parameter.group(2) == null ? parameter.group(3) : parameter.group(2);
                return value == null
                        ? List.of()
                        : List.of(value.toLowerCase(Locale.ROOT).split("\\s+"));
            }
        }
        return List.of();
    }
}
