package dev.caravan.sink;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** How files of lines are compressed, at the level that costs the least time. */
enum Compression {
    /** At level 1. Every tool reads it. */
    GZIP(".gz"),
    /** At level 1: about as small, at less than half the time. */
    ZSTD(".zst"),
    NONE("");

    private static final int BUFFER = 1 << 16;
    private static final int ZSTD_LEVEL = 1;

    private final String suffix;

    Compression(String suffix) {
        this.suffix = suffix;
    }

    /** Returns the compression of the name used in vendor files. */
    @JsonCreator
    public static Compression named(String name) {
        return Arrays.stream(values())
                .filter(each -> each.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("compression '%s' is not one of %s"
                        .formatted(
                                name,
                                Arrays.stream(values())
                                        .map(Compression::toString)
                                        .collect(Collectors.joining(", ")))));
    }

    /** Returns the compression that the end of a file's name says. */
    static Compression of(String file) {
        return file.endsWith(GZIP.suffix) ? GZIP : file.endsWith(ZSTD.suffix) ? ZSTD : NONE;
    }

    /** Returns what the names of such files end with. */
    String suffix() {
        return suffix;
    }

    /** Returns what compresses into {@code out}. Closing it finishes the compression and leaves {@code out} open. */
    OutputStream around(OutputStream out) throws IOException {
        OutputStream open = new KeptOpen(out);
        return switch (this) {
            case GZIP -> new FastGzip(open);
            case ZSTD -> new ZstdOutputStream(open, ZSTD_LEVEL).setChecksum(true);
            case NONE -> open;
        };
    }

    /** Returns the decompressed bytes of {@code in}. */
    InputStream reading(InputStream in) throws IOException {
        return switch (this) {
            case GZIP -> new GZIPInputStream(in, BUFFER);
            case ZSTD -> new ZstdInputStream(in);
            case NONE -> in;
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static final class KeptOpen extends FilterOutputStream {
        KeptOpen(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            out.flush();
        }
    }
}
