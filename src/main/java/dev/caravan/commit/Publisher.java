package dev.caravan.commit;

import dev.caravan.batch.SealedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Renames the files of a commit from where they were staged to where they are read. Doing it twice is harmless. Holds no
 * state; two threads may not publish the same commit.
 */
final class Publisher {
    private final Path data;
    private final Path folder;

    Publisher(StreamKey stream, Path data) {
        this.data = data;
        this.folder = stream.folder(data);
    }

    /** Returns the files of {@code commit} that are neither staged nor in place, as the commit names them. */
    List<String> publish(Commit commit) throws IOException {
        List<String> missing = new ArrayList<>();
        Set<Path> touched = new LinkedHashSet<>();
        for (SealedFile file : commit.files()) {
            move(folder, file.staged(), file.path(), touched, missing);
        }
        for (SealedFile file : commit.rejects()) {
            move(data, file.staged(), file.path(), touched, missing);
        }
        CommittedKeys keys = commit.keys();
        if (keys != null) {
            move(folder, keys.staged(), keys.path(), touched, missing);
        }
        for (Path each : touched) {
            Folders.sync(each);
        }
        return missing;
    }

    private static void move(Path base, String staged, String path, Set<Path> touched, List<String> missing)
            throws IOException {
        Path source = inside(base, staged);
        Path target = inside(base, path);
        try {
            if (Files.exists(source)) {
                Folders.create(parent(target));
                Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
                touched.add(parent(target));
                touched.add(parent(source));
                return;
            }
        } catch (NoSuchFileException e) {
            // Somebody else moved it in between; then it is in place, which is looked at next.
        }
        if (!Files.exists(target)) {
            missing.add(path);
        }
    }

    /** Paths come from files that others can write to, so they may not lead outside. */
    private static Path inside(Path base, String path) throws IOException {
        Path file = base.resolve(path).normalize();
        if (!file.startsWith(base.normalize())) {
            throw new IOException("A commit names '%s', which is not inside %s".formatted(path, base));
        }
        return file;
    }

    private static Path parent(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalStateException("A file inside a folder has a parent: " + file);
        }
        return parent;
    }
}
