package dev.caravan.record;

import java.io.IOException;
import java.io.OutputStream;

/** How a record is written: flat or raw. Holds no state of a batch; safe for any number of threads. */
public interface RecordForm {
    /**
     * Writes {@code record} as one line, without the line break that ends it.
     *
     * @throws IOException if {@code out} does not take it; the record itself is well formed by then
     */
    void write(SourceRecord record, OutputStream out) throws IOException;
}
