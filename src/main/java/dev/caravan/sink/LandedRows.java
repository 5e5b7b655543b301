package dev.caravan.sink;

import dev.caravan.batch.Delivery;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Reads rows back that were written to a file, one after the other, whatever its format. */
public final class LandedRows {
    private static final int BUFFER = 1 << 16;
    private static final int LONGEST = Integer.MAX_VALUE - 64;

    private LandedRows() {}

    /** Gets one row after the other. */
    public interface RowTaker {
        /** @param row a JSON object without line breaks between its tokens */
        void take(byte[] row) throws IOException;
    }

    /**
     * Reads the rows of a commit, in its order.
     *
     * @throws IOException if a file is not there or not whole, or as {@code taker} does
     */
    public static void read(Delivery.Delivered commit, RowTaker taker) throws IOException {
        for (Delivery.Part part : commit.files()) {
            part.with(file -> read(file, taker));
        }
    }

    /** Reads a file whose rows may have any length. */
    public static void read(Path file, RowTaker taker) throws IOException {
        read(file, LONGEST, taker);
    }

    /**
     * Reads a file.
     *
     * @param longest bytes of a row at most
     * @param taker gets each row. Of CSV and Parquet, texts that hold an
     *     object or a list are taken for one, and {@code address__city} is there as such and within {@code address}
     * @throws IOException if the file is not there, not whole, or has a longer row
     */
    public static void read(Path file, long longest, RowTaker taker) throws IOException {
        String name = file.getFileName().toString();
        if (name.endsWith(".parquet")) {
            TableRows.readParquet(file, taker);
            return;
        }
        try (InputStream in = new BufferedInputStream(
                Compression.of(name).reading(new BufferedInputStream(Files.newInputStream(file), BUFFER)), BUFFER)) {
            if (name.contains(".csv")) {
                TableRows.readCsv(in, taker);
            } else {
                readLines(file, in, longest, taker);
            }
        }
    }

    private static void readLines(Path file, InputStream in, long longest, RowTaker taker) throws IOException {
        byte[] row = new byte[1024];
        int length = 0;
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next == '\n') {
                taker.take(Arrays.copyOf(row, length));
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
