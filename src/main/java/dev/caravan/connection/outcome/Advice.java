package dev.caravan.connection.outcome;

import com.fasterxml.jackson.annotation.JsonCreator;
import dev.caravan.connection.Redaction;
import dev.caravan.json.JsonPath;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a rule says to people about an answer, {@code "the scope {$.needed} is missing"}: a place of the body in braces is
 * what the answer has there.
 *
 * @param text as written
 * @param places of the body that it names
 */
public record Advice(String text, List<JsonPath> places) {
    private static final Pattern PLACE = Pattern.compile("\\{(\\$[^{}]*)}");
    private static final int LONGEST = 500;

    public Advice {
        places = List.copyOf(places);
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is blank or too long, or what is in braces is no path
     */
    @JsonCreator
    public static Advice of(String text) {
        if (text.isBlank() || text.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "say: '%s' is not a text of 1 to %d signs that tells people what to do".formatted(text, LONGEST));
        }
        List<JsonPath> places = new ArrayList<>();
        Matcher found = PLACE.matcher(text);
        while (found.find()) {
            places.add(JsonPath.parse(found.group(1)));
        }
        return new Advice(text, places);
    }

    /** Returns it with what an answer has; {@code nothing} where the answer has nothing. */
    String about(Facts facts, Redaction redaction) {
        return VendorMessage.shown(
                PLACE.matcher(text).replaceAll(place -> Matcher.quoteReplacement(said(place, facts))), redaction);
    }

    private static String said(MatchResult place, Facts facts) {
        List<String> values = facts.body(JsonPath.parse(place.group(1)));
        return values.isEmpty() ? "nothing" : String.join(", ", values);
    }
}
