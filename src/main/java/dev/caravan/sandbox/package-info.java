/**
 * A built-in imitation of vendors' APIs, over real HTTP on the loopback interface.
 *
 * <p>In come requests as a vendor's own clients send them, with the vendor's host as the first segment of the path.
 * Out go answers with the vendor's paging, headers, limits and errors, from rows that are a pure function of vendor,
 * stream and id, anchored to fixed dates and never to the clock. A row is what the imitated vendor keeps; it changes
 * only by a call to the control surface. No rows are held: each is computed from its index when it is asked for.
 *
 * <p>Refused, as the vendor would: a missing or wrong credential, header or parameter. Refused by the sandbox itself:
 * a host it does not imitate (404).
 *
 * <p>A vendor is a file in the resource folder {@code sandbox} and a plug-in for what data cannot say. This package
 * depends on the JDK, Jackson and nothing of Caravan's; only {@code app} starts it.
 */
@NullMarked
package dev.caravan.sandbox;

import org.jspecify.annotations.NullMarked;
