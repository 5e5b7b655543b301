package dev.caravan.camel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The files of {@code routes/} by name: vendor files, and the parts that they share, {@code shared/…} and {@code templates/…}. Where
 * the folder has no part of a built-in one's name, the built-in one serves.
 */
final class RouteFolder {
    static final String ENDING = ".camel.yaml";

    private static final List<String> BUILT_IN = List.of("shared/errors" + ENDING, "templates/stream" + ENDING);
    private static final List<String> PARTS = List.of("shared", "templates");

    private final Path folder;

    RouteFolder(Path folder) {
        this.folder = folder;
    }

    Path path() {
        return folder;
    }

    /**
     * How a file looks from outside; a change of it is a change of the file.
     *
     * @param modified milliseconds since 1970
     */
    record Stamp(long modified, long size) {}

    static boolean isPart(String name) {
        return name.contains("/");
    }

    /** Returns every file, vendor files and parts, as it looks from outside. What goes while it is looked at is not there. */
    Map<String, Stamp> stamps() throws IOException {
        Map<String, Stamp> stamps = new TreeMap<>();
        stamp(folder, "", stamps);
        for (String part : PARTS) {
            stamp(folder.resolve(part), part + "/", stamps);
        }
        return stamps;
    }

    private static void stamp(Path directory, String prefix, Map<String, Stamp> into) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (var entries = Files.newDirectoryStream(directory, "*" + ENDING)) {
            for (Path file : entries) {
                Optional<Stamp> stamp = stamp(file);
                stamp.ifPresent(seen -> into.put(prefix + file.getFileName(), seen));
            }
        }
    }

    /** One that goes while it is looked at is not there. */
    private static Optional<Stamp> stamp(Path file) throws IOException {
        try {
            return Files.isRegularFile(file)
                    ? Optional.of(new Stamp(Files.getLastModifiedTime(file).toMillis(), Files.size(file)))
                    : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    String read(String name) throws IOException {
        return Files.readString(folder.resolve(name), StandardCharsets.UTF_8);
    }

    /** Returns the built-in parts, which serve where the folder has none of their name. */
    static Map<String, String> builtIn() {
        Map<String, String> parts = new TreeMap<>();
        for (String name : BUILT_IN) {
            try (InputStream in = RouteFolder.class.getResourceAsStream("/caravan/routes/" + name)) {
                if (in == null) {
                    throw new IllegalStateException("The application was built without " + name);
                }
                parts.put(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read the built-in " + name, e);
            }
        }
        return parts;
    }
}
