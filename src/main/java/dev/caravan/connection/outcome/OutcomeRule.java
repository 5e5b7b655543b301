package dev.caravan.connection.outcome;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.connection.Answer;
import dev.caravan.failure.Remedy;
import dev.caravan.json.JsonPath;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * One line of what a vendor's answers mean: every condition that it has must hold.
 *
 * @param status {@code 403} or {@code 4xx}; one of them must fit. Empty for any
 * @param header patterns by header name; each must be found in the header's first value
 * @param body what must be found at a place of the JSON, null for nothing
 * @param bodyContains text that the body must hold, without regard to case; null for none
 * @param then what to do; {@code accept} takes the answer for data
 * @param waiting how long to wait before it, null for the usual delays
 */
public record OutcomeRule(
        List<String> status,
        Map<String, Pattern> header,
        @Nullable BodyMatch body,
        @Nullable String bodyContains,
        Then then,
        @Nullable WaitSettings waiting) {
    private static final Pattern STATUS = Pattern.compile("[1-5](\\d\\d|xx)");

    /**
     * A pattern in a field of the answer.
     *
     * @param path the first value there counts
     * @param matches found in its text; without one, the value need only be there and not be null
     */
    public record BodyMatch(JsonPath path, Pattern matches) {
        @JsonCreator
        static BodyMatch of(
                @JsonProperty("path") @Nullable JsonPath path, @JsonProperty("matches") @Nullable String matches) {
            if (path == null) {
                throw new IllegalArgumentException(
                        "body: path is missing, write {path: $.error.code, matches: \"^17$\"}");
            }
            return new BodyMatch(path, pattern(matches == null ? "" : matches));
        }

        private boolean fits(byte[] document) {
            return path.textIn(document)
                    .map(text -> matches.matcher(text).find())
                    .orElse(false);
        }
    }

    /** What a rule decides. */
    public enum Then {
        ACCEPT(Optional.empty()),
        RETRY(Optional.of(Remedy.RETRY)),
        WAIT_UNTIL(Optional.of(Remedy.WAIT_UNTIL)),
        REFRESH_AUTH(Optional.of(Remedy.REFRESH_AUTH)),
        SKIP_RECORD(Optional.of(Remedy.SKIP_RECORD)),
        SKIP_SLICE(Optional.of(Remedy.SKIP_SLICE)),
        RESTART_SLICE(Optional.of(Remedy.RESTART_SLICE)),
        SPLIT_SLICE(Optional.of(Remedy.SPLIT_SLICE)),
        SHRINK_PAGE(Optional.of(Remedy.SHRINK_PAGE)),
        RESYNC(Optional.of(Remedy.RESYNC)),
        END_OF_DATA(Optional.of(Remedy.END_OF_DATA)),
        STOP(Optional.of(Remedy.STOP));

        private final Optional<Remedy> remedy;

        Then(Optional<Remedy> remedy) {
            this.remedy = remedy;
        }

        @JsonCreator
        public static Then named(String name) {
            for (Then each : values()) {
                if (each.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(name)) {
                    return each;
                }
            }
            throw new IllegalArgumentException(
                    ("Unknown 'then: %s', use one of accept, retry, wait-until, refresh-auth,"
                                    + " skip-record, skip-slice, restart-slice, split-slice, shrink-page, resync,"
                                    + " end-of-data, stop")
                            .formatted(name));
        }

        /** Empty if the answer is data. */
        Optional<Remedy> remedy() {
            return remedy;
        }
    }

    public OutcomeRule {
        status = List.copyOf(status);
        header = Map.copyOf(header);
        for (String each : status) {
            if (!STATUS.matcher(each).matches()) {
                throw new IllegalArgumentException("status: '%s' is not a status, write 403 or 4xx".formatted(each));
            }
        }
        if (status.isEmpty() && header.isEmpty() && body == null && bodyContains == null) {
            throw new IllegalArgumentException(
                    "A rule without status, header, body or body-contains would hold for every answer");
        }
        if (bodyContains != null && bodyContains.isBlank()) {
            throw new IllegalArgumentException("body-contains: '' is in every answer, write some text");
        }
        if (waiting != null && then != Then.RETRY && then != Then.WAIT_UNTIL) {
            throw new IllegalArgumentException("wait is for 'then: retry' and 'then: wait-until' only");
        }
    }

    @JsonCreator
    static OutcomeRule of(
            @JsonProperty("status") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    List<String> status,
            @JsonProperty("header") @Nullable Map<String, String> header,
            @JsonProperty("body") @Nullable BodyMatch body,
            @JsonProperty("body-contains") @Nullable String bodyContains,
            @JsonProperty("then") @Nullable Then then,
            @JsonProperty("wait") @Nullable WaitSettings wait) {
        if (then == null) {
            throw new IllegalArgumentException("A rule says what to do, write then: retry, skip-slice or stop");
        }
        Map<String, Pattern> patterns = new LinkedHashMap<>();
        if (header != null) {
            header.forEach((name, pattern) -> patterns.put(name, pattern(pattern)));
        }
        return new OutcomeRule(status == null ? List.of() : status, patterns, body, bodyContains, then, wait);
    }

    private static Pattern pattern(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "'%s' is not a regular expression: %s".formatted(text, e.getDescription()), e);
        }
    }

    /** Tells whether every condition holds; cheap ones first. */
    boolean fits(Answer answer) {
        return fitsStatus(Integer.toString(answer.status()))
                && fitsHeaders(answer)
                && (bodyContains == null || contains(answer.body(), bodyContains))
                && (body == null || body.fits(answer.body()));
    }

    private boolean fitsStatus(String code) {
        return status.isEmpty() || status.contains(code) || status.contains(code.charAt(0) + "xx");
    }

    private boolean fitsHeaders(Answer answer) {
        return header.entrySet().stream().allMatch(each -> answer.headers()
                .first(each.getKey())
                .map(value -> each.getValue().matcher(value).find())
                .orElse(false));
    }

    private static boolean contains(byte[] body, String text) {
        return new String(body, StandardCharsets.UTF_8)
                .toLowerCase(Locale.ROOT)
                .contains(text.toLowerCase(Locale.ROOT));
    }
}
