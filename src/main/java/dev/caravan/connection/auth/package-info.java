/**
 * The credential of a connection.
 *
 * <p>In: {@link dev.caravan.connection.auth.AuthSettings}. Out: an {@link dev.caravan.connection.auth.Auth} that puts the
 * credential on a request. Refuses incomplete settings, never repeating a secret.
 */
@NullMarked
package dev.caravan.connection.auth;

import org.jspecify.annotations.NullMarked;
