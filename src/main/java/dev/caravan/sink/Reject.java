package dev.caravan.sink;

import org.jspecify.annotations.Nullable;

/**
 * A record that was not taken, and why.
 *
 * @param reason one of few texts, so that rejects can be counted by it
 * @param page position of the page it came with, null for the first
 * @param raw the record as it was received, as text
 */
public record Reject(String reason, @Nullable String page, String raw) {}
