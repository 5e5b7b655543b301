/**
 * The quota of a connection, shared by all its streams.
 *
 * <p>In: {@link dev.caravan.connection.limit.Quota}s and a clock. Out: how long to wait before the next request, which
 * somebody else does. Refuses more requests in flight than allowed.
 */
@NullMarked
package dev.caravan.connection.limit;

import org.jspecify.annotations.NullMarked;
