package dev.caravan.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.lake.Bucket;
import dev.caravan.lake.ObjectLake;
import dev.caravan.testkit.FailingFiles;
import dev.caravan.testkit.ForwardingBucket;
import dev.caravan.testkit.Workshop;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;

/**
 * The contract of sinks, kept by files of a lake in a bucket. Requests to the bucket fail as changes of the disk do, and what a
 * machine loses is all that it has.
 */
abstract class ObjectLakeContract extends SinkContract {
    /** Returns what is in the bucket below a prefix of its own, {@code a/b/} for example. */
    abstract Bucket bucket(String prefix);

    @Override
    protected String sink(Path data) {
        return "files";
    }

    @Override
    protected Workshop workshop(Path data, Clock time) {
        return new Workshop(data, time)
                .withLake(folder -> new ObjectLake(
                        folder,
                        FailingFiles.of(folder)
                                .<Bucket>map(files -> new FailingBucket(files, bucket(prefix(folder))))
                                .orElseGet(() -> bucket(prefix(folder)))));
    }

    private static String prefix(Path data) {
        return data.toAbsolutePath().toString().substring(1).replace('\\', '/') + "/";
    }

    /** Reads what is below the stream's prefix, as readers do that know nothing of commits. */
    @Override
    protected List<JsonNode> rows(Path data) {
        Bucket bucket = bucket(prefix(data));
        try {
            Path seen = Files.createTempDirectory(data, "seen");
            for (Bucket.Listed each : bucket.list("acme/orders/", true)) {
                Path file = seen.resolve(each.key());
                Files.createDirectories(file.resolveSibling(".").normalize());
                try (InputStream in = bucket.open(each.key())) {
                    Files.copy(in, file);
                }
            }
            List<JsonNode> rows = FileSinkContractTest.visible(seen.resolve("acme/orders"));
            deleteAll(seen);
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected void loseState(Path data) throws IOException {
        assertThat(data.resolve("acme/orders/_commits")).doesNotExist();
        try (var files = Files.list(data)) {
            for (Path each : files.toList()) {
                deleteAll(each);
            }
        }
    }

    private static void deleteAll(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    /** A bucket whose changes are counted with those of a disk, and fail with them. */
    private static final class FailingBucket extends ForwardingBucket {
        private final FailingFiles files;

        FailingBucket(FailingFiles files, Bucket bucket) {
            super(bucket);
            this.files = files;
        }

        @Override
        public boolean create(String key, byte[] bytes) throws IOException {
            return files.change(() -> bucket.create(key, bytes));
        }

        @Override
        public void put(String key, Path file) throws IOException {
            files.change(() -> {
                bucket.put(key, file);
                return true;
            });
        }

        @Override
        public boolean copy(String from, String to) throws IOException {
            return files.change(() -> bucket.copy(from, to));
        }

        @Override
        public void delete(String key) throws IOException {
            files.change(() -> {
                bucket.delete(key);
                return true;
            });
        }
    }
}
