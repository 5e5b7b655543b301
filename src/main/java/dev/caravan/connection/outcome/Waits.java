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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads how long a vendor asks to wait. What cannot be read counts as not said; all waits are cut to 24 hours. */
final class Waits {
    static final Duration LONGEST = Duration.ofHours(24);

    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,20}(\\.\\d{1,20})?");
    private static final BigDecimal SMALLEST_EPOCH = BigDecimal.valueOf(1_000_000_000L);
    private static final BigDecimal SMALLEST_EPOCH_MILLIS = BigDecimal.valueOf(100_000_000_000L);

    /** Headers that say seconds or a date, and headers that say milliseconds. */
    private static final List<String> RETRY_AFTER = List.of("retry-after", "x-retry-after", "x-rate-limit-retry-after");

    private static final List<String> RETRY_AFTER_MILLIS = List.of("retry-after-ms", "x-ms-retry-after-ms");

    private static final Pattern DURATION = Pattern.compile("(?i)((\\d{1,9}(?:\\.\\d{1,9})?)(ms|s|m|h|d))+");
    private static final Pattern PART = Pattern.compile("(?i)(\\d{1,9}(?:\\.\\d{1,9})?)(ms|s|m|h|d)");

    private Waits() {}

    /** Returns what {@code Retry-After} says, or its like: seconds, with or without fraction, or a date. */
    static Optional<Duration> retryAfter(Headers headers, Instant now) {
        return RETRY_AFTER.stream()
                .flatMap(name -> headers.first(name).stream())
                .flatMap(text -> seconds(text).or(() -> httpDate(text, now)).stream())
                .findFirst()
                .or(() -> RETRY_AFTER_MILLIS.stream()
                        .flatMap(name -> headers.first(name).stream())
                        .flatMap(text -> millis(text).stream())
                        .findFirst());
    }

    static Optional<Duration> seconds(String text) {
        return number(text).map(Waits::ofSeconds);
    }

    static Optional<Duration> millis(String text) {
        return number(text).map(number -> ofSeconds(number.movePointLeft(3)));
    }

    static Optional<Duration> minutes(String text) {
        return number(text).map(number -> ofSeconds(number.multiply(BigDecimal.valueOf(60))));
    }

    /** Reads {@code 30s}, {@code 1m30s}, {@code 1.5s}, {@code 250ms} and {@code PT30S}. */
    static Optional<Duration> duration(String text) {
        String stripped = text.strip();
        if (DURATION.matcher(stripped).matches()) {
            BigDecimal seconds = BigDecimal.ZERO;
            Matcher parts = PART.matcher(stripped);
            while (parts.find()) {
                seconds = seconds.add(new BigDecimal(parts.group(1)).multiply(unit(parts.group(2))));
            }
            return Optional.of(ofSeconds(seconds));
        }
        try {
            return Optional.of(clamped(Duration.parse(stripped)));
        } catch (DateTimeException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static BigDecimal unit(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "ms" -> new BigDecimal("0.001");
            case "s" -> BigDecimal.ONE;
            case "m" -> BigDecimal.valueOf(60);
            case "h" -> BigDecimal.valueOf(3_600);
            default -> BigDecimal.valueOf(86_400);
        };
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

    static Optional<BigDecimal> number(String text) {
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
