package dev.caravan.record;

import com.fasterxml.jackson.core.JsonParser;
import dev.caravan.json.StrictJson;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * Looks through the names of an object's own fields, at about the speed of a copy. Takes the object to be valid JSON.
 *
 * <p>Immutable.
 */
final class TopLevelNames {
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long QUOTES = ONES * '"';
    private static final long BACKSLASHES = ONES * '\\';

    private final byte[][] wanted;
    private final boolean[] lengths = new boolean[256];

    /**
     * @param taken whether the object may have one of the names: true also for names with escapes, which are not read here
     * @param lineBreaks whether there are line breaks between its tokens
     */
    record Found(boolean taken, boolean lineBreaks) {
        static final Found NOTHING = new Found(false, false);
    }

    private static final Found[] FOUND = {
        Found.NOTHING, new Found(true, false), new Found(false, true), new Found(true, true)
    };

    TopLevelNames(Collection<String> names) {
        wanted = names.stream()
                .map(name -> name.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        for (byte[] name : wanted) {
            lengths[Math.min(name.length, lengths.length - 1)] = true;
        }
    }

    Found in(SourceRecord record) {
        byte[] bytes = record.bytes();
        int end = record.offset() + record.length();
        int depth = 0;
        boolean nameFollows = false;
        int found = 0;
        for (int i = record.offset(); i < end; i++) {
            switch (bytes[i]) {
                case '"' -> {
                    int from = i + 1;
                    i = closingQuote(bytes, from);
                    if (nameFollows && isWanted(bytes, from, i)) {
                        found |= 1;
                    }
                    nameFollows = false;
                }
                case '{', '[' -> {
                    depth++;
                    nameFollows = depth == 1;
                }
                case '}', ']' -> depth--;
                case ',' -> nameFollows = depth == 1;
                case '\n', '\r' -> found |= 2;
                default -> {}
            }
        }
        return FOUND[found];
    }

    /** Eight bytes at a time, for most of a record is in its texts. */
    private static int closingQuote(byte[] bytes, int from) {
        int i = from;
        while (i <= bytes.length - Long.BYTES) {
            long word = (long) WORDS.get(bytes, i);
            long special = zeros(word ^ QUOTES) | zeros(word ^ BACKSLASHES);
            if (special == 0) {
                i += Long.BYTES;
                continue;
            }
            i += Long.numberOfTrailingZeros(special) / Byte.SIZE;
            if (bytes[i] == '"') {
                return i;
            }
            i += 2;
        }
        while (bytes[i] != '"') {
            i += bytes[i] == '\\' ? 2 : 1;
        }
        return i;
    }

    /** Returns a word whose lowest bit that is set belongs to the first byte that is zero; 0 if there is none. */
    private static long zeros(long word) {
        return (word - ONES) & ~word & ONES << (Byte.SIZE - 1);
    }

    private boolean isWanted(byte[] bytes, int from, int to) {
        if (lengths[Math.min(to - from, lengths.length - 1)]) {
            for (byte[] name : wanted) {
                if (Arrays.equals(bytes, from, to, name, 0, name.length)) {
                    return true;
                }
            }
        }
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\\') {
                return true;
            }
        }
        return false;
    }

    /** Returns all names of the object's own fields. */
    static Set<String> all(SourceRecord record) throws IOException {
        Set<String> all = new HashSet<>();
        try (JsonParser parser = StrictJson.factory().createParser(record.bytes(), record.offset(), record.length())) {
            parser.nextToken();
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                all.add(name);
                parser.nextToken();
                parser.skipChildren();
            }
        }
        return all;
    }
}
