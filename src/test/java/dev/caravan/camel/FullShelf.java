package dev.caravan.camel;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Header;

/** A step of a user's own that has no room for the second row at first. */
public final class FullShelf {
    private static final AtomicBoolean FULL = new AtomicBoolean(true);

    public void put(@Header("id") String id) {
        if (id.equals("2") && FULL.getAndSet(false)) {
            throw new IllegalStateException("the shelf is full");
        }
    }
}
