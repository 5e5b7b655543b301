package dev.caravan.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.caravan.slice.Window;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The progress of a stream in a form of its own, which stays when the form of commits changes.
 *
 * @param origin {@code real} or {@code stub}
 * @param checkpoint the least of all partitions, null if one has none
 * @param marks up to which commit of a parent its records have become partitions, by the parent's id
 * @param partitions one for each partition ever pulled
 */
@JsonPropertyOrder({"stream", "origin", "checkpoint", "marks", "partitions"})
public record StateExport(
        String stream,
        String origin,
        @Nullable String checkpoint,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Long> marks,
        List<Part> partitions) {
    public StateExport {
        marks = Map.copyOf(marks);
        partitions = List.copyOf(partitions);
    }

    /**
     * How far a partition has come.
     *
     * @param partition its fields; empty for a stream without partitions
     * @param checkpoint where its next run resumes before lookback, null if nothing is finished
     * @param token what the vendor gave to ask for changes with, null if it gave none
     * @param open spans that were planned and not finished, in order
     */
    @JsonPropertyOrder({"partition", "checkpoint", "token", "open"})
    public record Part(
            Map<String, String> partition,
            @Nullable String checkpoint,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String token,

            List<Window> open) {
        public Part {
            open = List.copyOf(open);
        }
    }
}
