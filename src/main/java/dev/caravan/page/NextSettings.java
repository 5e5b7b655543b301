package dev.caravan.page;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.json.JsonPath;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a stream finds its next page.
 *
 * @param from default is none: the first page is all
 * @param value path of the token in the body or in the last record, name of a header, or the link's {@code rel}
 * @param to where it goes: {@code query.<name>}, {@code header.<name>} or {@code body.<path>}; null if the request says it
 *     itself by {@code ${page.…}}
 * @param whilePath path in the body of what says that more follows; null to go on as long as there is a token or records
 * @param size records in a full page, so that a shorter one is the last; null if unknown
 * @param start number of the first page, or its offset; default is 1 for pages and 0 for offsets
 * @param overlap rows of the page before that every page repeats, so that it is noticed when rows move; null for none
 * @param stop path in the body of the number of the last page, or for offsets of the count of all records; null for none
 */
public record NextSettings(
        From from,
        @Nullable String value,
        @Nullable String to,
        @Nullable JsonPath whilePath,
        @Nullable Integer size,
        @Nullable Integer start,
        @Nullable Integer overlap,
        @Nullable JsonPath stop) {
    private static final Set<From> TOKENS = Set.of(From.HEADER, From.LAST_RECORD, From.BODY);
    private static final Set<From> COUNTED = Set.of(From.PAGE_NUMBER, From.OFFSET);

    /** There is only one page. */
    public static final NextSettings NONE = new NextSettings(From.NONE, null, null, null, null, null, null, null);

    /** Where the next page is named. */
    public enum From {
        NONE,
        LINK_HEADER,
        HEADER,
        LAST_RECORD,
        BODY,
        NEXT_URL,
        PAGE_NUMBER,
        OFFSET;

        @JsonCreator
        public static From named(String name) {
            for (From from : values()) {
                if (from.yamlName().equals(name)) {
                    return from;
                }
            }
            throw new IllegalArgumentException("Unknown 'from: %s', use one of %s"
                    .formatted(name, Arrays.stream(values()).map(From::yamlName).collect(Collectors.joining(", "))));
        }

        String yamlName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public NextSettings {
        boolean named = TOKENS.contains(from) || from == From.NEXT_URL;
        if (named && (value == null || value.isBlank())) {
            throw new IllegalArgumentException(
                    "next: 'from: %s' needs 'value', the %s of the next page's token or address"
                            .formatted(from.yamlName(), from == From.HEADER ? "header" : "path"));
        }
        if (!named && from != From.LINK_HEADER && value != null) {
            throw new IllegalArgumentException("next: 'value' is not for 'from: %s'".formatted(from.yamlName()));
        }
        if (value != null && named && from != From.HEADER) {
            JsonPath.parse(value);
        }
        if (to != null && !TOKENS.contains(from) && !COUNTED.contains(from)) {
            throw new IllegalArgumentException(
                    "next: 'to' is not for 'from: %s', which replaces the address".formatted(from.yamlName()));
        }
        if (to != null) {
            TokenPlace.parse(to);
        }
        if (!COUNTED.contains(from) && (start != null || stop != null)) {
            throw new IllegalArgumentException("next: 'start' and 'stop' are for page-number and offset only");
        }
        if (size != null && size < 1) {
            throw new IllegalArgumentException("next: size=%d is not at least 1".formatted(size));
        }
        if (size != null && !COUNTED.contains(from)) {
            throw new IllegalArgumentException("next: 'size' is for page-number and offset only");
        }
        if (start != null && start < 0) {
            throw new IllegalArgumentException("next: start=%d is negative".formatted(start));
        }
        if (overlap != null && from != From.OFFSET) {
            throw new IllegalArgumentException(
                    "next: 'overlap' is for offset only, other pages do not begin where one likes");
        }
        if (overlap != null && (size == null || overlap < 1 || overlap >= size)) {
            throw new IllegalArgumentException(
                    "next: overlap=%d is not between 1 and 'size', the records of a full page, which is %s"
                            .formatted(overlap, size == null ? "not given" : size.toString()));
        }
    }

    @JsonCreator
    static NextSettings of(
            @JsonProperty("from") @Nullable From from,
            @JsonProperty("value") @Nullable String value,
            @JsonProperty("to") @Nullable String to,
            @JsonProperty("while") @Nullable JsonPath whilePath,
            @JsonProperty("size") @Nullable Integer size,
            @JsonProperty("start") @Nullable Integer start,
            @JsonProperty("overlap") @Nullable Integer overlap,
            @JsonProperty("stop") @Nullable JsonPath stop) {
        return new NextSettings(from == null ? From.NONE : from, value, to, whilePath, size, start, overlap, stop);
    }

    /** Fingerprints of what streams ask are made of this text, so a setting that came later shows only where it is given. */
    @Override
    public String toString() {
        return "NextSettings[from=%s, value=%s, to=%s, whilePath=%s, size=%s, start=%s, stop=%s%s]"
                .formatted(
                        from, value, to, whilePath, size, start, stop, overlap == null ? "" : ", overlap=" + overlap);
    }
}
