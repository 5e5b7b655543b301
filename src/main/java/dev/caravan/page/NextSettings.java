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
 * @param to where it goes: {@code query.<name>}, {@code header.<name>}, {@code body.<path>}, {@code path} for one more segment
 *     of the path, or {@code url} in its place; null if the request says it itself by {@code ${page.…}}
 * @param whilePath path in the body of what says that more follows; null to go on as long as there is a token or records
 * @param size records in a full page, so that a shorter one is the last unless the answer says otherwise; null if unknown
 * @param start number of the first page, or its offset; default is 1 for pages and 0 for offsets
 * @param overlap rows of the page before that every page repeats, so that it is noticed when rows move; null for none
 * @param stop path in the body of the number of the last page, or for offsets of the count of all records; null for none
 * @param total path in the body of the count of all records; null for none
 * @param pages path in the body of the count of all pages; null for none
 * @param take {@code query.<name>}: the parameter of the address found that is the token; null to take all of it
 * @param parallel pages that are asked for at once, where they can be told before the one in front of them is read; default 1
 * @param ahead whether a page is asked for as soon as the one in front of it is read, while its records are taken in; default
 *     is true. It may then be asked for again by a later run, which not every API bears
 */
public record NextSettings(
        From from,
        @Nullable String value,
        @Nullable String to,
        @Nullable JsonPath whilePath,
        @Nullable Integer size,
        @Nullable Integer start,
        @Nullable Integer overlap,
        @Nullable JsonPath stop,
        @Nullable JsonPath total,
        @Nullable JsonPath pages,
        @Nullable String take,
        int parallel,
        boolean ahead) {
    private static final int MOST_PARALLEL = 16;
    private static final Set<From> TOKENS = Set.of(From.HEADER, From.LAST_RECORD, From.BODY);
    private static final Set<From> COUNTED = Set.of(From.PAGE_NUMBER, From.OFFSET);

    /** There is only one page. */
    public static final NextSettings NONE =
            new NextSettings(From.NONE, null, null, null, null, null, null, null, null, null, null, 1, true);

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

        /** Whether the next page has an address of its own. */
        public boolean isAddress() {
            return this == LINK_HEADER || this == NEXT_URL;
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
        if (to != null && take == null && !TOKENS.contains(from) && !COUNTED.contains(from)) {
            throw new IllegalArgumentException(
                    "next: 'to' is not for 'from: %s', which replaces the address".formatted(from.yamlName()));
        }
        checkPlace(from, to);
        checkTake(from, to, take);
        if (!COUNTED.contains(from) && (start != null || stop != null || total != null)) {
            throw new IllegalArgumentException("next: 'start', 'stop' and 'total' are for page-number and offset only");
        }
        if (pages != null && from != From.PAGE_NUMBER) {
            throw new IllegalArgumentException("next: 'pages' is for page-number only");
        }
        if (total != null && stop != null && from == From.OFFSET) {
            throw new IllegalArgumentException("next: 'stop' and 'total' of an offset are the same, leave one out");
        }
        if (parallel < 1 || parallel > MOST_PARALLEL) {
            throw new IllegalArgumentException(
                    "next: parallel=%d is not between 1 and %d".formatted(parallel, MOST_PARALLEL));
        }
        if (parallel > 1 && (!COUNTED.contains(from) || size == null)) {
            throw new IllegalArgumentException(
                    "next: 'parallel' is for page-number and offset with the 'size' of a full page, other pages cannot be"
                            + " told before the one in front of them is read");
        }
        if (size != null && size < 1) {
            throw new IllegalArgumentException("next: size=%d is not at least 1".formatted(size));
        }
        if (size != null && !COUNTED.contains(from) && from != From.LAST_RECORD) {
            throw new IllegalArgumentException("next: 'size' is for page-number, offset and last-record only");
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

    private static void checkPlace(From from, @Nullable String to) {
        if (to == null) {
            return;
        }
        if (to.equals("url")) {
            if (COUNTED.contains(from)) {
                throw new IllegalArgumentException(
                        "next: 'to: url' is not for 'from: %s', a number is no address".formatted(from.yamlName()));
            }
            return;
        }
        TokenPlace.parse(to);
    }

    private static void checkTake(From from, @Nullable String to, @Nullable String take) {
        if (take == null) {
            return;
        }
        boolean address = from == From.LINK_HEADER || from == From.HEADER || from == From.BODY || from == From.NEXT_URL;
        if (!take.matches("query\\..+") || !address) {
            throw new IllegalArgumentException(
                    ("next: 'take: %s' is not query.<name>, a parameter of the address that body, header, link-header or"
                                    + " next-url give")
                            .formatted(take));
        }
        if ("url".equals(to)) {
            throw new IllegalArgumentException("next: 'take' makes a token of an address, 'to: url' needs all of it");
        }
    }

    /** Whether what is found is an address that replaces that of the request. */
    boolean isAddress() {
        return "url".equals(to) || (take == null && (from == From.LINK_HEADER || from == From.NEXT_URL));
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
            @JsonProperty("stop") @Nullable JsonPath stop,
            @JsonProperty("total") @Nullable JsonPath total,
            @JsonProperty("pages") @Nullable JsonPath pages,
            @JsonProperty("take") @Nullable String take,
            @JsonProperty("parallel") @Nullable Integer parallel,
            @JsonProperty("ahead") @Nullable Boolean ahead) {
        return new NextSettings(
                from == null ? From.NONE : from,
                value,
                to,
                whilePath,
                size,
                start,
                overlap,
                stop,
                total,
                pages,
                take,
                parallel == null ? 1 : parallel,
                ahead == null || ahead);
    }

    /** Fingerprints of what streams ask are made of this text, so a setting that came later shows only where it is given. */
    @Override
    public String toString() {
        return "NextSettings[from=%s, value=%s, to=%s, whilePath=%s, size=%s, start=%s, stop=%s%s%s%s%s]"
                .formatted(
                        from,
                        value,
                        to,
                        whilePath,
                        size,
                        start,
                        stop,
                        given("overlap", overlap),
                        given("total", total),
                        given("pages", pages),
                        given("take", take));
    }

    private static String given(String name, @Nullable Object value) {
        return value == null ? "" : ", %s=%s".formatted(name, value);
    }
}
