package dev.caravan.commit;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Folders whose entries survive a power cut: a name is safe only when the folder that holds it was forced to the disk. */
final class Folders {
    // Windows opens no folder for that; NTFS journals names by itself.
    private static final boolean SYNCABLE = File.separatorChar == '/';

    private Folders() {}

    static void sync(Path folder) throws IOException {
        if (!SYNCABLE) {
            return;
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Creates {@code folder} and what is missing above it, durably. */
    static void create(Path folder) throws IOException {
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
}
