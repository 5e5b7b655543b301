package dev.caravan.slice;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far a stream has come: what commits carry and the next run begins with.
 *
 * <p>A commit carries the difference to the commit before it, {@link #since}; {@link #plus} puts them together again.
 *
 * @param partitions one entry for each partition ever planned, in the order of planning
 * @param units work beside the ordinary runs that is pulled, checkpointed and resumed on its own, such as a backfill, by its
 *     name; in a difference, one without partitions has ended
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Progress(
        @JsonInclude(JsonInclude.Include.ALWAYS) List<PartitionProgress> partitions, Map<String, Progress> units) {
    public static final Progress NONE = new Progress(List.of(), Map.of());

    /** How the names of work that pulls a generation begin; while such is under way, its generation is kept. */
    private static final String REFRESH = "refresh ";

    public Progress {
        partitions = List.copyOf(partitions);
        units = units == null ? Map.of() : Map.copyOf(units);
    }

    public Progress(List<PartitionProgress> partitions) {
        this(partitions, Map.of());
    }

    public Optional<PartitionProgress> of(Partition partition) {
        return partitions.stream()
                .filter(each -> each.partition().equals(partition))
                .findFirst();
    }

    /** Returns how far {@code slice} has come, or empty if nothing is known of it or it is folded into the checkpoint. */
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
        return replace(known(slice.partition()).with(update, ascending));
    }

    public Progress withEtag(Partition partition, @Nullable String etag) {
        return replace(known(partition).withEtag(etag));
    }

    /** Returns how far a piece of work beside the ordinary runs has come; {@link #NONE} if it is not under way. */
    public Progress unit(String name) {
        return units.getOrDefault(name, NONE);
    }

    /** Returns this with another progress of a piece of work; {@link #NONE} ends it. */
    public Progress withUnit(String name, Progress progress) {
        Map<String, Progress> all = new LinkedHashMap<>(units);
        if (progress.equals(NONE)) {
            all.remove(name);
        } else {
            all.put(name, progress);
        }
        return new Progress(partitions, all);
    }

    /** Returns the name of the work that pulls everything anew, under one definition. */
    public static String refresh(String definition) {
        return REFRESH + definition;
    }

    /** Whether everything is being pulled anew. */
    @JsonIgnore
    public boolean isRefreshing() {
        return units.keySet().stream().anyMatch(name -> name.startsWith(REFRESH));
    }

    /** Returns this with no refresh under way; what one has pulled goes with it. */
    public Progress withoutRefresh() {
        Map<String, Progress> rest = new LinkedHashMap<>(units);
        rest.keySet().removeIf(name -> name.startsWith(REFRESH));
        return new Progress(partitions, rest);
    }

    /**
     * Returns this with another checkpoint of {@code partition}; what was open of it is forgotten.
     *
     * @param checkpoint where its next run resumes, before lookback; null to begin at {@code start}
     * @param open spans that are to be pulled before that run goes on behind the last of them, in order; mostly empty
     */
    public Progress withCheckpoint(Partition partition, @Nullable Instant checkpoint, List<Window> open) {
        return replace(known(partition).withCheckpoint(checkpoint, open));
    }

    /** Returns this with every open slice standing before its first page: positions of another request mean nothing. */
    public Progress withoutPositions() {
        Map<String, Progress> others = new LinkedHashMap<>();
        units.forEach((name, unit) -> others.put(name, unit.withoutPositions()));
        return new Progress(
                partitions.stream().map(PartitionProgress::withoutPositions).toList(), others);
    }

    /** Returns the progress of a stream that begins anew, which knows the same partitions. */
    public Progress begunAnew() {
        return new Progress(partitions.stream()
                .map(each -> PartitionProgress.untouched(each.partition()))
                .toList());
    }

    /** Returns what has to be added to {@code before} to make this. Partitions never go, so none may be missing here. */
    public Progress since(Progress before) {
        Map<Partition, PartitionProgress> known = new LinkedHashMap<>();
        before.partitions.forEach(each -> known.put(each.partition(), each));
        List<PartitionProgress> changed = partitions.stream()
                .filter(each -> !each.equals(known.get(each.partition())))
                .toList();
        Map<String, Progress> others = new TreeMap<>();
        before.units.keySet().stream().filter(name -> !units.containsKey(name)).forEach(name -> others.put(name, NONE));
        units.forEach((name, unit) -> {
            Progress difference = unit.since(before.unit(name));
            if (!difference.equals(NONE)) {
                others.put(name, difference);
            }
        });
        return new Progress(changed, others);
    }

    /** Returns this with a difference that {@link #since} made. */
    public Progress plus(Progress difference) {
        if (partitions.isEmpty() && units.isEmpty()) {
            return difference.withoutEndedUnits();
        }
        Map<Partition, PartitionProgress> all = new LinkedHashMap<>();
        partitions.forEach(each -> all.put(each.partition(), each));
        difference.partitions.forEach(each -> all.put(each.partition(), each));
        Progress sum = new Progress(List.copyOf(all.values()), units);
        for (Map.Entry<String, Progress> unit : difference.units.entrySet()) {
            boolean ended = unit.getValue().equals(NONE);
            sum = sum.withUnit(unit.getKey(), ended ? NONE : unit(unit.getKey()).plus(unit.getValue()));
        }
        return sum;
    }

    private Progress withoutEndedUnits() {
        Progress rest = this;
        for (Map.Entry<String, Progress> unit : units.entrySet()) {
            rest = rest.withUnit(unit.getKey(), unit.getValue());
        }
        return rest;
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

    PartitionProgress known(Partition partition) {
        return of(partition).orElseGet(() -> PartitionProgress.untouched(partition));
    }

    Progress replace(PartitionProgress update) {
        List<PartitionProgress> all = new ArrayList<>(partitions);
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).partition().equals(update.partition())) {
                all.set(i, update);
                return new Progress(all, units);
            }
        }
        all.add(update);
        return new Progress(all, units);
    }
}
