package dev.caravan.slice;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far a stream has come: what a commit carries and the next run begins with.
 *
 * @param partitions one entry for each partition ever planned, in the order of planning
 */
public record Progress(List<PartitionProgress> partitions) {
    public static final Progress NONE = new Progress(List.of());

    public Progress {
        partitions = List.copyOf(partitions);
    }

    public Optional<PartitionProgress> of(Partition partition) {
        return partitions.stream()
                .filter(each -> each.partition().equals(partition))
                .findFirst();
    }

    /** Returns how far {@code slice} has come, or empty if it is not planned or already folded into the checkpoint. */
    public Optional<SliceProgress> of(Slice slice) {
        return of(slice.partition()).stream()
                .flatMap(partition -> partition.slices().stream())
                .filter(each -> Objects.equals(each.window(), slice.window()))
                .findFirst();
    }

    /**
     * Returns this after a commit of {@code slice}.
     *
     * @param ascending as in {@link SliceSettings}; decides whether a finished slice moves the checkpoint to its end or to
     *     the greatest cursor seen
     */
    public Progress with(Slice slice, SliceProgress update, boolean ascending) {
        return replace(of(slice.partition())
                .orElseGet(() -> PartitionProgress.untouched(slice.partition()))
                .with(update, ascending));
    }

    public Progress withEtag(Partition partition, @Nullable String etag) {
        return replace(of(partition)
                .orElseGet(() -> PartitionProgress.untouched(partition))
                .withEtag(etag));
    }

    /** Returns this with every open slice standing before its first page: positions of another request mean nothing. */
    public Progress withoutPositions() {
        return new Progress(
                partitions.stream().map(PartitionProgress::withoutPositions).toList());
    }

    /** Returns the least checkpoint of all partitions: everything before it is committed. Null if a partition has none. */
    @JsonIgnore
    public @Nullable Instant checkpoint() {
        Instant least = null;
        for (PartitionProgress each : partitions) {
            Instant reached = each.checkpoint();
            if (reached == null) {
                return null;
            }
            least = least == null || reached.isBefore(least) ? reached : least;
        }
        return least;
    }

    Progress replace(PartitionProgress update) {
        List<PartitionProgress> all = new ArrayList<>(partitions);
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).partition().equals(update.partition())) {
                all.set(i, update);
                return new Progress(all);
            }
        }
        all.add(update);
        return new Progress(all);
    }
}
