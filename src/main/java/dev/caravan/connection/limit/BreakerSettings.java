package dev.caravan.connection.limit;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.slice.Span;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * When a connection is left alone because its vendor is down: {@code {failures: 50%, of: 20, wait: 30s, probes: 3}}.
 *
 * @param percent of the latest answers that must be failures; more than 100 for never
 * @param of how many answers are looked at, at least 2
 * @param rest how long nothing is asked then
 * @param probes requests that are let through after it; enough good answers end it
 */
public record BreakerSettings(int percent, int of, Duration rest, int probes) {
    public static final BreakerSettings USUAL = new BreakerSettings(50, 20, Duration.ofSeconds(30), 3);
    static final BreakerSettings NEVER = new BreakerSettings(101, 20, Duration.ofSeconds(30), 3);

    private static final Pattern PERCENT = Pattern.compile("(\\d{1,3})\\s*%");

    public BreakerSettings {
        if (percent < 1) {
            throw new IllegalArgumentException("breaker: failures is %d%%, use 1%% to 100%%".formatted(percent));
        }
        if (of < 2 || of > 10_000) {
            throw new IllegalArgumentException("breaker: of is %d, use 2 to 10000".formatted(of));
        }
        if (rest.isZero()) {
            throw new IllegalArgumentException("breaker: wait is 0s, write a length such as 30s");
        }
        if (probes < 1 || probes > 100) {
            throw new IllegalArgumentException("breaker: probes is %d, use 1 to 100".formatted(probes));
        }
    }

    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    static BreakerSettings of(
            @JsonProperty("failures") @Nullable String failures,
            @JsonProperty("of") @Nullable Integer of,
            @JsonProperty("wait") @Nullable Span wait,
            @JsonProperty("probes") @Nullable Integer probes) {
        return new BreakerSettings(
                failures == null ? USUAL.percent : percent(failures),
                of == null ? USUAL.of : of,
                wait == null ? USUAL.rest : wait.toDuration(),
                probes == null ? USUAL.probes : probes);
    }

    /** Reads the short form, {@code off}, which YAML takes for a no. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static BreakerSettings of(boolean on) {
        if (on) {
            throw new IllegalArgumentException(
                    "breaker: 'on' says nothing, write off or {failures: 50%, of: 20, wait: 30s}");
        }
        return NEVER;
    }

    private static int percent(String text) {
        var matcher = PERCENT.matcher(text.trim());
        if (!matcher.matches() || Integer.parseInt(matcher.group(1)) > 100) {
            throw new IllegalArgumentException(
                    "breaker: failures '%s' is not a share, write one from 1%% to 100%%".formatted(text));
        }
        return Integer.parseInt(matcher.group(1));
    }
}
