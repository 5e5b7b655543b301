package dev.caravan.commit;

import com.github.luben.zstd.ZstdInputStream;
import dev.caravan.batch.Sha256;
import dev.caravan.lake.Lake;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.zip.GZIPInputStream;

/**
 * What one pass over a file finds.
 *
 * @param sha256 hash of its bytes
 * @param rows lines in it, decompressed; -1 if it is not made of lines or cannot be decompressed
 */
record FileCheck(String sha256, long rows) {
    private static final int BUFFER = 1 << 16;

    static FileCheck of(Lake lake, Path file) throws IOException {
        MessageDigest digest = Sha256.digest();
        long rows;
        try (InputStream in = new DigestInputStream(lake.open(file), digest)) {
            rows = rows(file.getFileName().toString(), in);
            // What follows the compressed data is part of the file too.
            in.transferTo(OutputStream.nullOutputStream());
        }
        return new FileCheck(Sha256.hex(digest), rows);
    }

    private static long rows(String name, InputStream in) throws IOException {
        if (name.endsWith(".ndjson")) {
            return lines(in);
        }
        try {
            return name.endsWith(".ndjson.gz")
                    ? lines(new GZIPInputStream(in, BUFFER))
                    : name.endsWith(".ndjson.zst") ? lines(new ZstdInputStream(in)) : -1;
        } catch (IOException e) {
            // Not compressed, or cut short: then the hash differs, which says it better.
            return -1;
        }
    }

    private static long lines(InputStream in) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long lines = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            for (int i = 0; i < read; i++) {
                lines += buffer[i] == '\n' ? 1 : 0;
            }
        }
        return lines;
    }
}
