/**
 * Where the files of commits lie: rows, commits, keys and rejects, on a disk of this machine or in a bucket.
 *
 * <p>In: places, which are paths below the folder {@code data}. Out: their bytes, and the one thing that the commit protocol
 * rests on, that of two who create a file only one does. Knows neither commits nor streams.
 */
@NullMarked
package dev.caravan.lake;

import org.jspecify.annotations.NullMarked;
