package dev.caravan.lake;

import dev.caravan.failure.Remedy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Objects of a bucket, named as the files of a disk are. Its folder on this machine is a spool: files are staged there before they
 * are put into the bucket, and nothing there is needed once they are.
 */
public final class ObjectLake implements Lake {
    private static final int MOST_READS = 3;
    /** Nobody reads a copy for longer. */
    private static final Duration KEPT = Duration.ofDays(1);

    private static final byte[] PROBE =
            "Caravan tries whether this can be created twice.\n".getBytes(StandardCharsets.UTF_8);

    private final Path data;
    private final Path absolute;
    private final Bucket bucket;
    private final Errands errands = new Errands();
    private final AtomicBoolean tidied = new AtomicBoolean();
    private final AtomicBoolean createsOnce = new AtomicBoolean();

    /** @param data the folder of this machine that places are below */
    public ObjectLake(Path data, Bucket bucket) {
        this.data = data;
        this.absolute = data.toAbsolutePath();
        this.bucket = bucket;
    }

    @Override
    public Path data() {
        return data;
    }

    @Override
    public String name(Path place) {
        return bucket.name(key(place));
    }

    private String key(Path place) {
        return absolute.relativize(place.toAbsolutePath()).toString().replace('\\', '/');
    }

    private Path place(String key) {
        return data.resolve(key);
    }

    private String prefix(Path folder) {
        return key(folder) + "/";
    }

    @Override
    public boolean exists(Path place) throws IOException {
        return bucket.exists(key(place));
    }

    @Override
    public InputStream open(Path place) throws IOException {
        return bucket.open(key(place));
    }

    /** A connection may break in the middle of an answer; then the object is asked for again. */
    @Override
    public byte[] read(Path place) throws IOException {
        return repeated(() -> Lake.super.read(place));
    }

    @Override
    public Copy copy(Path place) throws IOException {
        return repeated(() -> copied(place));
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    private static <T> T repeated(Reading<T> reading) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return reading.read();
            } catch (LakeException e) {
                if (attempt == MOST_READS || e.remedy() != Remedy.RETRY) {
                    throw e;
                }
            }
        }
    }

    private Copy copied(Path place) throws IOException {
        Path copies = data.resolve("state").resolve("lake");
        Path folder = copies.resolve(UUID.randomUUID().toString());
        Path file = folder.resolve(Folders.above(place).getFileName()).resolve(place.getFileName());
        try (InputStream in = open(place)) {
            Files.createDirectories(Folders.above(file));
            tidy(copies, folder);
            Copy copy = new Copy(file, folder);
            try {
                Files.copy(in, file);
                return copy;
            } catch (IOException e) {
                copy.close();
                throw e;
            }
        }
    }

    /** Deletes what was left by processes that were killed a day before {@code now} was made; others may be reading what is younger. */
    private void tidy(Path copies, Path now) throws IOException {
        if (tidied.getAndSet(true)) {
            return;
        }
        Instant oldest = Files.getLastModifiedTime(now).toInstant().minus(KEPT);
        try (Stream<Path> all = Files.list(copies)) {
            for (Path each : all.toList()) {
                if (Files.getLastModifiedTime(each).toInstant().isBefore(oldest)) {
                    Folders.deleteAll(each);
                }
            }
        }
    }

    /** Of staged files also those that are still on this disk: a crash leaves them in either place. */
    @Override
    public List<Path> list(Path folder) throws IOException {
        Set<Path> all = new LinkedHashSet<>();
        for (Bucket.Listed each : bucket.list(prefix(folder), false)) {
            all.add(place(each.key()));
        }
        if (isStaging(folder)) {
            try (Stream<Path> spooled = Files.list(folder)) {
                spooled.forEach(all::add);
            } catch (NoSuchFileException e) {
                return List.copyOf(all);
            }
        }
        return List.copyOf(all);
    }

    private static boolean isStaging(Path place) {
        for (Path each : place) {
            if (each.toString().equals(STAGING)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public List<Path> visible(Path folder) throws IOException {
        return bucket.list(prefix(folder), true).stream()
                .map(Bucket.Listed::key)
                .map(this::place)
                .filter(place -> Lake.isVisible(folder.relativize(place)))
                .toList();
    }

    @Override
    public Set<Path> writtenBefore(Path folder, Instant oldest) throws IOException {
        return bucket.list(prefix(folder), true).stream()
                .filter(each -> each.written().isBefore(oldest))
                .map(each -> place(each.key()))
                .collect(Collectors.toCollection(HashSet::new));
    }

    /** Asks first whether the store knows what everything rests on: one that does not would overwrite what another has committed. */
    @Override
    public boolean create(Path place, byte[] bytes) throws IOException {
        requireCreatesOnce(place);
        return bucket.create(key(place), bytes);
    }

    @Override
    public void requireCreatesOnce(Path folder) throws IOException {
        if (createsOnce.get()) {
            return;
        }
        String probe = "_probe/" + UUID.randomUUID();
        if (!bucket.create(probe, PROBE)) {
            throw new LakeException(
                    bucket.name(probe) + ": a new object was refused as one that is there",
                    Remedy.STOP,
                    "Look whether this is a store of objects that knows conditional requests.",
                    null);
        }
        boolean twice = bucket.create(probe, PROBE);
        bucket.delete(probe);
        if (twice) {
            throw new LakeException(
                    bucket.name(probe) + ": was created twice, so nothing keeps two runs from committing at once",
                    Remedy.STOP,
                    "The store does not honour the condition that an object is new (If-None-Match: *, in Google's language ifGenerationMatch=0); use a version of it that does, or a local folder as the lake.",
                    null);
        }
        createsOnce.set(true);
    }

    @Override
    public Optional<Path> anyOf(List<Path> places) throws IOException {
        List<Optional<Path>> found =
                errands.run(places, place -> exists(place) ? Optional.of(place) : Optional.empty());
        return found.stream().flatMap(Optional::stream).findFirst();
    }

    @Override
    public void stage(List<Path> places) throws IOException {
        errands.run(places, place -> {
            boolean spooled = Files.exists(place);
            if (spooled) {
                bucket.put(key(place), place);
                Files.deleteIfExists(place);
            }
            return spooled;
        });
    }

    @Override
    public boolean keepNames(Path staging, Path top) {
        return true; // an object and its name are one
    }

    @Override
    public List<Moved> move(List<Move> files) throws IOException {
        return errands.run(files, file -> move(file.staged(), file.place()));
    }

    private Moved move(Path staged, Path place) throws IOException {
        if (bucket.copy(key(staged), key(place))) {
            bucket.delete(key(staged));
            return Moved.NOW;
        }
        return bucket.exists(key(place)) ? Moved.BEFORE : Moved.NOWHERE;
    }

    @Override
    public boolean delete(Path place) throws IOException {
        if (isStaging(place)) {
            Files.deleteIfExists(place);
        }
        bucket.delete(key(place));
        return false;
    }

    @Override
    public int deleteAll(Path folder) throws IOException {
        int deleted = isStaging(folder) ? Folders.deleteAll(folder) : 0;
        for (Bucket.Listed each : bucket.list(prefix(folder), true)) {
            bucket.delete(each.key());
            deleted++;
        }
        return deleted;
    }

    @Override
    public void deleteIfEmpty(Path folder) throws IOException {
        Folders.deleteIfEmpty(folder);
    }

    @Override
    public void settle(Path folder, Path top) {
        // What a store has answered for is durable, and it has no folders.
    }
}
