/**
 * Vendor files: what a connection and a stream are, as an integration engineer writes them.
 *
 * <p>In: the text of {@code <vendor>.camel.yaml}. Out: {@link dev.caravan.Connection}s and {@link dev.caravan.Stream}s,
 * one of each for every account, and the part of the file that is plain Camel. Refuses unknown names and wrong values,
 * naming file, line, stream, value and what would be right; never repeats a secret.
 */
@NullMarked
package dev.caravan.definition;

import org.jspecify.annotations.NullMarked;
