package dev.caravan.commit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When a stream ran and runs next, to the millisecond.
 *
 * @param lastStarted when a run last began, null if none did
 * @param lastFinished when a run last ended well, null if none did
 * @param nextDue when it is due, null if that is not decided
 */
public record ScheduleEntry(
        @Nullable Instant lastStarted,
        @Nullable Instant lastFinished,
        @Nullable Instant nextDue) {}
