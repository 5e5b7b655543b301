package dev.caravan.connection.outcome;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.json.JsonPath;
import dev.caravan.json.PathSearch;
import dev.caravan.slice.Span;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How long a rule says to wait: {@code {header: retry-after, or: 60s}}, {@code {body: $..retryDelay}}, {@code {for: 60s}},
 * {@code {next: hour}} or {@code {quota: true}}. Where the vendor names several waits, the longest counts.
 *
 * @param header where the vendor says it, null for nowhere
 * @param path where in the header, which is JSON; null if the header is the wait itself
 * @param body where in the answer's JSON, null for nowhere
 * @param format how it is written; by default each form is tried, with numbers too small for a time of day taken for seconds
 * @param length how long without any of it, or without anything readable in it; null for the usual backoff
 * @param next the border of the clock at which the vendor's counters begin anew; null for none
 * @param zone whose clock that is
 * @param quota whether the connection's quota, corrected by this very answer, says how long
 */
public record WaitSettings(
        @Nullable String header,
        @Nullable JsonPath path,
        @Nullable JsonPath body,
        @Nullable Format format,
        @Nullable Duration length,
        @Nullable Border next,
        ZoneId zone,
        boolean quota) {
    /** A quota that has just been corrected is asked no sooner than this: two refusals a second are better than a thousand. */
    private static final Duration QUOTA = Duration.ofMillis(500);

    /** How a wait is written. */
    public enum Format {
        SECONDS,
        MILLIS,
        MINUTES,
        /** Seconds or milliseconds since 1970. */
        EPOCH,
        ISO,
        HTTP_DATE,
        /** {@code 30s}, {@code 1m30s}, {@code 250ms}, {@code PT30S}. */
        DURATION;

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

        private Instant after(Instant now, ZoneId zone) {
            return now.atZone(zone).truncatedTo(unit).plus(1, unit).toInstant();
        }
    }

    private static <E extends Enum<E>> E constant(E[] values, String name, String setting) {
        return Arrays.stream(values)
                .filter(each -> written(each).equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Unknown '%s: %s', use one of %s"
                        .formatted(
                                setting,
                                name,
                                Arrays.stream(values).map(WaitSettings::written).collect(Collectors.joining(", ")))));
    }

    private static String written(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public WaitSettings {
        if (header == null && body == null && length == null && next == null && !quota) {
            throw new IllegalArgumentException("wait: write {header: retry-after}, {body: $.retry_after}, {for: 60s},"
                    + " {next: hour} or {quota: true}");
        }
        if (header != null && body != null) {
            throw new IllegalArgumentException("wait: 'header' and 'body' are two places, name one");
        }
        if (next != null && (header != null || body != null || length != null || quota)) {
            throw new IllegalArgumentException("wait: 'next' stands alone, but for 'zone'");
        }
        if (quota && (header != null || body != null || length != null)) {
            throw new IllegalArgumentException("wait: 'quota' stands alone");
        }
        if (path != null && header == null) {
            throw new IllegalArgumentException("wait: 'path' is a place in a 'header' that is JSON, and there is none");
        }
        if (format != null && header == null && body == null) {
            throw new IllegalArgumentException(
                    "wait: 'format' says how a header or a place of the body is written, and there is none");
        }
        if (length != null && (length.compareTo(Waits.LONGEST) > 0)) {
            throw new IllegalArgumentException("wait: %s is longer than 24h".formatted(length));
        }
    }

    @JsonCreator
    static WaitSettings of(
            @JsonProperty("header") @Nullable String header,
            @JsonProperty("path") @Nullable JsonPath path,
            @JsonProperty("body") @Nullable JsonPath body,
            @JsonProperty("format") @Nullable Format format,
            @JsonProperty("for") @Nullable Span length,
            @JsonProperty("or") @Nullable String otherwise,
            @JsonProperty("next") @Nullable Border next,
            @JsonProperty("zone") @Nullable String zone,
            @JsonProperty("quota") boolean quota) {
        boolean named = header != null || body != null;
        if (length != null && (named || otherwise != null)) {
            throw new IllegalArgumentException("wait: 'for' stands alone; beside a header or body write 'or: 60s'");
        }
        if (otherwise != null && !named) {
            throw new IllegalArgumentException(
                    "wait: 'or' is for where 'header' or 'body' say nothing, write {for: 60s}");
        }
        if (zone != null && next == null) {
            throw new IllegalArgumentException("wait: 'zone' is whose clock 'next' goes by, and there is no 'next'");
        }
        Span fallback = otherwise == null || otherwise.equals("backoff") ? length : Span.parse(otherwise);
        return new WaitSettings(
                header, path, body, format, fallback == null ? null : fallback.toDuration(), next, zone(zone), quota);
    }

    private static ZoneId zone(@Nullable String name) {
        try {
            return name == null ? ZoneOffset.UTC : ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "wait: zone '%s' is not a time zone, write one such as Europe/Berlin".formatted(name), e);
        }
    }

    Optional<Duration> wait(Facts facts, Instant now) {
        if (next != null) {
            return Optional.of(Duration.between(now, next.after(now, zone)));
        }
        if (quota) {
            return Optional.of(QUOTA);
        }
        return said(facts).stream()
                .flatMap(text -> read(text, now).stream())
                .filter(wait -> !wait.isZero())
                .max(Duration::compareTo)
                .or(() -> Optional.ofNullable(length));
    }

    private List<String> said(Facts facts) {
        if (body != null) {
            return facts.body(body);
        }
        Optional<String> value =
                header == null ? Optional.empty() : facts.answer().headers().first(header);
        return path == null
                ? value.stream().toList()
                : value.map(json -> new PathSearch(List.of(path))
                                .in(json.getBytes(StandardCharsets.UTF_8))
                                .getOrDefault(path, List.of()))
                        .orElse(List.of());
    }

    private Optional<Duration> read(String text, Instant now) {
        if (format == null) {
            return Waits.epoch(text, now)
                    .or(() -> Waits.iso(text, now))
                    .or(() -> Waits.httpDate(text, now))
                    .or(() -> Waits.duration(text));
        }
        return switch (format) {
            case SECONDS -> Waits.seconds(text);
            case MILLIS -> Waits.millis(text);
            case MINUTES -> Waits.minutes(text);
            case EPOCH -> Waits.epoch(text, now);
            case ISO -> Waits.iso(text, now);
            case HTTP_DATE -> Waits.httpDate(text, now);
            case DURATION -> Waits.duration(text);
        };
    }
}
