package dev.caravan.sink;

import dev.caravan.batch.SealedFile;
import dev.caravan.batch.Sha256;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A file being written for a commit: hashed and counted on the way to the disk, never read again.
 *
 * <p>Not safe for several threads. The folder's own entry is made durable by the commit, not here.
 */
final class StagedFile implements Closeable {
    private static final int BUFFER = 1 << 16;

    private final Path file;
    private final FileChannel channel;
    private final MessageDigest digest = Sha256.digest();
    private final OutputStream compressor;
    private final OutputStream out;
    private boolean sealed;
    private long rows;
    private @Nullable Instant min;
    private @Nullable Instant max;

    private StagedFile(Path file, FileChannel channel, Compression compression) throws IOException {
        this.file = file;
        this.channel = channel;
        OutputStream hashed = new DigestOutputStream(Channels.newOutputStream(channel), digest);
        this.compressor = compression.around(hashed);
        this.out = new BufferedOutputStream(compressor, BUFFER);
    }

    /** Creates {@code file}, which must not exist: a name used twice is a batch number used twice. */
    static StagedFile create(Path file, Compression compression) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return new StagedFile(file, channel, compression);
    }

    /** Where the bytes of the next row go; {@link #endRow} ends it. */
    OutputStream out() {
        return out;
    }

    /** Ends a line that is no row. */
    void endHead() throws IOException {
        out.write('\n');
    }

    void endRow(@Nullable Instant cursor) throws IOException {
        out.write('\n');
        rows++;
        if (cursor == null) {
            return;
        }
        min = min == null || cursor.isBefore(min) ? cursor : min;
        max = max == null || cursor.isAfter(max) ? cursor : max;
    }

    /**
     * Finishes the compressor and forces every byte to the disk; nothing may be written after it.
     *
     * @param path where the file belongs, relative to {@code folder}
     */
    SealedFile seal(String path, Path folder) throws IOException {
        out.flush();
        compressor.close();
        channel.force(true);
        sealed = true;
        String staged = folder.relativize(file).toString().replace('\\', '/');
        return new SealedFile(path, staged, rows, channel.size(), Sha256.hex(digest), min, max);
    }

    /** Closes the file, and deletes it if it was not sealed. */
    @Override
    public void close() throws IOException {
        try (channel) {
            compressor.close();
        } finally {
            if (!sealed) {
                Files.deleteIfExists(file);
            }
        }
    }
}
