package dev.caravan.connection.outcome;

import dev.caravan.failure.Remedy;
import java.time.Duration;
import java.util.Optional;

/** What an answer means, and what to do about it. */
public sealed interface Outcome {
    /** The answer is data. */
    record Accept() implements Outcome {}

    /** Nothing has changed since the answer whose validator the request carried. */
    record Unchanged() implements Outcome {}

    /**
     * The answer is no data.
     *
     * <p>Waits up to ten seconds are served by redelivery, longer ones at the page gate. So a retry with a longer wait is
     * {@link Remedy#WAIT_UNTIL}, and a wait whose end nobody named is a {@link Remedy#RETRY}, with the backoff of the route. So is
     * one that is over already: who asks again at once is refused again.
     *
     * @param retryAfter how long to wait first, if that is known; more than nothing, at most 24 hours
     * @param reason what happened: the status and the vendor's own words, shortened and without secrets
     * @param hint what a person can do; empty if nothing
     */
    record Failure(Remedy remedy, Optional<Duration> retryAfter, String reason, String hint) implements Outcome {
        private static final Duration SERVED_BY_REDELIVERY = Duration.ofSeconds(10);

        public Failure {
            retryAfter = retryAfter.filter(wait -> !wait.isZero());
            if (remedy == Remedy.RETRY
                    && retryAfter.isPresent()
                    && retryAfter.get().compareTo(SERVED_BY_REDELIVERY) > 0) {
                remedy = Remedy.WAIT_UNTIL;
            } else if (remedy == Remedy.WAIT_UNTIL && retryAfter.isEmpty()) {
                remedy = Remedy.RETRY;
            }
        }

        static Failure of(Remedy remedy, String reason, String hint) {
            return new Failure(remedy, Optional.empty(), reason, hint);
        }

        /** Returns reason and hint as one text. */
        public String message() {
            return hint.isEmpty() ? reason : reason + " (" + hint + ")";
        }
    }
}
