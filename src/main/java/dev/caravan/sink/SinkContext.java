package dev.caravan.sink;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a sink may know of the stream whose records it takes.
 *
 * @param connection name of the connection
 * @param stream name of the stream within it
 * @param stub whether the records are the sandbox's, which are kept apart
 * @param data the folder that holds everything
 * @param folder the folder in which the sink's files are committed
 * @param outlet what sends messages to endpoints outside
 * @param schema JSON Schema of its records, null without one
 * @param keeps what is kept of a record that comes again
 * @param deleted whether the vendor reports a record as deleted, given its bytes; null where it reports none
 * @param patience how it waits for a service that is busy
 */
public record SinkContext(
        String connection,
        String stream,
        boolean stub,
        Path data,
        Path folder,
        Outlet outlet,
        @Nullable JsonNode schema,
        Keeps keeps,
        @Nullable Predicate<byte[]> deleted,
        Patience patience) {
    /** What is kept of a record that comes again in another version. */
    public enum Keeps {
        /** Every version that came. */
        ALL,
        /** The latest by its cursor, and of those the one that came last. */
        LATEST,
        /** What the last pull of its portion brought. */
        PULLED
    }

    /** Name of the log of commits that a sink delivers, which rows of a table and commits beside it say they are of. */
    public String log(String sink) {
        return (stub ? "stub:" : "") + id() + "@" + sink;
    }

    /** Returns the name of its table: what is said, or {@code <connection>_<stream>}. */
    public String table(@Nullable String said, boolean marked) {
        String name = said == null ? (connection + "_" + stream).replace('-', '_') : said;
        return marked ? "stub_" + name : name;
    }

    /**
     * Refuses streams whose rows take the place of others.
     *
     * @param what cannot be taken back, for people
     * @throws IllegalArgumentException if this is one
     */
    void requireAdding(String what) {
        if (keeps == Keeps.PULLED) {
            throw new IllegalArgumentException(
                    "sink: %s cannot be taken back, so no disposition goes with it that takes the place of rows; use append or merge"
                            .formatted(what));
        }
    }

    /** Id of the stream, which is in its log lines. */
    public String id() {
        return connection + "-" + stream;
    }
}
