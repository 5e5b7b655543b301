package dev.caravan.record;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;

/** Adds members to a JSON object without reading it. */
final class Splice {
    private Splice() {}

    /** Returns {@code "name":value}; a whole number is written as such, all else as text. */
    static byte[] member(String name, Object value) {
        String written =
                value instanceof Integer || value instanceof Long ? value.toString() : quoted(value.toString());
        return (quoted(name) + ":" + written).getBytes(StandardCharsets.UTF_8);
    }

    /** Returns {@code "name":}. */
    static byte[] name(String name) {
        return (quoted(name) + ":").getBytes(StandardCharsets.UTF_8);
    }

    private static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }

    /** Returns the bytes of {@code record} with {@code member} as its last one. */
    static byte[] into(SourceRecord record, byte[] member) {
        int body = record.length() - 1;
        boolean empty = isEmpty(record);
        byte[] whole = new byte[record.length() + member.length + (empty ? 0 : 1)];
        System.arraycopy(record.bytes(), record.offset(), whole, 0, body);
        int at = body;
        if (!empty) {
            whole[at++] = ',';
        }
        System.arraycopy(member, 0, whole, at, member.length);
        whole[whole.length - 1] = '}';
        return whole;
    }

    /** Tells whether an object has no members. */
    static boolean isEmpty(SourceRecord record) {
        int at = record.offset() + record.length() - 2;
        while (record.bytes()[at] <= ' ' && record.bytes()[at] >= 0) {
            at--;
        }
        return at == record.offset();
    }
}
