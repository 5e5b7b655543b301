package dev.caravan.camel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last good copy of each file of {@code routes/}, for a start at which the file itself is bad. Only for the owner's eyes: a file
 * may have what its author should have kept elsewhere.
 */
final class GoodCopies {
    private static final Logger LOG = LoggerFactory.getLogger("dev.caravan.routes");

    private final Path folder;

    GoodCopies(Path folder) {
        this.folder = folder;
    }

    Optional<String> of(String name) {
        try {
            Path copy = path(name);
            return Files.exists(copy) ? Optional.of(Files.readString(copy, StandardCharsets.UTF_8)) : Optional.empty();
        } catch (IOException e) {
            LOG.warn("The last good copy of {} cannot be read: {}", name, e.toString());
            return Optional.empty();
        }
    }

    /** Keeps a text that is good. A crash leaves this copy or the one before it. */
    void keep(String name, String text) {
        if (of(name).filter(text::equals).isPresent()) {
            return;
        }
        Path copy = path(name);
        Path whole = copy.resolveSibling("." + copy.getFileName() + ".tmp");
        try {
            Files.createDirectories(folder);
            Files.deleteIfExists(whole);
            try (FileChannel out = FileChannel.open(
                    whole,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    onlyForTheOwner(folder.getFileSystem()))) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.move(whole, copy, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn("The last good copy of {} cannot be kept: {}", name, e.toString());
        }
    }

    void forget(String name) {
        try {
            Files.deleteIfExists(path(name));
        } catch (IOException e) {
            LOG.warn("The last good copy of {} cannot be deleted: {}", name, e.toString());
        }
    }

    /** Names are those of files that were listed, so the only slash is that of a part. */
    private Path path(String name) {
        return folder.resolve(name.replace("/", "__"));
    }

    private static FileAttribute<?>[] onlyForTheOwner(FileSystem files) {
        return files.supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
