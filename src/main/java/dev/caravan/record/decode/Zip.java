package dev.caravan.record.decode;

import dev.caravan.record.RecordDecodeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The files of a zip in memory, each of which may be gzip: in their order, whole, and never more than allowed. Their names are
 * compared with a pattern and used for nothing else.
 */
final class Zip {
    private static final int MOST_ENTRIES = 1_000;
    /** How many times its own length an archive may inflate to, beyond the first MiB. */
    private static final int MOST_RATIO = 1_000;

    private static final int ANY_RATIO = 1 << 20;
    private static final int END_RECORD = 22;
    private static final int LONGEST_COMMENT = 0xffff;

    private Zip() {}

    static boolean isAt(byte[] body) {
        return body.length > 4 && body[0] == 'P' && body[1] == 'K' && body[2] == 3 && body[3] == 4;
    }

    /**
     * Returns the files that are meant.
     *
     * @param most bytes of all of them
     * @param pattern of their names, null for all
     */
    static List<byte[]> entries(byte[] body, long most, @Nullable String pattern) {
        int announced = announced(body);
        long bound = Math.min(most, Math.max(ANY_RATIO, (long) MOST_RATIO * body.length));
        List<byte[]> files = new ArrayList<>();
        int met = 0;
        long size = 0;
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(body))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (++met > MOST_ENTRIES) {
                    throw RecordDecodeException.unexpected("the zip has more than %,d files".formatted(MOST_ENTRIES));
                }
                byte[] file = inflated(zip, bound - size, most);
                size += file.length;
                if (!entry.isDirectory() && isMeant(entry.getName(), pattern)) {
                    file = isGzip(file) ? unpacked(file, bound - size, most) : file;
                    size += file.length;
                    files.add(file);
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw RecordDecodeException.broken("as zip, " + e.getMessage(), e);
        }
        if (met != announced) {
            throw RecordDecodeException.broken(
                    "the zip holds %d files and announces %d".formatted(met, announced), null);
        }
        if (files.isEmpty()) {
            throw RecordDecodeException.unexpected(
                    pattern == null ? "the zip holds no file" : "the zip holds no file like '%s'".formatted(pattern));
        }
        return files;
    }

    private static boolean isGzip(byte[] file) {
        return file.length > 2 && file[0] == (byte) 0x1f && file[1] == (byte) 0x8b && file[2] == 8;
    }

    private static byte[] unpacked(byte[] file, long bound, long most) throws IOException {
        try (InputStream gzip = new GZIPInputStream(new ByteArrayInputStream(file))) {
            return inflated(gzip, bound, most);
        }
    }

    private static byte[] inflated(InputStream in, long bound, long most) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] piece = new byte[16 * 1024];
        for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
            if (out.size() + (long) read > bound) {
                throw RecordDecodeException.unexpected(
                        bound < most
                                ? "the zip inflates to more than %,d bytes, or %,d times its own"
                                        .formatted(most, MOST_RATIO)
                                : "the zip inflates to more than %,d bytes".formatted(most));
            }
            out.write(piece, 0, read);
        }
        return out.toByteArray();
    }

    private static boolean isMeant(String name, @Nullable String pattern) {
        if (pattern == null) {
            return !name.startsWith("__MACOSX/");
        }
        String regex = Pattern.compile("\\*")
                .splitAsStream(pattern + " ")
                .map(Pattern::quote)
                .collect(Collectors.joining(".*"));
        return (name + " ").matches(regex);
    }

    /** Returns how many files the end of the archive tells of. The JDK's stream does not look there, and takes a part for the whole. */
    private static int announced(byte[] body) {
        for (int at = body.length - END_RECORD; at >= Math.max(0, body.length - END_RECORD - LONGEST_COMMENT); at--) {
            if (body[at] == 'P' && body[at + 1] == 'K' && body[at + 2] == 5 && body[at + 3] == 6) {
                return (body[at + 10] & 0xff) | (body[at + 11] & 0xff) << 8;
            }
        }
        throw RecordDecodeException.broken("the zip is cut off", null);
    }
}
