/**
 * What every room must know of JSON: paths into it, and how strictly it is read.
 *
 * <p>In: the text of a path, or the bytes of a document. Out: a {@link dev.caravan.json.JsonPath} and what it finds. Like
 * {@code failure} it uses no other room and each may use it: rules on answers and cuts of records share one notation.
 */
@NullMarked
package dev.caravan.json;

import org.jspecify.annotations.NullMarked;
