package com.acme;

import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import dev.caravan.batch.Delivery;
import dev.caravan.batch.SealedFile;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.record.SourceRecord;
import dev.caravan.sink.BatchSettings;
import dev.caravan.sink.Destination;
import dev.caravan.sink.LandedRows;
import dev.caravan.sink.Sink;
import dev.caravan.sink.SinkContext;
import dev.caravan.sink.SinkSettings;
import dev.caravan.sink.SinkType;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
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
        public BatchSettings batch() {
            return BatchSettings.USUAL;
        }

        @Override
        public Sink open(SinkContext stream) {
            if (stream.keeps() == SinkContext.Keeps.PULLED) {
                throw new IllegalArgumentException("sink: a shelf gives nothing back, use append or merge");
            }
            Sink files = SinkSettings.USUAL.open(stream);
            return new Sink() {
                @Override
                public List<SealedFile> write(Destination to, List<SourceRecord> records) {
                    return files.write(to, records); // committed as a file first, then delivered
                }

                @Override
                public String ending() {
                    return files.ending();
                }

                @Override
                public Delivery delivery() {
                    return new Shelf(place.resolve(stream.id()));
                }
            };
        }
    }

    private record Shelf(Path folder) implements Delivery {
        @Override
        public void deliver(Delivered commit) {
            Path file = folder.resolve("%020d.ndjson".formatted(commit.sequence()));
            try {
                Files.createDirectories(folder);
                if (Files.exists(file)) {
                    return; // it was delivered before
                }
                Path whole = folder.resolve(".new");
                try (OutputStream out = Files.newOutputStream(whole)) {
                    for (Part part : commit.files()) {
                        LandedRows.read(part.file(), Integer.MAX_VALUE, row -> write(out, row));
                    }
                }
                for (Path old : commit.replaces() ? delivered() : List.<Path>of()) {
                    Files.delete(old);
                }
                Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException | UncheckedIOException e) {
                throw failed(e);
            }
        }

        private PullException failed(Exception e) {
            return new PullException(Remedy.STOP, "shelf %s: %s; look at the folder".formatted(folder, e), e);
        }

        private static void write(OutputStream out, byte[] row) {
            try {
                out.write(row);
                out.write('\n');
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private List<Path> delivered() throws IOException {
            if (!Files.isDirectory(folder)) {
                return List.of();
            }
            try (var files = Files.list(folder)) {
                return files.filter(file -> file.toString().endsWith(".ndjson"))
                        .sorted()
                        .toList();
            }
        }

        @Override
        public long reached() {
            try {
                List<Path> all = delivered();
                return all.isEmpty()
                        ? 0
                        : Long.parseLong(
                                all.get(all.size() - 1).getFileName().toString().substring(0, 20));
            } catch (IOException e) {
                throw failed(e);
            }
        }
    }
}
