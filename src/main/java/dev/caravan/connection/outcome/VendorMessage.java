package dev.caravan.connection.outcome;

import dev.caravan.connection.Redaction;
import dev.caravan.json.JsonPath;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a vendor says about an error, fit for logs: one line, short, without secrets. */
public final class VendorMessage {
    private static final int LONGEST = 300;

    /** Far more than is shown, so that a secret is masked before it is cut in two. */
    private static final int MOST_READ = 4_000;

    private static final List<JsonPath> USUAL_PLACES = List.of(
                    "$.error.message",
                    "$.error_description",
                    "$.message",
                    "$.errors[0].message",
                    "$.errors[0].detail",
                    "$.reason",
                    "$.detail",
                    "$.error",
                    "$.errors")
            .stream()
            .map(JsonPath::parse)
            .toList();

    /** Amazon's errors, and those of everybody who speaks its language. */
    private static final Pattern XML_CODE = Pattern.compile("<Code>([^<]{1,100})</Code>");

    private static final Pattern XML_MESSAGE = Pattern.compile("<Message>([^<]{1,1000})</Message>");

    private VendorMessage() {}

    /** Returns what {@code body} says went wrong, or else its beginning. */
    public static String in(byte[] body, Redaction redaction) {
        String text = USUAL_PLACES.stream()
                .map(place -> place.textIn(body))
                .flatMap(Optional::stream)
                .filter(each -> !each.isBlank())
                .findFirst()
                .orElseGet(() -> inText(
                        new String(Arrays.copyOf(body, Math.min(body.length, MOST_READ)), StandardCharsets.UTF_8)));
        return shown(text, redaction);
    }

    private static String inText(String text) {
        Matcher message = XML_MESSAGE.matcher(text);
        Matcher code = XML_CODE.matcher(text);
        return message.find() && code.find() ? "%s (%s)".formatted(message.group(1), code.group(1)) : text;
    }

    /** Returns {@code text} as it may be shown. */
    public static String shown(String text, Redaction redaction) {
        String bounded = text.substring(0, Math.min(text.length(), MOST_READ));
        String oneLine = redaction
                .text(bounded.replaceAll("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029\\s]+", " "))
                .strip();
        return oneLine.length() <= LONGEST ? oneLine : oneLine.substring(0, LONGEST - 1) + "…";
    }
}
