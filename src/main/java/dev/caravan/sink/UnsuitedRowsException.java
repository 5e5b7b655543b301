package dev.caravan.sink;

import java.io.IOException;

/** Rows that a sink cannot hold as its settings want it, however often they are written. Says what would be right. */
public final class UnsuitedRowsException extends IOException {
    public UnsuitedRowsException(String message) {
        super(message);
    }
}
