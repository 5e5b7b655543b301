package dev.caravan.connection;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A body that may be too large for memory: what fits is kept there, the rest goes to a file that nobody else sees and that is
 * gone with the process, however that ends. Read whole before any of it counts, like every other.
 *
 * @param beginning all of it if there is no file, otherwise what rules may look at
 * @param file all of it, inflated; null if it is small. Whoever takes it closes it
 */
public record LargeBody(byte[] beginning, @Nullable FileChannel file) {
    private static final int SHOWN = 64 * 1024;
    private static final int PIECE = 64 * 1024;
    private static final int MOST_RATIO = 1_000;
    private static final int ANY_RATIO = 1 << 20;

    /**
     * Reads a body.
     *
     * @param small bytes up to which it stays in memory
     * @param most bytes of it, inflated
     * @param folder for the file
     * @throws IOException if it did not come whole
     * @throws PullException if it is larger than allowed
     */
    public static LargeBody read(InputStream body, Headers headers, int small, long most, Path folder)
            throws IOException {
        Counted raw = new Counted(body);
        PushbackInputStream start = new PushbackInputStream(raw, 3);
        byte[] magic = start.readNBytes(3);
        start.unread(magic);
        InputStream in = Gzip.isAt(0, magic) ? new GZIPInputStream(start, PIECE) : start;
        byte[] beginning = in.readNBytes(small + 1);
        if (beginning.length <= small) {
            raw.checkWhole(headers);
            return new LargeBody(beginning, null);
        }
        FileChannel file = unseen(folder);
        try {
            spool(in, raw, beginning, most, file);
            raw.checkWhole(headers);
            byte[] shown = new byte[SHOWN];
            System.arraycopy(beginning, 0, shown, 0, SHOWN);
            return new LargeBody(shown, file);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static void spool(InputStream in, Counted raw, byte[] beginning, long most, FileChannel file)
            throws IOException {
        write(file, beginning, beginning.length);
        long length = beginning.length;
        byte[] piece = new byte[PIECE];
        for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
            length += read;
            if (length > most) {
                throw new PullException(
                        Remedy.STOP,
                        "the answer is larger than %,d bytes; raise 'largest' under 'decode', or ask for less"
                                .formatted(most));
            }
            if (length > ANY_RATIO && length / MOST_RATIO > raw.count) {
                throw new PullException(
                        Remedy.STOP,
                        "the answer inflates to more than %,d times its length, as no honest answer does"
                                .formatted(MOST_RATIO));
            }
            write(file, piece, read);
        }
    }

    private static void write(FileChannel file, byte[] bytes, int length) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes, 0, length);
        while (rest.hasRemaining()) {
            file.write(rest);
        }
    }

    /** Where a file may be removed while it is open, it has no name from the beginning; elsewhere it goes when it is closed. */
    private static FileChannel unseen(Path folder) throws IOException {
        Files.createDirectories(folder);
        Path path = folder.resolve("." + UUID.randomUUID() + ".answer");
        FileChannel file = FileChannel.open(
                path,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // On closing, then.
        }
        return file;
    }

    private static final class Counted extends FilterInputStream {
        private long count;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            count += read < 0 ? 0 : 1;
            return read;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            count += Math.max(0, read);
            return read;
        }

        private void checkWhole(Headers headers) throws IOException {
            boolean more = read() >= 0;
            String announced = headers.first("content-length").orElse("");
            if (more || (announced.matches("\\d{1,18}") && Long.parseLong(announced) != count)) {
                throw new EOFException(
                        "the answer has %s bytes than it should: %,d came".formatted(more ? "more" : "other", count));
            }
        }
    }
}
