/**
 * Answers that are not plain JSON: other encodings, JSON Lines, CSV, XML, and several files in a zip.
 *
 * <p>In: the bytes of one whole answer and what its head says of them. Out: a {@link dev.caravan.record.RecordPage}, as if the
 * answer had been JSON. Refuses what is another format than declared, and archives that promise too much.
 */
@NullMarked
package dev.caravan.record.decode;

import org.jspecify.annotations.NullMarked;
