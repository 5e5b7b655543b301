package dev.caravan.connection.outcome;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.failure.Remedy;
import dev.caravan.json.JsonPath;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One line of what a vendor's answers mean: every condition that it has must hold.
 *
 * @param status {@code 403} or {@code 4xx}; one of them must fit. Empty for any
 * @param header what headers must be, by name; the first value of a name counts
 * @param body what must be at places of the JSON, by path
 * @param bodyContains text that the body must hold, without regard to case; null for none
 * @param then what to do; {@code accept} takes the answer for data
 * @param waiting how long to wait before it, null for the usual delays
 * @param say what people are told beside what the vendor says, null for nothing
 */
public record OutcomeRule(
        List<String> status,
        Map<String, ValueMatch> header,
        Map<JsonPath, ValueMatch> body,
        @Nullable String bodyContains,
        Then then,
        @Nullable WaitSettings waiting,
        @Nullable Advice say) {
    private static final Pattern STATUS = Pattern.compile("[1-5](\\d\\d|xx)");

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
        header = Collections.unmodifiableMap(new LinkedHashMap<>(header));
        body = Collections.unmodifiableMap(new LinkedHashMap<>(body));
        for (String each : status) {
            if (!STATUS.matcher(each).matches()) {
                throw new IllegalArgumentException("status: '%s' is not a status, write 403 or 4xx".formatted(each));
            }
        }
        if (status.isEmpty() && header.isEmpty() && body.isEmpty() && bodyContains == null) {
            throw new IllegalArgumentException(
                    "A rule without status, header, body or body-contains would hold for every answer");
        }
        if (bodyContains != null && bodyContains.isBlank()) {
            throw new IllegalArgumentException("body-contains: '' is in every answer, write some text");
        }
        if (say != null && then == Then.ACCEPT) {
            throw new IllegalArgumentException("say is about what goes wrong, it does not go with 'then: accept'");
        }
        if (waiting != null && then != Then.RETRY && then != Then.WAIT_UNTIL) {
            throw new IllegalArgumentException("wait is for 'then: retry' and 'then: wait-until' only");
        }
    }

    @JsonCreator
    static OutcomeRule of(
            @JsonProperty("status") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    List<String> status,
            @JsonProperty("header") @Nullable Map<String, JsonNode> header,
            @JsonProperty("body") @Nullable Map<String, JsonNode> body,
            @JsonProperty("body-contains") @Nullable String bodyContains,
            @JsonProperty("then") @Nullable Then then,
            @JsonProperty("wait") @Nullable WaitSettings wait,
            @JsonProperty("say") @Nullable Advice say) {
        if (then == null) {
            throw new IllegalArgumentException("A rule says what to do, write then: retry, skip-slice or stop");
        }
        Map<String, ValueMatch> headers = new LinkedHashMap<>();
        if (header != null) {
            header.forEach((name, match) -> headers.put(name, condition("header " + name, match)));
        }
        Map<JsonPath, ValueMatch> places = new LinkedHashMap<>();
        if (body != null) {
            if (body.containsKey("path")) {
                throw new IllegalArgumentException(
                        "body: write the path as the name, {$.error.code: [4, 17]} or {$.error.code: {matches: \"^17\"}}");
            }
            body.forEach((path, match) -> places.put(JsonPath.parse(path), condition("body " + path, match)));
        }
        return new OutcomeRule(status == null ? List.of() : status, headers, places, bodyContains, then, wait, say);
    }

    private static ValueMatch condition(String of, JsonNode match) {
        try {
            return ValueMatch.of(match);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s: %s".formatted(of, e.getMessage()), e);
        }
    }

    /** Returns the places of the body that the rule asks about. */
    Stream<JsonPath> paths() {
        JsonPath wait = waiting == null ? null : waiting.body();
        Stream<JsonPath> said = say == null ? Stream.empty() : say.places().stream();
        return Stream.of(body.keySet().stream(), Stream.ofNullable(wait), said).flatMap(each -> each);
    }

    /** Tells whether every condition holds; cheap ones first. */
    boolean fits(Facts facts) {
        return fitsStatus(Integer.toString(facts.answer().status()))
                && header.entrySet().stream().allMatch(each -> each.getValue()
                        .fits(facts.answer().headers().first(each.getKey()).stream()
                                .toList()))
                && (bodyContains == null || facts.bodyContains(bodyContains))
                && body.entrySet().stream().allMatch(each -> each.getValue().fits(facts.body(each.getKey())));
    }

    private boolean fitsStatus(String code) {
        return status.isEmpty() || status.contains(code) || status.contains(code.charAt(0) + "xx");
    }
}
