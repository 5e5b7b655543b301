package dev.caravan.run;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.caravan.slice.Window;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The progress of a stream in a form of its own, which stays when the form of commits changes.
 *
 * @param origin {@code real} or {@code stub}
 * @param checkpoint the least of all partitions, null if one has none
 * @param partitions one for each partition ever pulled
 */
@JsonPropertyOrder({"stream", "origin", "checkpoint", "partitions"})
public record StateExport(
        String stream, String origin, @Nullable Instant checkpoint, List<Part> partitions) {
    public StateExport {
        partitions = List.copyOf(partitions);
    }

    /**
     * How far a partition has come.
     *
     * @param partition its fields; empty for a stream without partitions
     * @param checkpoint where its next run resumes before lookback, null if nothing is finished
     * @param open spans that were planned and not finished, in order
     */
    @JsonPropertyOrder({"partition", "checkpoint", "open"})
    public record Part(
            Map<String, String> partition, @Nullable Instant checkpoint, List<Window> open) {
        public Part {
            open = List.copyOf(open);
        }
    }
}
