package dev.caravan.commit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One run in the history.
 *
 * @param run its id
 * @param stream what it pulled
 * @param status how it ended, or that it has not
 * @param started when it began, to the millisecond
 * @param ended when it ended, null while it goes on or if it was killed
 * @param summary the run summary as JSON, null before the end
 */
public record RunEntry(
        String run,
        StreamKey stream,
        String status,
        Instant started,
        @Nullable Instant ended,
        @Nullable String summary) {}
