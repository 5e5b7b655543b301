/**
 * One answer and the request for the next.
 *
 * <p>In: settings of a stream, a {@link dev.caravan.page.RenderContext}, an answer and what it held. Out:
 * {@link dev.caravan.connection.Request}s, one for each {@link dev.caravan.page.Position}. Refuses expressions that do not
 * exist, positions it has seen before, and next addresses that are not the vendor's.
 */
@NullMarked
package dev.caravan.page;

import org.jspecify.annotations.NullMarked;
