package dev.caravan.sink;

import dev.caravan.batch.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Names of folders, {@code field=value}, as Hive, DuckDB and Spark read them. Different values have different names, and none leads
 * out of its folder: all but ASCII letters, digits, '_' and '-' is percent-encoded.
 */
final class FolderName {
    /** What those tools take for null. */
    static final String NULL = "__HIVE_DEFAULT_PARTITION__";

    /** File systems take 255 bytes; a longer name ends with the hash of its value. */
    private static final int LONGEST = 150;

    private FolderName() {}

    /** @param value null where a record has none, or has null */
    static String of(String field, @Nullable String value) {
        String name = encoded(field);
        // What begins with '_' is not data.
        String visible = name.startsWith("_") ? "%5F" + name.substring(1) : name;
        return shortened(visible, field) + "=" + (value == null ? NULL : value(value));
    }

    private static String value(String value) {
        String name = encoded(value);
        return name.equals(NULL) ? "%5F" + name.substring(1) : shortened(name, value);
    }

    /** No encoded text has a '%' before a '-', so that nothing else has this name. */
    private static String shortened(String name, String text) {
        if (name.length() <= LONGEST) {
            return name;
        }
        MessageDigest digest = Sha256.digest();
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        String begin = name.substring(0, LONGEST - 70);
        // An escape is not cut in half.
        int escape = begin.lastIndexOf('%');
        return (escape > begin.length() - 3 ? begin.substring(0, escape) : begin) + "%-" + Sha256.hex(digest);
    }

    private static String encoded(String text) {
        StringBuilder name = new StringBuilder(text.length());
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            if ((each >= '0' && each <= '9')
                    || (each >= 'A' && each <= 'Z')
                    || (each >= 'a' && each <= 'z')
                    || each == '_'
                    || each == '-') {
                name.append((char) each);
            } else {
                name.append(String.format(Locale.ROOT, "%%%02X", each & 0xff));
            }
        }
        return name.toString();
    }
}
