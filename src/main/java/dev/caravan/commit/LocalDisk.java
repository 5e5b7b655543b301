package dev.caravan.commit;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Tells folders on other machines' disks, where locks prove nothing and SQLite loses data. */
final class LocalDisk {
    private static final List<String> REMOTE =
            List.of("nfs", "cifs", "smb", "afp", "webdav", "davfs", "fuse.sshfs", "fuse.s3fs", "fuse.rclone");

    private LocalDisk() {}

    /** Checks that {@code folder}, or what is there of it, lies on a disk of this machine. */
    static void require(Path folder) {
        refusal(folder, type(folder)).ifPresent(refusal -> {
            throw new PullException(Remedy.STOP, refusal);
        });
    }

    /** Returns whether {@code folder}, or what is there of it, lies on a disk of this machine. */
    static boolean holds(Path folder) {
        return refusal(folder, type(folder)).isEmpty();
    }

    private static String type(Path folder) {
        Path existing = folder.toAbsolutePath();
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        try {
            return Files.getFileStore(existing).type();
        } catch (IOException e) {
            throw new PullException(Remedy.STOP, "%s: its file system cannot be told: %s".formatted(folder, e), e);
        }
    }

    /** Returns why a file system of {@code type} is refused, or empty if it is not. */
    static Optional<String> refusal(Path folder, String type) {
        String lower = type.toLowerCase(Locale.ROOT);
        if (REMOTE.stream().noneMatch(lower::startsWith)) {
            return Optional.empty();
        }
        return Optional.of(
                "%s is on a network file system (%s), where SQLite loses data and a lock proves nothing. Point caravan.data to a disk of this machine, or keep the state in PostgreSQL (caravan.state)."
                        .formatted(folder, type));
    }
}
