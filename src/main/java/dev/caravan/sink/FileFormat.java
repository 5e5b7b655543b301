package dev.caravan.sink;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How the rows of a file are written. */
enum FileFormat {
    /** A JSON object a line, as the vendor wrote it. */
    NDJSON,
    /** RFC 4180 with a line of names. */
    CSV,
    /** Columns with types. */
    PARQUET;

    /** Returns the format of the name used in vendor files. */
    @JsonCreator
    public static FileFormat named(String name) {
        return find(name)
                .orElseThrow(() -> new IllegalArgumentException("format '%s' is not one of %s".formatted(name, all())));
    }

    static Optional<FileFormat> find(String name) {
        return Arrays.stream(values())
                .filter(each -> each.name().equalsIgnoreCase(name))
                .findFirst();
    }

    static String all() {
        return Arrays.stream(values()).map(FileFormat::toString).collect(Collectors.joining(", "));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
