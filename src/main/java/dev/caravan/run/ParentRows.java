package dev.caravan.run;

import dev.caravan.Stream;
import dev.caravan.commit.KeyHash;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.slice.ParentSettings;
import dev.caravan.slice.Partition;
import dev.caravan.slice.Window;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes partitions of the rows of a parent, taken in the order they landed. Of several versions of a record the one with the
 * greatest cursor counts, and of those the last; a record that does not meet the condition any more is no partition.
 *
 * <p>Holds the partitions and 32 bytes for each record, not the rows. For one thread.
 */
final class ParentRows {
    /** Most partitions that a parent may have in a run. */
    static final int MOST = 200_000;

    private final String child;
    private final StreamDefinition parent;
    private final ParentSettings settings;
    private final Stream.Shape shape;
    private final @Nullable Window window;
    private final RowVersion versions;
    private final ParentIndex index = new ParentIndex();
    private final List<@Nullable Partition> partitions = new ArrayList<>();
    private int present;

    /**
     * @param child id of the stream whose partitions these are
     * @param shape how the parent's records are written
     * @param window only records whose cursor lies in it become partitions; null for all
     */
    ParentRows(
            String child,
            StreamDefinition parent,
            Stream.Shape shape,
            ParentSettings settings,
            @Nullable Window window) {
        this.shape = shape;
        this.child = child;
        this.parent = parent;
        this.settings = settings;
        this.window = window;
        this.versions = new RowVersion(parent.stream());
    }

    /**
     * Takes in a row.
     *
     * @throws PullException if there are too many partitions to hold
     */
    void add(byte[] bytes) {
        LandedRow row = new LandedRow(bytes, shape);
        Map<String, String> taken = taken(row);
        Instant at = versions.cursor(row);
        KeyHash record = KeyHash.of(identity(row, taken));
        long version = RowVersion.number(at);
        if (index.hasLater(record, version)) {
            return;
        }
        boolean chosen = taken.size() == settings.take().size() && isWithin(at) && isChosen(row);
        int place = chosen ? partitions.size() : ParentIndex.NONE;
        int before = index.put(record, version, place);
        if (before != ParentIndex.NONE && chosen) {
            index.put(record, version, before);
            partitions.set(before, new Partition(taken));
        } else if (before != ParentIndex.NONE) {
            partitions.set(before, null);
            present--;
        } else if (chosen) {
            keep(new Partition(taken));
        }
    }

    private void keep(Partition partition) {
        if (present == MOST) {
            throw new PullException(
                    Remedy.STOP,
                    "%s: its parent %s has more than %,d records to be partitions; take fewer of them with 'where', or only those that are new with 'rows: changed'"
                            .formatted(child, parent.id(), MOST));
        }
        partitions.add(partition);
        present++;
    }

    private boolean isWithin(@Nullable Instant at) {
        return window == null || at == null || window.contains(at);
    }

    private boolean isChosen(LandedRow row) {
        return settings.where() == null || settings.where().holds(row::text);
    }

    private Map<String, String> taken(LandedRow row) {
        Map<String, String> taken = new LinkedHashMap<>();
        settings.take()
                .forEach((field, path) ->
                        row.text(path).filter(text -> !text.isBlank()).ifPresent(text -> taken.put(field, text)));
        return taken;
    }

    /** The parent's key; without one, or where it is of the parent's own partition and did not land, what is taken. */
    private String identity(LandedRow row, Map<String, String> taken) {
        return versions.key(row).orElseGet(() -> "taken " + new Partition(taken).id());
    }

    /** Returns the partitions, each once, in the order their records first landed. */
    List<Partition> partitions() {
        Set<Partition> all = new LinkedHashSet<>();
        for (Partition each : partitions) {
            if (each != null) {
                all.add(each);
            }
        }
        return settings.distinct(List.copyOf(all));
    }

    /** Returns how many records are partitions so far. */
    int size() {
        return present;
    }
}
