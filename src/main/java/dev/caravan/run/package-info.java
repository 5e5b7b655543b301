/**
 * A run's life: due, opened, its slices pulled page by page, committed batch by batch, closed with a summary.
 *
 * <p>In: what a loaded stream asks for, and answers as they arrive. Out: requests, commits, {@link dev.caravan.run.RunSummary}s.
 * Knows no Camel: routes drive it through the {@code camel} room. Waiting and the gates that interrupt it are here.
 */
@NullMarked
package dev.caravan.run;

import org.jspecify.annotations.NullMarked;
