package dev.caravan.connection.outcome;

import dev.caravan.connection.Headers;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads how long a vendor asks to wait. What cannot be read counts as not said; all waits are cut to 24 hours. */
final class Waits {
    static final Duration LONGEST = Duration.ofHours(24);

    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,20}(\\.\\d{1,20})?");
    private static final BigDecimal SMALLEST_EPOCH = BigDecimal.valueOf(1_000_000_000L);
    private static final BigDecimal SMALLEST_EPOCH_MILLIS = BigDecimal.valueOf(100_000_000_000L);

    /** Families of headers that say what is left and when it is filled again. */
    private static final List<String> QUOTA_HEADERS = List.of("x-ratelimit-", "x-rate-limit-", "ratelimit-");

    private Waits() {}

    /** Returns what {@code Retry-After} says: seconds, with or without fraction, or a date. */
    static Optional<Duration> retryAfter(Headers headers, Instant now) {
        return headers.first("retry-after").flatMap(text -> seconds(text).or(() -> httpDate(text, now)));
    }

    /** Returns the time until the quota is filled again, if the headers say that nothing is left of it. */
    static Optional<Duration> untilReset(Headers headers, Instant now) {
        return QUOTA_HEADERS.stream()
                .filter(family -> headers.first(family + "remaining")
                        .map(left -> left.strip().matches("-?0+(\\.0+)?|-\\d+"))
                        .orElse(false))
                .findFirst()
                .flatMap(family -> headers.first(family + "reset"))
                .flatMap(text -> epoch(text, now).or(() -> iso(text, now)));
    }

    /** Tells whether the headers say that the quota is used up. */
    static boolean isUsedUp(Headers headers) {
        return QUOTA_HEADERS.stream().anyMatch(family -> headers.first(family + "remaining")
                .map(left -> left.strip().equals("0"))
                .orElse(false));
    }

    static Optional<Duration> seconds(String text) {
        return number(text).map(Waits::ofSeconds);
    }

    /** Reads seconds or milliseconds since 1970; a number too small for either is seconds from now. */
    static Optional<Duration> epoch(String text, Instant now) {
        return number(text).map(number -> {
            if (number.compareTo(SMALLEST_EPOCH) < 0) {
                return ofSeconds(number);
            }
            BigDecimal seconds = number.compareTo(SMALLEST_EPOCH_MILLIS) < 0 ? number : number.movePointLeft(3);
            BigDecimal present = BigDecimal.valueOf(now.getEpochSecond()).add(BigDecimal.valueOf(now.getNano(), 9));
            return ofSeconds(seconds.subtract(present));
        });
    }

    static Optional<Duration> iso(String text, Instant now) {
        try {
            return Optional.of(
                    clamped(Duration.between(now, DateTimeFormatter.ISO_DATE_TIME.parse(text.strip(), Instant::from))));
        } catch (DateTimeException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    static Optional<Duration> httpDate(String text, Instant now) {
        try {
            ZonedDateTime date =
                    ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT));
            return Optional.of(clamped(Duration.between(now, date)));
        } catch (DateTimeException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static Optional<BigDecimal> number(String text) {
        String stripped = text.strip();
        return NUMBER.matcher(stripped).matches() ? Optional.of(new BigDecimal(stripped)) : Optional.empty();
    }

    private static Duration ofSeconds(BigDecimal seconds) {
        BigDecimal most = BigDecimal.valueOf(LONGEST.toSeconds());
        BigDecimal bounded = seconds.max(BigDecimal.ZERO).min(most);
        return Duration.ofNanos(bounded.movePointRight(9).longValue());
    }

    static Duration clamped(Duration wait) {
        if (wait.isNegative()) {
            return Duration.ZERO;
        }
        return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }
}
