package dev.caravan.commit;

import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What state, keys, leases, commits and folders belong to.
 *
 * @param connection name of the connection; it is a folder, so only lower-case letters, digits and '-', and none of the
 *     reserved names
 * @param stream name of the stream within it, of the same letters
 * @param sink name of the sink: each has commits and keys of its own
 */
public record StreamKey(String connection, String stream, Origin origin, String sink) {
    /** The sink whose commits are in the stream's own folder. */
    public static final String FILES = "files";

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,99}");
    private static final Set<String> RESERVED = Set.of("errors", "reports", "state", "stub");

    public StreamKey {
        check("connection", connection);
        check("stream", stream);
        check("sink", sink);
        if (RESERVED.contains(connection)) {
            throw new IllegalArgumentException(
                    "A connection cannot be named '%s': data/%s has another use".formatted(connection, connection));
        }
    }

    public StreamKey(String connection, String stream, Origin origin) {
        this(connection, stream, origin, FILES);
    }

    /** Returns the key of the stream itself, whatever its sinks. */
    public StreamKey ofStream() {
        return sink.equals(FILES) ? this : new StreamKey(connection, stream, origin);
    }

    /** Returns the name of its folder and of its state: that of the stream, and behind it that of another sink than files. */
    String place() {
        return sink.equals(FILES) ? stream : stream + "@" + sink;
    }

    /** Returns the id of the stream, which is also that of its route. Not unique over origins. */
    public String id() {
        return connection + "-" + stream;
    }

    /** Returns the stream's folder below {@code data}. */
    public Path folder(Path data) {
        return base(data).resolve(connection).resolve(place());
    }

    /** Returns the folder of the stream's rejected records, relative to {@code data/}, with '/'. */
    public String rejects() {
        return (origin == Origin.STUB ? "stub/" : "") + "errors/" + connection + "/" + place();
    }

    private Path base(Path data) {
        return origin == Origin.STUB ? data.resolve("stub") : data;
    }

    private static void check(String what, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "The %s '%s' is also a folder: use lower-case letters, digits and '-' only".formatted(what, name));
        }
    }
}
