package dev.caravan.sink;

import dev.caravan.batch.Delivery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
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
        if (commit.files().stream().allMatch(part -> part.file().startsWith(stream.folder()))) {
            return new Gathered(commit, null);
        }
        Path folder = stream.data()
                .resolve("state")
                .resolve("lake")
                .resolve(UUID.randomUUID().toString());
        Files.createDirectories(folder);
        List<Delivery.Part> parts = new ArrayList<>();
        for (Delivery.Part part : commit.files()) {
            Path kept = folder.resolve(parts.size() + "-" + part.file().getFileName());
            try {
                Files.createLink(kept, part.file());
            } catch (IOException | UnsupportedOperationException e) {
                Files.copy(part.file(), kept);
            }
            parts.add(new Delivery.Part(kept, part.rows(), part.sha256()));
        }
        // Nothing but rows that come beside others is gathered: they are the commit's own.
        return new Gathered(
                new Delivery.Delivered(
                        commit.sequence(), commit.epoch(), commit.run(), commit.replaces(), commit.portion(), parts),
                folder);
    }

    public void close() {
        if (folder == null) {
            return;
        }
        try {
            for (Delivery.Part part : commit.files()) {
                Files.deleteIfExists(part.file());
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            LOG.debug("A copy of rows is left: {}", e.toString());
        }
    }
}
