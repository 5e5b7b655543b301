/**
 * From bytes to records: slices of the answer's own bytes with the few fields the engine must know.
 *
 * <p>In: the bytes of one whole answer and a {@link dev.caravan.record.RecordLayout}. Out:
 * {@link dev.caravan.record.SourceRecord}s, and their flat or raw form for a sink. Knows no HTTP and no files; refuses bytes
 * that are not one whole document.
 */
@NullMarked
package dev.caravan.record;

import org.jspecify.annotations.NullMarked;
