package dev.caravan.connection.limit;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.connection.Answer;
import dev.caravan.json.JsonPath;
import dev.caravan.json.PathSearch;
import dev.caravan.slice.Span;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.DoubleBinaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where answers tell how a quota stands, so that it is corrected by each. A place is {@code header.X-Left} or a path in the
 * body, {@code $.extensions.cost.left}.
 *
 * @param left what may still be asked for
 * @param used what has been: {@code 32/40}, a number of the quota's units, or with {@code pauseAt} a percentage
 * @param cost what the request itself cost; the next of its stream is expected to cost as much
 * @param rate units that come back in the quota's {@code per}
 * @param burst the most that can be saved up
 * @param path of the value in a header that is JSON; of several, the one that leaves least counts
 * @param pauseAt percentage of use from which the quota rests; null for never
 * @param pause how long it rests then
 */
public record Learning(
        @Nullable String left,
        @Nullable String used,
        @Nullable String cost,
        @Nullable String rate,
        @Nullable String burst,
        @Nullable JsonPath path,
        @Nullable Double pauseAt,
        Duration pause) {
    private static final String HEADER = "header.";
    private static final Pattern NUMBER = Pattern.compile("\\s*(\\d{1,15}(?:\\.\\d{1,9})?)\\s*");
    private static final Pattern SHARE =
            Pattern.compile("\\s*(\\d{1,15}(?:\\.\\d{1,9})?)\\s*/\\s*(\\d{1,15}(?:\\.\\d{1,9})?)\\s*");

    public Learning {
        boolean nothing = left == null && used == null && cost == null && rate == null && burst == null;
        if (nothing) {
            throw new IllegalArgumentException(
                    "learn: write {left: header.X-RateLimit-Remaining}, or used, cost, rate, burst");
        }
        for (String place : Arrays.asList(left, used, cost, rate, burst)) {
            if (place != null && !place.startsWith(HEADER)) {
                JsonPath.parse(place);
                if (!place.startsWith("$")) {
                    throw new IllegalArgumentException(
                            "learn: '%s' is no place, write header.X-RateLimit-Remaining or $.cost.left"
                                    .formatted(place));
                }
            }
        }
        if (pauseAt != null && (used == null || !(pauseAt > 0) || pauseAt > 100)) {
            throw new IllegalArgumentException(
                    "learn: pause-at is a percentage of 'used', write {used: header.X-Usage, pause-at: 95}");
        }
    }

    @JsonCreator
    static Learning of(
            @JsonProperty("left") @Nullable String left,
            @JsonProperty("used") @Nullable String used,
            @JsonProperty("cost") @Nullable String cost,
            @JsonProperty("rate") @Nullable String rate,
            @JsonProperty("burst") @Nullable String burst,
            @JsonProperty("path") @Nullable JsonPath path,
            @JsonProperty("pause-at") @Nullable Double pauseAt,
            @JsonProperty("pause") @Nullable Span pause) {
        if (pause != null && pauseAt == null) {
            throw new IllegalArgumentException("learn: 'pause' is how long it rests at 'pause-at', and there is none");
        }
        return new Learning(
                left,
                used,
                cost,
                rate,
                burst,
                path,
                pauseAt,
                pause == null ? Duration.ofMinutes(1) : pause.toDuration());
    }

    /**
     * What one answer tells; each is empty if it does not.
     *
     * @param usedShare used up, in percent
     */
    record Told(
            OptionalDouble left,
            OptionalDouble usedShare,
            OptionalDouble cost,
            OptionalDouble rate,
            OptionalDouble burst) {}

    Told in(Answer answer, double burstSoFar) {
        OptionalDouble newBurst = number(burst, answer, Math::max);
        OptionalDouble newLeft = number(left, answer, Math::min);
        OptionalDouble share = OptionalDouble.empty();
        if (used != null) {
            for (String text : values(used, answer)) {
                Matcher both = SHARE.matcher(text);
                Matcher one = NUMBER.matcher(text);
                if (both.matches()) {
                    double most = Double.parseDouble(both.group(2));
                    newBurst = OptionalDouble.of(most);
                    newLeft = least(newLeft, most - Double.parseDouble(both.group(1)));
                } else if (one.matches() && pauseAt != null) {
                    share = OptionalDouble.of(Math.max(share.orElse(0), Double.parseDouble(one.group(1))));
                } else if (one.matches()) {
                    newLeft = least(newLeft, newBurst.orElse(burstSoFar) - Double.parseDouble(one.group(1)));
                }
            }
        }
        return new Told(newLeft, share, number(cost, answer, Math::max), number(rate, answer, Math::max), newBurst);
    }

    private static OptionalDouble least(OptionalDouble one, double other) {
        return OptionalDouble.of(Math.max(0, Math.min(one.orElse(Double.MAX_VALUE), other)));
    }

    private OptionalDouble number(@Nullable String place, Answer answer, DoubleBinaryOperator of) {
        return place == null
                ? OptionalDouble.empty()
                : values(place, answer).stream()
                        .map(NUMBER::matcher)
                        .filter(Matcher::matches)
                        .mapToDouble(each -> Double.parseDouble(each.group(1)))
                        .reduce(of);
    }

    private List<String> values(String place, Answer answer) {
        if (!place.startsWith(HEADER)) {
            JsonPath inBody = JsonPath.parse(place);
            return new PathSearch(List.of(inBody)).in(answer.body()).getOrDefault(inBody, List.of());
        }
        List<String> values = answer.headers().all(place.substring(HEADER.length()));
        return path == null
                ? values
                : values.stream()
                        .flatMap(json -> new PathSearch(List.of(Objects.requireNonNull(path)))
                                .in(json.getBytes(StandardCharsets.UTF_8)).getOrDefault(path, List.of()).stream())
                        .toList();
    }
}
