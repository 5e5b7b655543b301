package dev.caravan.slice;

import org.jspecify.annotations.Nullable;

/**
 * A part of a run that is pulled page by page and checkpointed on its own: a window of a partition.
 *
 * @param window null for a stream without a cursor, or whose cursor the API does not filter by
 */
public record Slice(Partition partition, @Nullable Window window) {
    /** Returns a name that no other slice of the stream has at the same time, for logs, commits and messages. */
    public String id() {
        String span = window == null ? "all" : window.from() + ".." + window.to();
        return partition.id().isEmpty() ? span : partition.id() + "@" + span;
    }
}
