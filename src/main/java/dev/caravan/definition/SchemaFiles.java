package dev.caravan.definition;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.json.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Schemas that vendor files name instead of writing them out: JSON files in the same folder or below it. */
final class SchemaFiles {
    private final Path folder;

    SchemaFiles(Path folder) {
        this.folder = folder;
    }

    /** @throws IllegalArgumentException if {@code name} names no JSON file inside the folder */
    JsonNode read(String name) {
        try {
            Path file = folder.resolve(name);
            // Links count for what they lead to, so that none leads out of the folder.
            if (!file.normalize().startsWith(folder.normalize())
                    || !file.toRealPath().startsWith(folder.toRealPath())) {
                throw new IllegalArgumentException(
                        "schema '%s' leads out of %s; put the file in there, into schemas/ for example"
                                .formatted(name, folder));
            }
            return StrictJson.mapper().readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException | InvalidPathException e) {
            throw new IllegalArgumentException(
                    "schema '%s' is no file of %s; name one such as schemas/orders.json, or write the schema out"
                            .formatted(name, folder),
                    e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "schema '%s' is not JSON: %s, line %d"
                            .formatted(
                                    name,
                                    e.getOriginalMessage(),
                                    e.getLocation() == null
                                            ? 1
                                            : e.getLocation().getLineNr()),
                    e);
        } catch (IOException e) {
            throw new IllegalArgumentException("schema '%s' cannot be read: %s".formatted(name, e), e);
        }
    }
}
