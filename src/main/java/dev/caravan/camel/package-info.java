/**
 * What the routes call: the loader of vendor files, steps, predicates, aggregation strategies, the idempotent repository
 * and the policies.
 *
 * <p>In: exchanges of the stream template. Out: calls of the {@code run} room, which knows no Camel. Holds no state of
 * its own: that of a run and a slice travels in the exchange properties of {@link dev.caravan.camel.Names}.
 */
@NullMarked
package dev.caravan.camel;

import org.jspecify.annotations.NullMarked;
