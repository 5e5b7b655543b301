package dev.caravan.run;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is waited for.
 *
 * @param what such as {@code quota}, or what the vendor said
 * @param until when it is over, null if that cannot be told or is a moment away
 */
record Wait(String what, @Nullable Instant until) {
    @Override
    public String toString() {
        return until == null ? "waiting for " + what : "waiting for %s until %s".formatted(what, until);
    }
}
