/**
 * Tables of Google BigQuery.
 *
 * <p>In: settings of a sink, batches, and the commits that have to be in a table. Out: rows, and the row of their commit in the same
 * transaction. Refuses before the commit what a table cannot hold.
 */
@NullMarked
package dev.caravan.sink.bigquery;

import org.jspecify.annotations.NullMarked;
