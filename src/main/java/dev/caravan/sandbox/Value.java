package dev.caravan.sandbox;

import java.util.function.ToLongFunction;

/** Writes one value of a row's record: a part of a compiled template. Pure and safe for any number of threads. */
@FunctionalInterface
interface Value {
    void write(Row row, JsonBuffer out);

    /** The value as a number, for values computed from it. */
    default long number(Row row) {
        JsonBuffer text = new JsonBuffer(24);
        write(row, text);
        return Long.parseLong(text.toString());
    }

    /** A value that is a number first. */
    record Numeric(ToLongFunction<Row> of) implements Value {
        @Override
        public long number(Row row) {
            return of.applyAsLong(row);
        }

        @Override
        public void write(Row row, JsonBuffer out) {
            out.number(number(row));
        }
    }
}
