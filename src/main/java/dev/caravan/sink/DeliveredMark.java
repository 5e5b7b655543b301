package dev.caravan.sink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Notes up to which commit was sent, {@code _delivered} in the stream's folder, for sinks that cannot note it where they send to.
 * Whoever delivers is alone: the stream's lease sees to that.
 */
final class DeliveredMark {
    private static final String FILE = "_delivered";

    private final Path file;

    DeliveredMark(Path folder) {
        this.file = folder.resolve(FILE);
    }

    /** Returns the number of the last commit that was sent, 0 if none was, or nobody knows. */
    long read() throws IOException {
        try {
            return Long.parseLong(
                    Files.readString(file, StandardCharsets.US_ASCII).strip());
        } catch (NoSuchFileException e) {
            return 0;
        } catch (NumberFormatException e) {
            return 0; // then all is sent again, which is what at least once means
        }
    }

    /** Notes a commit, durably. */
    void write(long sequence) throws IOException {
        Path whole = file.resolveSibling("." + FILE + ".tmp");
        try (FileChannel channel = FileChannel.open(
                whole, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer left = ByteBuffer.wrap((sequence + "\n").getBytes(StandardCharsets.US_ASCII));
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
        Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
