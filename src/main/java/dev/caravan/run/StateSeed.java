package dev.caravan.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far a stream, or a partition of one, has come, in the form of a table of seeds: what other tools keep and take.
 *
 * @param partition its fields; left out for a stream without partitions
 * @param lastSyncedCursor where the next run resumes before lookback, null if nothing is finished
 * @param lastRunAt when the stream last ran, null if that is not known
 * @param backfillComplete whether everything from the stream's start on has been pulled once
 */
@JsonPropertyOrder({"stream", "partition", "last_synced_cursor", "last_run_at", "backfill_complete"})
public record StateSeed(
        String stream,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> partition,
        @JsonProperty("last_synced_cursor") @Nullable String lastSyncedCursor,
        @JsonProperty("last_run_at") @Nullable Instant lastRunAt,
        @JsonProperty("backfill_complete") boolean backfillComplete) {}
