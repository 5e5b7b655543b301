package dev.caravan.connection.limit;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Leaves a vendor alone that is down, and lets a few requests through now and then to see. Safe for any number of threads. */
final class Breaker {
    private final BreakerSettings settings;
    private final Clock clock;
    private final @Nullable CircuitBreaker breaker;
    private volatile Instant openUntil = Instant.MIN;

    Breaker(BreakerSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.breaker = settings.percent() > 100 ? null : breaker(settings, clock);
        if (breaker != null) {
            breaker.getEventPublisher().onStateTransition(event -> {
                boolean opens = event.getStateTransition().getToState() == State.OPEN;
                openUntil = opens ? clock.instant().plus(settings.rest()) : Instant.MIN;
            });
        }
    }

    private static CircuitBreaker breaker(BreakerSettings settings, Clock clock) {
        return CircuitBreaker.of(
                "connection",
                CircuitBreakerConfig.custom()
                        .slidingWindow(
                                settings.of(),
                                settings.of(),
                                SlidingWindowType.COUNT_BASED,
                                SlidingWindowSynchronizationStrategy.LOCK_FREE)
                        .failureRateThreshold(settings.percent())
                        .waitDurationInOpenState(settings.rest())
                        .permittedNumberOfCallsInHalfOpenState(settings.probes())
                        .clock(clock)
                        .build());
    }

    /** Whether a request may go. Each that does is followed by {@link #left}. */
    boolean tryEnter() {
        return breaker == null || breaker.tryAcquirePermission();
    }

    void left() {
        if (breaker != null) {
            breaker.releasePermission();
        }
    }

    void answered(boolean well) {
        if (breaker == null) {
            return;
        }
        if (well) {
            breaker.onSuccess(0, TimeUnit.NANOSECONDS);
        } else {
            breaker.onError(0, TimeUnit.NANOSECONDS, new IOException("the vendor is down"));
        }
    }

    /** Returns until when nothing is asked, if it is open now. */
    Optional<Hold> held() {
        Instant until = openUntil;
        return until.isAfter(clock.instant())
                ? Optional.of(new Hold(
                        until,
                        "breaker open, %d%% of the last %d answers were failures"
                                .formatted(settings.percent(), settings.of())))
                : Optional.empty();
    }

    /** Returns {@code closed}, {@code open}, {@code half-open} or {@code off}. */
    String state() {
        return breaker == null
                ? "off"
                : breaker.getState().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    void reset() {
        if (breaker != null) {
            breaker.reset();
        }
        openUntil = Instant.MIN;
    }

    /** Whether it lets only a few requests through, to see how they end. */
    boolean isTrying() {
        return breaker != null && breaker.getState() == State.HALF_OPEN;
    }

    /** Returns how soon to look again when only probes are let through. */
    Duration probing() {
        return Duration.ofMillis(50);
    }
}
