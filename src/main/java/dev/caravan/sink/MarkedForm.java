package dev.caravan.sink;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.caravan.batch.Portion;
import dev.caravan.batch.Sha256;
import dev.caravan.record.RecordForm;
import dev.caravan.record.SourceRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Another form, and behind it what a table tells versions of a record by: {@code _caravan_key}, the values of the key or, of a long
 * one, their hash; {@code _caravan_cursor}, nanoseconds since 1970, or the number itself; {@code _caravan_deleted}, where
 * the vendor reports that; and where a later pull takes the place of rows, what they belong to: {@code _caravan_partition} and {@code
 * _caravan_day}. Safe for any number of threads.
 *
 * @param deleted whether it does, null where it never does
 * @param portion what the records belong to, null where they stay
 */
public record MarkedForm(
        RecordForm form,
        @Nullable Predicate<byte[]> deleted,
        @Nullable Portion portion) implements RecordForm {
    public static final String KEY = "_caravan_key";
    public static final String DELETED = "_caravan_deleted";
    public static final String CURSOR = "_caravan_cursor";
    public static final String PARTITION = "_caravan_partition";
    public static final String DAY = "_caravan_day";

    /** An index of PostgreSQL takes 2,700 bytes. */
    private static final int LONGEST_KEY = 500;

    private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);

    @Override
    public void write(SourceRecord record, OutputStream out) throws IOException {
        Line line = new Line();
        form.write(record, line);
        out.write(line.bytes(), 0, line.size() - 1);
        StringBuilder members = new StringBuilder();
        String key = record.key();
        if (key != null) {
            text(members, KEY, shortened(key));
        }
        Instant cursor = record.cursor();
        if (cursor != null) {
            members.append(",\"").append(CURSOR).append("\":").append(nanos(cursor));
        }
        if (deleted != null) {
            byte[] received = Arrays.copyOfRange(record.bytes(), record.offset(), record.offset() + record.length());
            members.append(",\"").append(DELETED).append("\":").append(deleted.test(received));
        }
        if (portion != null) {
            text(members, PARTITION, shortened(portion.partition()));
            if (portion.from() != null) {
                text(members, DAY, portion.from().toString());
            }
        }
        out.write(members.append('}').toString().getBytes(StandardCharsets.UTF_8));
    }

    private static void text(StringBuilder members, String name, String value) {
        members.append(",\"")
                .append(name)
                .append("\":\"")
                .append(JsonStringEncoder.getInstance().quoteAsString(value))
                .append('"');
    }

    /** Returns a key, or the id of a partition, as it is written. */
    public static String shortened(String key) {
        if (key.length() <= LONGEST_KEY) {
            return key.replace('\0', '\u2400');
        }
        MessageDigest digest = Sha256.digest();
        digest.update(key.getBytes(StandardCharsets.UTF_8));
        return "sha256:" + Sha256.hex(digest);
    }

    private static BigInteger nanos(Instant cursor) {
        return BigInteger.valueOf(cursor.getEpochSecond()).multiply(NANOS).add(BigInteger.valueOf(cursor.getNano()));
    }
}
