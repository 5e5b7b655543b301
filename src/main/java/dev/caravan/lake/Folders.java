package dev.caravan.lake;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/** Folders whose entries survive a power cut: a name is safe only when the folder that holds it was forced to the disk. */
public final class Folders {
    // Windows opens no folder for that; NTFS journals names by itself.
    private static final boolean SYNCABLE = File.separatorChar == '/';

    private Folders() {}

    /** Returns the folder that holds a file. */
    static Path above(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalStateException("A file inside a folder has a parent: " + file);
        }
        return parent;
    }

    static void sync(Path folder) throws IOException {
        if (!SYNCABLE) {
            return;
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Creates {@code folder} and what is missing above it, durably. */
    public static void create(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path parent = folder.toAbsolutePath().getParent();
        if (parent == null) {
            return;
        }
        create(parent);
        try {
            Files.createDirectory(folder);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        }
        sync(parent);
    }

    /** Deletes {@code folder} if it is there and empty, and returns whether it is gone. */
    static boolean deleteIfEmpty(Path folder) throws IOException {
        try {
            Files.delete(folder);
            return true;
        } catch (NoSuchFileException e) {
            return true;
        } catch (DirectoryNotEmptyException e) {
            return false;
        }
    }

    /** Deletes {@code folder} and those above it, below {@code top}, as far as they are empty; returns the first that stays. */
    static Path deleteEmpty(Path folder, Path top) throws IOException {
        Path rest = folder;
        while (!rest.equals(top) && rest.startsWith(top) && deleteIfEmpty(rest)) {
            rest = rest.resolve("..").normalize();
        }
        return rest;
    }

    /** Deletes {@code top} and what is below it; returns how many files went. */
    static int deleteAll(Path top) throws IOException {
        int deleted = 0;
        try (Stream<Path> left = Files.walk(top)) {
            for (Path each : left.sorted(Comparator.reverseOrder()).toList()) {
                // Whoever lost the stream without knowing it may still be writing here; what it adds is for the next
                // lease.
                if (Files.isDirectory(each)) {
                    deleteIfEmpty(each);
                } else {
                    deleted += Files.deleteIfExists(each) ? 1 : 0;
                }
            }
        } catch (NoSuchFileException e) {
            return deleted;
        }
        return deleted;
    }
}
