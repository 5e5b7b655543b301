/** Main class, commands, bound options, wiring. */
@NullMarked
package dev.caravan.app;

import org.jspecify.annotations.NullMarked;
