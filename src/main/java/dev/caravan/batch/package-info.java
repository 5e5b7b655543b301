/**
 * What one write takes and one commit covers.
 *
 * <p>In: records of consecutive pages of one slice. Out: a {@link dev.caravan.batch.Batch}, and what a sink made of it,
 * {@link dev.caravan.batch.SealedFile}s. Refuses records past its bounds: rows and bytes.
 */
@NullMarked
package dev.caravan.batch;

import org.jspecify.annotations.NullMarked;
