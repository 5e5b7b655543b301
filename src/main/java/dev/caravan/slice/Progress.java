package dev.caravan.slice;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
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
 * <p>Immutable. A stream may have tens of thousands of partitions, each of which changes with a commit of its own: versions
 * with the same partitions share what has not changed, and the index that finds them.
 */
@JsonAutoDetect(
        fieldVisibility = JsonAutoDetect.Visibility.NONE,
        getterVisibility = JsonAutoDetect.Visibility.NONE,
        isGetterVisibility = JsonAutoDetect.Visibility.NONE)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public final class Progress {
    /** How long it is remembered how far a partition had come that the stream does not have any more. */
    static final Duration ABSENCE = Duration.ofDays(90);

    public static final Progress NONE = new Progress(List.of());

    /** How the names of work that pulls a generation begin; while such is under way, its generation is kept. */
    private static final String REFRESH = "refresh ";

    private final Slots slots;

    private final Map<String, Progress> units;
    private final Map<String, Long> marks;
    private final List<Partition> gone;
    private volatile @Nullable Map<Partition, Integer> places;

    /**
     * @param partitions one entry for each partition that is known, in the order of planning
     * @param units work beside the ordinary runs that is pulled, checkpointed and resumed on its own, such as a backfill, by
     *     its name; in a difference, one without partitions has ended
     * @param marks up to which commit of a parent stream its records have become partitions here, by the parent's id
     * @param gone in a difference, partitions that are not known any more; empty otherwise
     */
    @JsonCreator
    public Progress(
            @JsonProperty("partitions") @Nullable List<PartitionProgress> partitions,
            @JsonProperty("units") @Nullable Map<String, Progress> units,
            @JsonProperty("marks") @Nullable Map<String, Long> marks,
            @JsonProperty("gone") @Nullable List<Partition> gone) {
        this(
                Slots.of(partitions == null ? List.of() : partitions),
                units == null ? Map.of() : Map.copyOf(units),
                marks == null ? Map.of() : Map.copyOf(marks),
                gone == null ? List.of() : List.copyOf(gone),
                null);
    }

    public Progress(List<PartitionProgress> partitions) {
        this(partitions, null, null, null);
    }

    private Progress(
            Slots slots,
            Map<String, Progress> units,
            Map<String, Long> marks,
            List<Partition> gone,
            @Nullable Map<Partition, Integer> places) {
        this.slots = slots;
        this.units = units;
        this.marks = marks;
        this.gone = gone;
        this.places = places;
    }

    /** Returns one entry for each partition that is known, in the order of planning. */
    @JsonProperty("partitions")
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public List<PartitionProgress> partitions() {
        return slots.present();
    }

    /** Returns work beside the ordinary runs, by its name. */
    @JsonProperty("units")
    public Map<String, Progress> units() {
        return units;
    }

    /** Returns up to which commit of a parent its records have become partitions here, by the parent's id. */
    @JsonProperty("marks")
    public Map<String, Long> marks() {
        return marks;
    }

    /** Returns, in a difference, partitions that are not known any more. */
    @JsonProperty("gone")
    public List<Partition> gone() {
        return gone;
    }

    private Map<Partition, Integer> places() {
        Map<Partition, Integer> index = places;
        if (index == null) {
            index = new HashMap<>(slots.length() * 2);
            for (int i = 0; i < slots.length(); i++) {
                PartitionProgress each = slots.get(i);
                if (each != null) {
                    index.put(each.partition(), i);
                }
            }
            places = index;
        }
        return index;
    }

    public Optional<PartitionProgress> of(Partition partition) {
        Integer place = places().get(partition);
        return place == null ? Optional.empty() : Optional.ofNullable(slots.get(place));
    }

    /** Returns how far {@code slice} has come, or empty if nothing is known of it or it is folded into the checkpoint. */
    public Optional<SliceProgress> of(Slice slice) {
        return of(slice.partition()).stream()
                .flatMap(partition -> partition.slices().stream())
                .filter(each -> Objects.equals(each.window(), slice.window()))
                .findFirst();
    }

    /**
     * Returns this after a commit of {@code slice}. Of a group, each member comes as far; where it stands in the middle is not
     * kept, as the next run may put other members together.
     *
     * @param ascending as in {@link SliceSettings}; decides whether a finished slice moves the checkpoint to its end or to
     *     the greatest cursor seen
     */
    public Progress with(Slice slice, SliceProgress update, boolean ascending) {
        if (!slice.partition().isGroup()) {
            return replace(known(slice.partition()).with(update, ascending));
        }
        if (!update.done()) {
            return this;
        }
        Editing edited = new Editing(this);
        slice.partition()
                .members()
                .forEach(each -> edited.put(edited.known(each).with(update, ascending)));
        return edited.progress();
    }

    /** Returns this without the partitions of a slice that is done: they come again when there is something new of them. */
    public Progress without(Slice slice) {
        Collection<Partition> over =
                slice.partition().isGroup() ? slice.partition().members() : List.of(slice.partition());
        Editing edited = new Editing(this);
        over.forEach(edited::remove);
        return edited.progress();
    }

    public Progress withEtag(Partition partition, @Nullable String etag) {
        return partition.isGroup() ? this : replace(known(partition).withEtag(etag));
    }

    /** Returns this with another token of {@code partition}; null makes its next run begin anew. */
    public Progress withToken(Partition partition, @Nullable String token) {
        return replace(known(partition).withToken(token));
    }

    /** Returns up to which commit a parent's records have become partitions here, 0 if none have. */
    public long mark(String parent) {
        return marks.getOrDefault(parent, 0L);
    }

    /** Returns this with another mark; 0 makes all of the parent's records new. */
    public Progress withMark(String parent, long sequence) {
        if (mark(parent) == sequence) {
            return this;
        }
        Map<String, Long> all = new LinkedHashMap<>(marks);
        if (sequence == 0) {
            all.remove(parent);
        } else {
            all.put(parent, sequence);
        }
        return new Progress(slots, units, Map.copyOf(all), gone, places);
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
        return withUnits(all);
    }

    private Progress withUnits(Map<String, Progress> others) {
        return new Progress(slots, Map.copyOf(others), marks, gone, places);
    }

    /** Returns the name of the work that pulls everything anew, under one definition. */
    public static String refresh(String definition) {
        return REFRESH + definition;
    }

    /** Whether everything is being pulled anew. */
    public boolean isRefreshing() {
        return units.keySet().stream().anyMatch(name -> name.startsWith(REFRESH));
    }

    /** Returns this with no refresh under way; what one has pulled goes with it. */
    public Progress withoutRefresh() {
        Map<String, Progress> rest = new LinkedHashMap<>(units);
        rest.keySet().removeIf(name -> name.startsWith(REFRESH));
        return withUnits(rest);
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
                partitions().stream().map(PartitionProgress::withoutPositions).toList(), others, marks, gone);
    }

    /** Returns the progress of a stream that begins anew, which knows the same partitions. */
    public Progress begunAnew() {
        return new Progress(partitions().stream()
                .map(each -> PartitionProgress.untouched(each.partition()).withAbsent(each.absent()))
                .toList());
    }

    /** Returns what has to be added to {@code before} to make this. */
    public Progress since(Progress before) {
        List<PartitionProgress> changed = new ArrayList<>();
        List<Partition> lost = new ArrayList<>();
        boolean sameIndex = places != null && places == before.places;
        if (sameIndex) {
            compareSlots(before, changed, lost);
        } else {
            compare(before, changed, lost);
        }
        Map<String, Progress> others = new TreeMap<>();
        before.units.keySet().stream().filter(name -> !units.containsKey(name)).forEach(name -> others.put(name, NONE));
        units.forEach((name, unit) -> {
            Progress difference = unit.since(before.unit(name));
            if (!difference.equals(NONE)) {
                others.put(name, difference);
            }
        });
        return new Progress(changed, others, marksSince(before), lost);
    }

    /** A mark that is not there any more is 0 in a difference. */
    private Map<String, Long> marksSince(Progress before) {
        Map<String, Long> changed = new TreeMap<>();
        before.marks.keySet().stream().filter(parent -> mark(parent) == 0).forEach(parent -> changed.put(parent, 0L));
        marks.forEach((parent, mark) -> {
            if (before.mark(parent) != mark) {
                changed.put(parent, mark);
            }
        });
        return changed;
    }

    private void compareSlots(Progress before, List<PartitionProgress> changed, List<Partition> lost) {
        for (int i = 0; i < slots.length(); i = slots.nextUnlike(before.slots, i + 1)) {
            PartitionProgress now = slots.get(i);
            PartitionProgress then = before.slots.get(i);
            if (now == null && then != null) {
                lost.add(then.partition());
            } else if (now != null && !now.equals(then)) {
                changed.add(now);
            }
        }
    }

    private void compare(Progress before, List<PartitionProgress> changed, List<Partition> lost) {
        for (PartitionProgress each : partitions()) {
            if (!each.equals(before.of(each.partition()).orElse(null))) {
                changed.add(each);
            }
        }
        for (PartitionProgress each : before.partitions()) {
            if (of(each.partition()).isEmpty()) {
                lost.add(each.partition());
            }
        }
    }

    /** Returns this with a difference that {@link #since} made. */
    public Progress plus(Progress difference) {
        Editing edited = new Editing(this);
        difference.partitions().forEach(edited::put);
        difference.gone.forEach(edited::remove);
        Progress sum = edited.progress();
        for (Map.Entry<String, Progress> unit : difference.units.entrySet()) {
            boolean ended = unit.getValue().equals(NONE);
            sum = sum.withUnit(
                    unit.getKey(), ended ? NONE : sum.unit(unit.getKey()).plus(unit.getValue()));
        }
        for (Map.Entry<String, Long> mark : difference.marks.entrySet()) {
            sum = sum.withMark(mark.getKey(), mark.getValue());
        }
        return sum;
    }

    /**
     * Returns the least checkpoint of all partitions that the stream has: everything before it is committed. Null if a
     * partition has none.
     */
    public @Nullable Instant checkpoint() {
        Instant least = null;
        for (int i = 0; i < slots.length(); i++) {
            PartitionProgress each = slots.get(i);
            if (each == null || each.absent() != null) {
                continue;
            }
            Instant reached = each.checkpoint();
            if (reached == null) {
                return null;
            }
            least = least == null || reached.isBefore(least) ? reached : least;
        }
        return least;
    }

    /**
     * Returns how far both this and another progress of the stream have come. Where they differ, what lies behind the lesser
     * checkpoint begins anew: records that are read again are known by their keys.
     */
    public Progress least(Progress other) {
        if (equals(other)) {
            return this;
        }
        Editing edited = new Editing(this);
        for (PartitionProgress each : partitions()) {
            edited.put(other.known(each.partition()).least(each));
        }
        for (PartitionProgress each : other.partitions()) {
            edited.put(known(each.partition()).least(each));
        }
        Map<String, Progress> both = new LinkedHashMap<>();
        units.forEach((name, unit) -> {
            Progress of = unit.least(other.unit(name));
            if (!of.equals(NONE)) {
                both.put(name, of);
            }
        });
        Progress least = edited.progress().withUnits(both);
        for (String parent : marks.keySet()) {
            least = least.withMark(parent, Math.min(mark(parent), other.mark(parent)));
        }
        return least;
    }

    PartitionProgress known(Partition partition) {
        return of(partition).orElseGet(() -> PartitionProgress.untouched(partition));
    }

    Progress replace(PartitionProgress update) {
        Editing edited = new Editing(this);
        edited.put(update);
        return edited.progress();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof Progress progress
                        && units.equals(progress.units)
                        && marks.equals(progress.marks)
                        && gone.equals(progress.gone)
                        && (slots == progress.slots || partitions().equals(progress.partitions())));
    }

    @Override
    public int hashCode() {
        return Objects.hash(partitions(), units, marks, gone);
    }

    @Override
    public String toString() {
        return "Progress[partitions=%s, units=%s, marks=%s, gone=%s]".formatted(partitions(), units, marks, gone);
    }

    /** Many changes at the cost of one. For one thread. */
    static final class Editing {
        private final Progress before;
        private final List<PartitionProgress> added = new ArrayList<>();
        private final Map<Partition, Integer> addedPlaces = new HashMap<>();
        private Slots slots;

        Editing(Progress before) {
            this.before = before;
            this.slots = before.slots;
        }

        PartitionProgress known(Partition partition) {
            Integer place = before.places().get(partition);
            PartitionProgress there = place == null ? null : slots.get(place);
            if (there == null) {
                Integer late = addedPlaces.get(partition);
                there = late == null ? null : added.get(late);
            }
            return there == null ? PartitionProgress.untouched(partition) : there;
        }

        void put(PartitionProgress update) {
            Integer place = before.places().get(update.partition());
            if (place != null) {
                slots = slots.with(place, update, before.slots);
                return;
            }
            Integer late = addedPlaces.putIfAbsent(update.partition(), added.size());
            if (late == null) {
                added.add(update);
            } else {
                added.set(late, update);
            }
        }

        void remove(Partition partition) {
            Integer place = before.places().get(partition);
            if (place != null && slots.get(place) != null) {
                slots = slots.with(place, null, before.slots);
            }
        }

        Progress progress() {
            if (!added.isEmpty()) {
                List<PartitionProgress> all = new ArrayList<>(slots.present());
                all.addAll(added);
                return new Progress(all, before.units, before.marks, before.gone);
            }
            return slots == before.slots
                    ? before
                    : new Progress(slots, before.units, before.marks, before.gone, before.places());
        }
    }
}
