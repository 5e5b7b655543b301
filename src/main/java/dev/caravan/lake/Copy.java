package dev.caravan.lake;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file of a lake on this disk. Where it is a copy, closing this deletes it. */
public final class Copy implements Closeable {
    private final Path file;
    private final @Nullable Path folder;

    /** @param folder what goes when this is closed, the file in it; null if nothing does */
    Copy(Path file, @Nullable Path folder) {
        this.file = file;
        this.folder = folder;
    }

    /** Returns where it is. Its name and that of its folder are those that it has in the lake. */
    public Path file() {
        return file;
    }

    @Override
    public void close() throws IOException {
        if (folder != null) {
            Files.deleteIfExists(file);
            Folders.deleteEmpty(Folders.above(file), Folders.above(folder));
        }
    }
}
