/**
 * The two types that vendor files declare: {@link dev.caravan.Connection} and {@link dev.caravan.Stream}.
 *
 * <p>They hold what was written, checked and with its defaults; what it becomes is in the {@code run} room.
 */
@NullMarked
package dev.caravan;

import org.jspecify.annotations.NullMarked;
