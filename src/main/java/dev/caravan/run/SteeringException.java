package dev.caravan.run;

/** Something that was asked of a stream or connection cannot be done; the message says why, and what would be right. */
public final class SteeringException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why not. */
    public enum Reason {
        /** There is no such stream, slice or connection. */
        UNKNOWN,
        /** It is not in a state for it. */
        CONFLICT,
        /** What was given with it is not right. */
        INVALID
    }

    private final Reason reason;

    SteeringException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
