/**
 * One account at a vendor: how it is asked, and where it may be asked.
 *
 * <p>In: settings of a vendor file. Out: {@link dev.caravan.connection.Request}s with a credential, an
 * {@link dev.caravan.connection.Answer}'s meaning, waits. Refuses addresses that are not the vendor's, and keeps secrets
 * out of every text.
 */
@NullMarked
package dev.caravan.connection;

import org.jspecify.annotations.NullMarked;
