package dev.caravan.sink;

import java.io.IOException;

/** Rows that a sink cannot hold as its settings want it, however often they are written. Says what would be right. */
final class UnsuitedRowsException extends IOException {
    UnsuitedRowsException(String message) {
        super(message);
    }
}
