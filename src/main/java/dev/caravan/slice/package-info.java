/**
 * What is still to pull: windows of time and partitions.
 *
 * <p>In: a stream's {@link dev.caravan.slice.SliceSettings}, its {@link dev.caravan.slice.Progress} and the start of the
 * run. Out: {@link dev.caravan.slice.Slice}s, values that can travel, and the progress after each of them. Refuses empty
 * windows and clocks of its own.
 */
@NullMarked
package dev.caravan.slice;

import org.jspecify.annotations.NullMarked;
