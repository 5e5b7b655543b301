/**
 * Where records go: names and encodings of what is written.
 *
 * <p>In: the records of one batch and a {@link dev.caravan.sink.Destination}. Out:
 * {@link dev.caravan.batch.SealedFile}s, whole and safe on disk, that no reader sees before a commit names them. Refuses to
 * leave half a batch behind: a write that fails removes what it staged.
 */
@NullMarked
package dev.caravan.sink;

import org.jspecify.annotations.NullMarked;
