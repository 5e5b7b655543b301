package dev.caravan.sink;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;

/**
 * Where the records of a stream go, as {@code sink} says it: the name of a sink, {@code sink: duckdb}; or its settings, whose
 * {@code type} is that name and {@code files} unless said, {@code sink: {format: parquet}}. Several in a list.
 *
 * <p>A {@link SinkType} brings a record that implements this. What it cannot accept it refuses in its constructor, with an
 * {@link IllegalArgumentException} that names the setting, its value and what would be right. Its text shows no secret.
 */
@JsonDeserialize(using = SinkReader.class)
public interface SinkSettings {
    /** Returns lines of JSON in gzip, by the day of their cursor. */
    static SinkSettings usual() {
        return FileSettings.USUAL;
    }

    /**
     * Checks what tells sinks apart.
     *
     * @throws IllegalArgumentException if it is no such name
     */
    static void checkName(String name) {
        if (!name.matches("[a-z0-9][a-z0-9-]{0,49}")) {
            throw new IllegalArgumentException(
                    "sink: name '%s' is also a folder: use lower-case letters, digits and '-' only".formatted(name));
        }
    }

    /**
     * What tells it from the other sinks of a stream, of lower-case letters, digits and '-'. Commits and keys are kept under it,
     * so another name begins anew.
     */
    String name();

    /** When a batch for it is full; what suits the sink and the application unless it says so. */
    default BatchSettings batch() {
        return BatchSettings.USUAL;
    }

    /**
     * Returns the sink for one stream.
     *
     * @throws IllegalArgumentException if these settings do not go with the stream
     */
    Sink open(SinkContext stream);
}
