package dev.caravan.sandbox;

/** Repeatable chance: the same input gives the same number in every process. */
final class Hash {
    private static final long FIRST = 0x9E3779B97F4A7C15L;
    private static final long SECOND = 0xD6E8FEB86659FD93L;
    private static final long FIRST_INVERSE = inverse(FIRST);
    private static final long SECOND_INVERSE = inverse(SECOND);

    private Hash() {}

    /** Scrambles a number; a bijection, undone by {@link #unmix}. */
    static long mix(long number) {
        long mixed = (number ^ (number >>> 32)) * FIRST;
        mixed = (mixed ^ (mixed >>> 29)) * SECOND;
        return mixed ^ (mixed >>> 32);
    }

    static long unmix(long mixed) {
        long number = (mixed ^ (mixed >>> 32)) * SECOND_INVERSE;
        number = (number ^ (number >>> 29) ^ (number >>> 58)) * FIRST_INVERSE;
        return number ^ (number >>> 32);
    }

    static long of(String text) {
        long hash = text.length();
        for (int i = 0; i < text.length(); i++) {
            hash = mix(hash + text.charAt(i));
        }
        return mix(hash);
    }

    /** Spreads a hash evenly over {@code [0, bound)}. */
    static long below(long bound, long hash) {
        return Long.remainderUnsigned(hash, bound);
    }

    /** The multiplicative inverse modulo 2^64 of an odd number; each step of Newton's doubles the correct bits. */
    private static long inverse(long odd) {
        long inverse = odd;
        for (int correctBits = 3; correctBits < 64; correctBits *= 2) {
            inverse *= 2 - odd * inverse;
        }
        return inverse;
    }
}
