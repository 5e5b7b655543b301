package dev.caravan.record;

import java.util.Arrays;

/** Takes the white space between the tokens of a JSON document away and leaves every other byte as it is. */
final class Compaction {
    private Compaction() {}

    static byte[] compact(byte[] source, int offset, int length) {
        byte[] target = new byte[length];
        int size = 0;
        boolean inString = false;
        for (int i = offset; i < offset + length; i++) {
            byte each = source[i];
            if (inString) {
                target[size++] = each;
                if (each == '\\') {
                    target[size++] = source[++i];
                }
                inString = each != '"';
            } else if (each != ' ' && each != '\n' && each != '\r' && each != '\t') {
                target[size++] = each;
                inString = each == '"';
            }
        }
        return Arrays.copyOf(target, size);
    }
}
