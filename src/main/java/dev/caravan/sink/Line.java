package dev.caravan.sink;

import java.io.ByteArrayOutputStream;

/** A row as a line of JSON, in a buffer that is used again for the next. */
final class Line extends ByteArrayOutputStream {
    Line() {
        super(1 << 12);
    }

    /** The bytes of the row and, behind {@link #size}, of others. */
    byte[] bytes() {
        return buf;
    }
}
