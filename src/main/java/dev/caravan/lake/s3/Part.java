package dev.caravan.lake.s3;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import software.amazon.awssdk.core.sync.RequestBody;

/**
 * Some bytes of a file, read from the disk whenever they are sent.
 *
 * @param from the first
 * @param length how many
 */
record Part(Path file, long from, long length) {
    private static final int BUFFER = 1 << 16;

    RequestBody body() {
        return RequestBody.fromContentProvider(this::opened, length, "application/octet-stream");
    }

    private InputStream opened() {
        try {
            return open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    InputStream open() throws IOException {
        InputStream in = Files.newInputStream(file);
        try {
            in.skipNBytes(from);
            return new BufferedInputStream(new First(in, length), BUFFER);
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    /** The first bytes of a stream. */
    private static final class First extends java.io.FilterInputStream {
        private long left;

        First(InputStream in, long length) {
            super(in);
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            if (left == 0) {
                return -1;
            }
            left--;
            return super.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int read = super.read(bytes, offset, (int) Math.min(length, left));
            left -= Math.max(read, 0);
            return read;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
