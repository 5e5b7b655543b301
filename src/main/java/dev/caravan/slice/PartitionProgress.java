package dev.caravan.slice;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far one partition has come.
 *
 * @param partition which one
 * @param checkpoint where the next run resumes, before lookback; null before anything finished
 * @param etag validator of an answer that held the whole partition, null if there is none
 * @param slices planned slices in order, from the first that is not done
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PartitionProgress(
        Partition partition,
        @Nullable Instant checkpoint,
        @Nullable String etag,
        List<SliceProgress> slices) {
    public PartitionProgress {
        slices = slices == null ? List.of() : List.copyOf(slices);
    }

    static PartitionProgress untouched(Partition partition) {
        return new PartitionProgress(partition, null, null, List.of());
    }

    PartitionProgress withSlices(List<SliceProgress> planned) {
        return new PartitionProgress(partition, checkpoint, etag, planned);
    }

    PartitionProgress withoutPositions() {
        return new PartitionProgress(
                partition,
                checkpoint,
                null,
                slices.stream()
                        .map(slice -> new SliceProgress(slice.window(), slice.done(), null, slice.greatest()))
                        .toList());
    }

    PartitionProgress withEtag(@Nullable String newEtag) {
        return new PartitionProgress(partition, checkpoint, newEtag, slices);
    }

    /** Returns this with {@code update} in place of the slice of the same window, finished slices at the front folded into the checkpoint. */
    PartitionProgress with(SliceProgress update, boolean ascending) {
        List<SliceProgress> rest = new ArrayList<>(slices);
        rest.replaceAll(each -> Objects.equals(each.window(), update.window()) ? update : each);
        Instant reached = checkpoint;
        while (!rest.isEmpty() && rest.get(0).done()) {
            reached = later(reached, end(rest.remove(0), ascending));
        }
        return new PartitionProgress(partition, reached, etag, rest);
    }

    private static @Nullable Instant end(SliceProgress finished, boolean ascending) {
        Window window = finished.window();
        if (window == null) {
            return null;
        }
        return ascending ? finished.greatest() : window.to();
    }

    private static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isAfter(other) ? one : other;
    }
}
