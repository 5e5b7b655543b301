package dev.caravan.sandbox;

import java.time.Duration;
import java.util.Map;

/**
 * What goes wrong with one answer.
 *
 * @param kind the way it goes wrong
 * @param status the status sent instead, for {@link Kind#STATUS}
 * @param headers added to the answer, {@code Retry-After} among them
 * @param body sent instead, for {@link Kind#STATUS}; the error's name, for {@link Kind#REFUSAL}
 * @param delay how long the answer is held back, whatever the kind
 */
public record Fault(Kind kind, int status, Map<String, String> headers, String body, Duration delay) {
    /** The ways an answer goes wrong. */
    public enum Kind {
        /** Another status and body. */
        STATUS,
        /** One of the vendor's own errors, by the name its sandbox file gives it. */
        REFUSAL,
        /** The right answer, late. */
        DELAY,
        /** The right headers and half of the body, then the connection closes. */
        TRUNCATE,
        /** The right status and a body that stops being JSON half-way. */
        TAIL,
        /** No answer: the connection closes. */
        DROP
    }

    private static final Duration LONGEST = Duration.ofMinutes(10);

    public Fault {
        headers = Map.copyOf(headers);
        if (kind == Kind.STATUS && (status < 200 || status > 599)) {
            throw new IllegalArgumentException("No such status: " + status);
        }
        if (delay.isNegative() || delay.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("A delay is 0 to %s: %s".formatted(LONGEST, delay));
        }
    }

    public static Fault status(int status, String body) {
        return new Fault(Kind.STATUS, status, Map.of(), body, Duration.ZERO);
    }

    public static Fault status(int status, String body, Map<String, String> headers) {
        return new Fault(Kind.STATUS, status, headers, body, Duration.ZERO);
    }

    /** One of the vendor's own errors, such as {@code rate_limit} of Stripe. */
    public static Fault refusal(String name) {
        return of(Kind.REFUSAL, name);
    }

    public static Fault delayed(Duration delay) {
        return new Fault(Kind.DELAY, 0, Map.of(), "", delay);
    }

    public static Fault truncated() {
        return of(Kind.TRUNCATE, "");
    }

    public static Fault brokenTail() {
        return of(Kind.TAIL, "");
    }

    public static Fault dropped() {
        return of(Kind.DROP, "");
    }

    private static Fault of(Kind kind, String body) {
        return new Fault(kind, 0, Map.of(), body, Duration.ZERO);
    }
}
