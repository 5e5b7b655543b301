package dev.caravan.lake;

import dev.caravan.failure.Remedy;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * An object on its way here. One that breaks off before its end fails, and fails again for whoever reads on: nobody is to take what
 * came for the whole. For one thread.
 */
public final class Incoming extends FilterInputStream {
    private final String name;
    private final Runnable giveUp;
    private long left;
    private @Nullable LakeException broken;

    /**
     * @param name address of the object
     * @param size bytes that it has
     * @param giveUp ends it without waiting for what is left
     */
    public Incoming(String name, InputStream in, long size, Runnable giveUp) {
        super(in);
        this.name = name;
        this.left = size;
        this.giveUp = giveUp;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (broken != null) {
            throw broken;
        }
        try {
            int read = super.read(bytes, offset, length);
            left -= Math.max(read, 0);
            if (read >= 0 || left <= 0) {
                return read;
            }
        } catch (IOException | RuntimeException e) {
            broken = broken(String.valueOf(e.getMessage()), e);
            throw broken;
        }
        broken = broken("it ended", null);
        throw broken;
    }

    private LakeException broken(String how, @Nullable Exception cause) {
        return new LakeException(
                "%s: GET broke off %,d bytes before the end: %s".formatted(name, left, how),
                Remedy.RETRY,
                "Run it again.",
                cause);
    }

    @Override
    public long skip(long bytes) throws IOException {
        byte[] skipped = new byte[(int) Math.min(Math.max(bytes, 0), 1 << 13)];
        return Math.max(0, read(skipped, 0, skipped.length));
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    @Override
    public void close() throws IOException {
        if (left > 0) {
            giveUp.run();
        } else {
            super.close();
        }
    }
}
