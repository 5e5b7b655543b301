/**
 * What can go wrong, sorted by remedy. Every room may use it; it uses none.
 */
@NullMarked
package dev.caravan.failure;

import org.jspecify.annotations.NullMarked;
