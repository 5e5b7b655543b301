package dev.caravan.sink;

import dev.caravan.batch.Delivery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A commit that waits for others. Files of a folder stay where they are; of a bucket there are copies, which go when they have been
 * delivered, so they are kept under other names.
 *
 * @param folder what of them goes when it is delivered, null if nothing does
 */
public record Gathered(Delivery.Delivered commit, @Nullable Path folder) {
    private static final Logger LOG = LoggerFactory.getLogger(Gathered.class);

    public static Gathered of(Delivery.Delivered commit, SinkContext stream) throws IOException {
        Path folder = stream.data()
                .resolve("state")
                .resolve("lake")
                .resolve(UUID.randomUUID().toString());
        List<Delivery.Part> parts = new ArrayList<>();
        for (Delivery.Part part : commit.files()) {
            part.with(file -> {
                boolean stays = file.startsWith(stream.folder());
                parts.add(
                        stays ? part : new Delivery.Part(kept(file, folder, parts.size()), part.rows(), part.sha256()));
            });
        }
        if (parts.equals(commit.files())) {
            return new Gathered(commit, null);
        }
        // Nothing but rows that come beside others is gathered: they are the commit's own.
        return new Gathered(
                new Delivery.Delivered(
                        commit.sequence(), commit.epoch(), commit.run(), commit.replaces(), commit.portion(), parts),
                folder);
    }

    private static Path kept(Path file, Path folder, int number) throws IOException {
        Files.createDirectories(folder);
        Path kept = folder.resolve(number + "-" + file.getFileName());
        try {
            return Files.createLink(kept, file);
        } catch (IOException | UnsupportedOperationException e) {
            return Files.copy(file, kept);
        }
    }

    public void close() {
        if (folder == null) {
            return;
        }
        try (Stream<Path> kept = Files.list(folder)) {
            for (Path each : kept.toList()) {
                Files.deleteIfExists(each);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            LOG.debug("A copy of rows is left: {}", e.toString());
        }
    }
}
