package com.acme;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.batch.Delivery;
import dev.caravan.sink.LandedRows;
import dev.caravan.sink.Sink;
import dev.caravan.sink.SinkContext;
import dev.caravan.sink.SinkSettings;
import dev.caravan.sink.SinkType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** A shelf: a folder with a file for each commit. sink: {type: shelf, place: /lake} */
public final class ShelfSinkType extends SinkType {
    public ShelfSinkType() {
        super("shelf", Settings.class);
    }

    public record Settings(
            String name, @JsonProperty(required = true) Path place) implements SinkSettings {
        @Override
        public Sink open(SinkContext stream) {
            return Sink.delivering(stream, new Shelf(place.resolve(stream.id())));
        }
    }

    private record Shelf(Path folder) implements Delivery {
        @Override
        public void deliver(Delivered commit) throws IOException {
            Path whole = Files.createDirectories(folder).resolve("." + UUID.randomUUID());
            try (OutputStream out = Files.newOutputStream(whole)) {
                LandedRows.read(commit, row -> {
                    out.write(row);
                    out.write('\n');
                });
            }
            Path file = folder.resolve(commit.sequence() + ".ndjson");
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
            try (var others = Files.newDirectoryStream(folder, other -> commit.replaces() && !other.equals(file))) {
                for (Path other : others) {
                    Files.delete(other);
                }
            }
        }
    }
}
