package com.acme;

import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
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
import java.util.List;

/** A shelf: a folder with a file for each commit. sink: {type: shelf, place: /lake} */
public final class ShelfSinkType implements SinkType {
    @Override
    public String name() {
        return "shelf";
    }

    @Override
    public Class<? extends SinkSettings> settings() {
        return Settings.class;
    }

    @JsonDeserialize(using = JsonDeserializer.None.class)
    public record Settings(String name, Path place) implements SinkSettings {
        public Settings {
            name = name == null ? "shelf" : name;
            if (place == null) {
                throw new IllegalArgumentException("sink: shelf needs a 'place', a folder such as /lake");
            }
        }

        @Override
        public Sink open(SinkContext stream) {
            if (stream.keeps() == SinkContext.Keeps.PULLED) {
                throw new IllegalArgumentException("sink: a shelf gives nothing back, use append or merge");
            }
            return Sink.delivering(stream, new Shelf(place.resolve(stream.id())));
        }
    }

    private record Shelf(Path folder) implements Delivery {
        @Override
        public void deliver(Delivered commit) throws IOException {
            Path file = folder.resolve("%020d.ndjson".formatted(commit.sequence()));
            if (Files.exists(file)) {
                return; // it was delivered before
            }
            Path whole = Files.createDirectories(folder).resolve(".new");
            try (OutputStream out = Files.newOutputStream(whole)) {
                for (Part part : commit.files()) {
                    part.with(rows -> LandedRows.read(rows, row -> {
                        out.write(row);
                        out.write('\n');
                    }));
                }
            }
            for (Path old : commit.replaces() ? delivered() : List.<Path>of()) {
                Files.delete(old);
            }
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
        }

        @Override
        public long reached() throws IOException {
            return delivered().stream()
                    .map(file -> file.getFileName().toString().replace(".ndjson", ""))
                    .mapToLong(Long::parseLong)
                    .max()
                    .orElse(0);
        }

        private List<Path> delivered() throws IOException {
            try (var files = Files.list(Files.createDirectories(folder))) {
                return files.filter(file -> file.toString().endsWith(".ndjson")).toList();
            }
        }
    }
}
