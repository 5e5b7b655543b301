package dev.caravan.connection.outcome;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.connection.Answer;
import dev.caravan.slice.Span;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How long a rule says to wait: {@code {header: retry-after, or: 60s}}, {@code {for: 60s}} or {@code {next: hour}}.
 *
 * @param header where the vendor says it, null for nowhere
 * @param format how the header is written; by default each form is tried, with numbers too small for a time of day taken
 *     for seconds
 * @param length how long without a header, or without anything readable in it; null if unknown
 * @param next the border of the clock, in UTC, at which the vendor's counters begin anew; null for none
 */
public record WaitSettings(
        @Nullable String header,
        @Nullable Format format,
        @Nullable Duration length,
        @Nullable Border next) {
    /** How a header writes a wait. */
    public enum Format {
        SECONDS,
        EPOCH,
        ISO;

        @JsonCreator
        public static Format named(String name) {
            return constant(values(), name, "format");
        }
    }

    /** A border of the clock. */
    public enum Border {
        MINUTE(ChronoUnit.MINUTES),
        HOUR(ChronoUnit.HOURS),
        DAY(ChronoUnit.DAYS);

        private final ChronoUnit unit;

        Border(ChronoUnit unit) {
            this.unit = unit;
        }

        @JsonCreator
        public static Border named(String name) {
            return constant(values(), name, "next");
        }

        private Instant after(Instant now) {
            return now.atOffset(ZoneOffset.UTC).truncatedTo(unit).plus(1, unit).toInstant();
        }
    }

    private static <E extends Enum<E>> E constant(E[] values, String name, String setting) {
        return Arrays.stream(values)
                .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Unknown '%s: %s', use one of %s"
                        .formatted(
                                setting,
                                name,
                                Arrays.stream(values)
                                        .map(each -> each.name().toLowerCase(Locale.ROOT))
                                        .collect(Collectors.joining(", ")))));
    }

    public WaitSettings {
        if (header == null && length == null && next == null) {
            throw new IllegalArgumentException("wait: write {header: retry-after}, {for: 60s} or {next: hour}");
        }
        if (next != null && (header != null || length != null)) {
            throw new IllegalArgumentException("wait: 'next' stands alone");
        }
        if (format != null && header == null) {
            throw new IllegalArgumentException("wait: 'format' says how a header is written, and there is no 'header'");
        }
        if (length != null && (length.compareTo(Waits.LONGEST) > 0)) {
            throw new IllegalArgumentException("wait: %s is longer than 24h".formatted(length));
        }
    }

    @JsonCreator
    static WaitSettings of(
            @JsonProperty("header") @Nullable String header,
            @JsonProperty("format") @Nullable Format format,
            @JsonProperty("for") @JsonAlias("or") @Nullable Span length,
            @JsonProperty("next") @Nullable Border next) {
        return new WaitSettings(header, format, length == null ? null : length.toDuration(), next);
    }

    Optional<Duration> wait(Answer answer, Instant now) {
        if (next != null) {
            return Optional.of(Duration.between(now, next.after(now)));
        }
        return Optional.ofNullable(header)
                .flatMap(answer.headers()::first)
                .flatMap(text -> read(text, now))
                .or(() -> Optional.ofNullable(length));
    }

    private Optional<Duration> read(String text, Instant now) {
        if (format == null) {
            return Waits.epoch(text, now).or(() -> Waits.iso(text, now)).or(() -> Waits.httpDate(text, now));
        }
        return switch (format) {
            case SECONDS -> Waits.seconds(text);
            case EPOCH -> Waits.epoch(text, now);
            case ISO -> Waits.iso(text, now);
        };
    }
}
