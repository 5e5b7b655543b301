/**
 * What an answer means.
 *
 * <p>In: an {@link dev.caravan.connection.Answer} or an I/O failure, and the vendor's
 * {@link dev.caravan.connection.outcome.OutcomeRule}s. Out: an {@link dev.caravan.connection.outcome.Outcome}, decided
 * without acting on it. Refuses to take any status for granted: what no rule knows, stops.
 */
@NullMarked
package dev.caravan.connection.outcome;

import org.jspecify.annotations.NullMarked;
