package dev.caravan.sink;

import java.io.ByteArrayOutputStream;

/** A row as a line of JSON, in a buffer that is used again for the next. */
public final class Line extends ByteArrayOutputStream {
    public Line() {
        super(1 << 12);
    }

    /** The bytes of the row and, behind {@link #size}, of others. */
    public byte[] bytes() {
        return buf;
    }
}
