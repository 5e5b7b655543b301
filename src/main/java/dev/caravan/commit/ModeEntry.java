package dev.caravan.commit;

import java.time.Instant;

/**
 * What somebody said of a stream.
 *
 * @param mode {@code active}, {@code paused}, {@code draining} or {@code stopped}
 * @param since when, to the millisecond
 * @param by who
 */
public record ModeEntry(String mode, Instant since, String by) {}
