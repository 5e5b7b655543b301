package dev.caravan.connection.outcome;

import dev.caravan.connection.Headers;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the usual headers say of a quota: how much of it is left, and when it is filled again.
 *
 * <p>Read are {@code X-RateLimit-Remaining} and {@code -Reset} with their variants {@code X-Rate-Limit-} and
 * {@code RateLimit-}, {@code X-RateLimit-Reset-After}, Kong's {@code X-RateLimit-Remaining-Minute} and its like, and the field
 * {@code RateLimit} of the IETF's drafts ({@code limit=100, remaining=0, reset=30} and {@code "default";r=0;t=30}).
 */
public final class RateHeaders {
    private static final List<String> FAMILIES = List.of("x-ratelimit-", "x-rate-limit-", "ratelimit-");
    private static final Pattern FIELD = Pattern.compile("(?i)(?:^|[;,\\s])(r|remaining|t|reset)\\s*=\\s*(\\d{1,12})");

    private RateHeaders() {}

    /**
     * A quota as an answer tells it.
     *
     * @param left what may still be asked for, at least 0
     * @param reset time until it is filled again; empty if the answer does not say
     */
    public record Standing(BigDecimal left, Optional<Duration> reset) {
        boolean isUsedUp() {
            return left.signum() == 0;
        }
    }

    /** Returns the quotas that the headers tell of, in no order; empty if none does. */
    public static List<Standing> in(Headers headers, Instant now) {
        List<Standing> all = new ArrayList<>();
        for (String family : FAMILIES) {
            headers.first(family + "remaining")
                    .flatMap(RateHeaders::left)
                    .ifPresent(left -> all.add(new Standing(left, reset(headers, family, now))));
            for (Period each : Period.values()) {
                headers.first(family + "remaining-" + each.name().toLowerCase(Locale.ROOT))
                        .flatMap(RateHeaders::left)
                        .ifPresent(left -> all.add(new Standing(left, Optional.of(each.left(now)))));
            }
        }
        for (String field : headers.all("ratelimit")) {
            for (String part : field.split("(?=\")", -1)) {
                field(part).ifPresent(all::add);
            }
        }
        return all;
    }

    /** Returns the time until the quota is filled again, if the headers say that nothing is left of one; the longest counts. */
    static Optional<Duration> untilReset(Headers headers, Instant now) {
        return in(headers, now).stream()
                .filter(Standing::isUsedUp)
                .flatMap(each -> each.reset().stream())
                .max(Duration::compareTo);
    }

    /** Tells whether the headers say that a quota is used up. */
    static boolean isUsedUp(Headers headers, Instant now) {
        return in(headers, now).stream().anyMatch(Standing::isUsedUp);
    }

    private static Optional<BigDecimal> left(String text) {
        return Waits.number(text).map(number -> number.max(BigDecimal.ZERO));
    }

    private static Optional<Duration> reset(Headers headers, String family, Instant now) {
        return headers.first(family + "reset-after").flatMap(Waits::seconds).or(() -> headers.first(family + "reset")
                .flatMap(text -> Waits.epoch(text, now)
                        .or(() -> Waits.iso(text, now))
                        .or(() -> Waits.httpDate(text, now))
                        .or(() -> Waits.duration(text))));
    }

    private static Optional<Standing> field(String text) {
        BigDecimal left = null;
        Duration reset = null;
        Matcher pairs = FIELD.matcher(text);
        while (pairs.find()) {
            String name = pairs.group(1).toLowerCase(Locale.ROOT);
            if (name.startsWith("r") && !name.equals("reset")) {
                left = new BigDecimal(pairs.group(2));
            } else {
                reset = Waits.seconds(pairs.group(2)).orElse(null);
            }
        }
        return left == null ? Optional.empty() : Optional.of(new Standing(left, Optional.ofNullable(reset)));
    }

    /** Kong counts by the clock. */
    private enum Period {
        SECOND(1),
        MINUTE(60),
        HOUR(3_600),
        DAY(86_400);

        private final long seconds;

        Period(long seconds) {
            this.seconds = seconds;
        }

        private Duration left(Instant now) {
            return Duration.ofSeconds(seconds - Math.floorMod(now.getEpochSecond(), seconds));
        }
    }
}
