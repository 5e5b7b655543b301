package dev.caravan.page;

import org.jspecify.annotations.Nullable;

/**
 * What a slice that was left in its middle had of tokens to ask for changes with.
 *
 * @param asked what its requests have, null where they ask for everything
 * @param given what the next run is to ask with, null if it is not known yet
 */
public record SyncMark(@Nullable String asked, @Nullable String given) {}
