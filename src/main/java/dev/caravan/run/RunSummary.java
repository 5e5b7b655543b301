package dev.caravan.run;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a run did: one JSON object in {@code data/reports/<run>.json} and on standard output with {@code --json}.
 *
 * @param source what was asked, {@code stripe_api} or {@code stub}
 * @param rows records committed
 * @param rejected records set aside with a reason
 * @param duplicates records that had been committed before
 * @param dropped records outside their slice, or dropped by the stream's own steps
 * @param waits times the run waited at the gate for quota or because it was asked to
 * @param bytes bytes of committed files
 * @param from start of the earliest slice, null without a window
 * @param to end of the latest slice, null without a window
 * @param checkpoint where the next run resumes before lookback, null if there is none
 * @param undated rows without the cursor their stream has; they are in {@code date=unknown} and do not move the checkpoint
 * @param error what went wrong, null if nothing did
 */
@JsonPropertyOrder({
    "run",
    "stream",
    "origin",
    "source",
    "status",
    "rows",
    "rejected",
    "duplicates",
    "dropped",
    "pages",
    "requests",
    "waits",
    "retries",
    "bytes",
    "files",
    "from",
    "to",
    "checkpoint",
    "started",
    "ended",
    "undated",
    "error"
})
public record RunSummary(
        String run,
        String stream,
        String origin,
        String source,
        RunStatus status,
        long rows,
        long rejected,
        long duplicates,
        long dropped,
        long pages,
        long requests,
        long waits,
        long retries,
        long bytes,
        long files,
        @Nullable Instant from,
        @Nullable Instant to,
        @Nullable Instant checkpoint,
        Instant started,
        Instant ended,
        long undated,
        @Nullable String error) {}
