package dev.caravan.sink;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;

/** Reads rows back that a {@link FileSink} wrote, one after the other. */
public final class LandedRows {
    private static final int BUFFER = 1 << 16;

    private LandedRows() {}

    /**
     * Reads a file.
     *
     * @param longest bytes of a row at most
     * @param taker gets each row, a JSON object without its line break
     * @throws IOException if the file is not there, not whole, or has a longer row
     */
    public static void read(Path file, long longest, Consumer<byte[]> taker) throws IOException {
        try (InputStream in =
                new BufferedInputStream(new GZIPInputStream(Files.newInputStream(file), BUFFER), BUFFER)) {
            byte[] row = new byte[1024];
            int length = 0;
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (next == '\n') {
                    taker.accept(Arrays.copyOf(row, length));
                    length = 0;
                    continue;
                }
                if (length == row.length) {
                    if (length >= longest) {
                        throw new IOException("%s: a row has more than %,d bytes".formatted(file, longest));
                    }
                    row = Arrays.copyOf(row, (int) Math.min(longest, row.length * 2L));
                }
                row[length++] = (byte) next;
            }
            if (length > 0) {
                throw new IOException("%s: ends within a row".formatted(file));
            }
        }
    }
}
