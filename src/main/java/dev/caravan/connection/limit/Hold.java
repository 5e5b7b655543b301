package dev.caravan.connection.limit;

import java.time.Instant;

/**
 * A connection that must be left alone for a while.
 *
 * @param reason why, for people: <em>waiting for …</em>
 */
public record Hold(Instant until, String reason) {}
