/**
 * Secrets that are kept: what people stored and what token endpoints gave, sealed in one file.
 *
 * <p>In: values by connection and name, and a key from a file, the environment or a vault. Out: the values, their names and
 * ages, and a turn for whoever renews a token. Refuses a key that others can read, and a file that was sealed with another.
 */
@NullMarked
package dev.caravan.secret;

import org.jspecify.annotations.NullMarked;
