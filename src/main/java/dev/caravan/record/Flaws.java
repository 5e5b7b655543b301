package dev.caravan.record;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Where an answer holds what is no text: bytes that are not UTF-8, and escapes that are half a character. The JSON parser
 * overlooks some of the first in text that it skips, and takes the second for text.
 *
 * <p>Immutable once it is made.
 */
final class Flaws {
    static final Flaws NONE = new Flaws();
    static final String NOT_UTF_8 = "a byte is not UTF-8";
    static final String HALF_A_CHARACTER =
            "a text holds half a character, an escape of \\ud800 to \\udfff without its other half";

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long LOW_BITS = 0x0101010101010101L;
    private static final long BACKSLASHES = 0x5c5c5c5c5c5c5c5cL;
    private static final int ESCAPE = 6;
    private static final byte[] QUESTION_MARK = {'\\', 'u', '0', '0', '3', 'f'};

    private final BitSet wrong = new BitSet();
    private final BitSet halves = new BitSet();

    private Flaws() {}

    static Flaws in(byte[] bytes) {
        Flaws found = new Flaws();
        int at = plainEnd(bytes, 0);
        while (at < bytes.length) {
            byte each = bytes[at];
            if (each == '\\') {
                at = found.escape(bytes, at);
            } else if (each >= 0) {
                at++;
            } else {
                at = found.sequence(bytes, at);
            }
            at = plainEnd(bytes, at);
        }
        return found.isEmpty() ? NONE : found;
    }

    /** Returns where the next byte may be that is not ASCII, or a backslash; looks at eight bytes at a time. */
    private static int plainEnd(byte[] bytes, int from) {
        int at = from;
        while (at + Long.BYTES <= bytes.length) {
            long eight = (long) LONGS.get(bytes, at);
            long other = eight ^ BACKSLASHES;
            long odd = (eight & HIGH_BITS) | ((other - LOW_BITS) & ~other & HIGH_BITS);
            if (odd != 0) {
                return at + (Long.numberOfTrailingZeros(odd) >> 3);
            }
            at += Long.BYTES;
        }
        return at;
    }

    private int escape(byte[] bytes, int at) {
        int unit = unit(bytes, at);
        if (unit < Character.MIN_SURROGATE || unit > Character.MAX_SURROGATE) {
            boolean escaped = at + 1 < bytes.length && bytes[at + 1] >= 0;
            return escaped ? at + 2 : at + 1;
        }
        int next = unit(bytes, at + ESCAPE);
        if (unit <= Character.MAX_HIGH_SURROGATE
                && next >= Character.MIN_LOW_SURROGATE
                && next <= Character.MAX_LOW_SURROGATE) {
            return at + 2 * ESCAPE;
        }
        halves.set(at);
        return at + ESCAPE;
    }

    /** Returns what the escape {@code \}{@code uXXXX} stands for, or -1 if there is none. */
    private static int unit(byte[] bytes, int at) {
        if (at + ESCAPE > bytes.length || bytes[at] != '\\' || bytes[at + 1] != 'u') {
            return -1;
        }
        int unit = 0;
        for (int i = at + 2; i < at + ESCAPE; i++) {
            int digit = Character.digit(bytes[i], 16);
            if (digit < 0) {
                return -1;
            }
            unit = unit << 4 | digit;
        }
        return unit;
    }

    /** Passes one character of several bytes; of a wrong one, its first byte. */
    private int sequence(byte[] bytes, int at) {
        int first = bytes[at] & 0xff;
        int second = at + 1 < bytes.length ? bytes[at + 1] & 0xff : 0;
        int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        // No longer form than needed, no surrogates, nothing beyond U+10FFFF.
        int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        boolean right =
                first >= 0xc2 && first <= 0xf4 && second >= least && second <= most && at + length <= bytes.length;
        for (int i = at + 2; right && i < at + length; i++) {
            right = (bytes[i] & 0xc0) == 0x80;
        }
        if (!right) {
            wrong.set(at);
            return at + 1;
        }
        return at + length;
    }

    boolean isEmpty() {
        return wrong.isEmpty() && halves.isEmpty();
    }

    /** Returns where the first byte is that is not UTF-8, or -1 if all are. */
    int firstWrong() {
        return wrong.nextSetBit(0);
    }

    /** Returns what is wrong with the bytes from {@code from} to before {@code to}, null if nothing is. */
    @Nullable
    String between(int from, int to) {
        if (isIn(wrong, from, to)) {
            return NOT_UTF_8;
        }
        return isIn(halves, from, to) ? HALF_A_CHARACTER : null;
    }

    private static boolean isIn(BitSet places, int from, int to) {
        int next = places.nextSetBit(from);
        return next >= 0 && next < to;
    }

    /** Returns a copy of {@code source} that is text, question marks for what is not, all at the place it has there. */
    byte[] legible(byte[] source) {
        byte[] copy = source.clone();
        wrong.stream().forEach(at -> copy[at] = '?');
        halves.stream().forEach(at -> System.arraycopy(QUESTION_MARK, 0, copy, at, ESCAPE));
        return copy;
    }
}
