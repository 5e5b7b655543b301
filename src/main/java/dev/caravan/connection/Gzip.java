package dev.caravan.connection;

import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import java.io.EOFException;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * One gzip file in memory (RFC 1952), read once: every member whole and as its trailer says, nothing behind the last, and
 * never more than allowed. The JDK's stream ignores what follows the end and knows no bounds. For one thread.
 */
final class Gzip {
    /** The most that deflate can make of one byte; a header that promises more does not get the memory for it. */
    private static final int MOST_OF_ONE_BYTE = 1032;

    private static final int FIXED_HEADER = 10;
    private static final int TRAILER = 8;
    private static final int HEADER_CHECK = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;

    private final byte[] source;
    private final int most;
    private final int ratio;
    private final int anyRatio;
    private final BodyReader.Room room;
    private byte[] target = new byte[0];
    private int filled;

    /**
     * @param most bytes that may come out of it
     * @param ratio how many times its own length may come out of it, once that is more than {@code anyRatio} bytes
     */
    Gzip(byte[] source, int most, int ratio, int anyRatio, BodyReader.Room room) {
        this.source = source;
        this.most = most;
        this.ratio = ratio;
        this.anyRatio = anyRatio;
        this.room = room;
    }

    /** Tells whether {@code bytes} begin as gzip does; no JSON, CSV or XML begins so. */
    static boolean isAt(int offset, byte[] bytes) {
        return bytes.length - offset > 2
                && bytes[offset] == (byte) 0x1f
                && bytes[offset + 1] == (byte) 0x8b
                && bytes[offset + 2] == 8;
    }

    /**
     * Returns what is in it.
     *
     * @throws ZipException if it is damaged, or something else follows it
     * @throws EOFException if it is cut off
     * @throws PullException if more is in it than allowed
     */
    byte[] inflated() throws ZipException, EOFException {
        int position = 0;
        do {
            position = member(position);
        } while (isAt(position, source));
        if (position < source.length) {
            throw new ZipException("%,d bytes follow the end of the gzip".formatted(source.length - position));
        }
        if (target.length > filled) {
            resize(filled);
        }
        return target;
    }

    /** Returns what is in the beginning of it, as far as it can be read. */
    byte[] beginning() {
        try {
            member(0);
        } catch (ZipException | EOFException | PullException e) {
            // What came before the damage is all that is asked for.
        }
        return Arrays.copyOf(target, filled);
    }

    private int member(int start) throws ZipException, EOFException {
        int position = start + header(start);
        int first = filled;
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(source, position, source.length - position);
            inflate(inflater);
            position += Math.toIntExact(inflater.getBytesRead());
        } finally {
            inflater.end();
        }
        if (source.length - position < TRAILER) {
            throw cut();
        }
        CRC32 check = new CRC32();
        check.update(target, first, filled - first);
        if (number(position) != check.getValue() || number(position + 4) != filled - first) {
            throw new ZipException("the gzip is damaged: its checksum or length is another");
        }
        return position + TRAILER;
    }

    private void inflate(Inflater inflater) throws ZipException, EOFException {
        expect(promised());
        byte[] next = new byte[1];
        try {
            while (true) {
                filled += inflater.inflate(target, filled, target.length - filled);
                if (inflater.finished()) {
                    return;
                }
                // Where the space is used up, one byte tells whether more comes or only the end was not seen yet.
                if (inflater.inflate(next) == 1) {
                    grow();
                    target[filled++] = next[0];
                } else if (inflater.finished()) {
                    return;
                } else if (inflater.needsInput()) {
                    throw cut();
                } else {
                    throw new ZipException("the gzip is damaged: it wants a dictionary");
                }
            }
        } catch (DataFormatException e) {
            ZipException damage = new ZipException("the gzip is damaged: " + e.getMessage());
            damage.initCause(e);
            throw damage;
        }
    }

    /** What the last trailer says is nearly always right, and then no byte is copied. */
    private int promised() {
        long length = source.length < TRAILER ? 0 : number(source.length - 4);
        return (int) Math.min(length, Math.min(most, (long) source.length * MOST_OF_ONE_BYTE));
    }

    private void expect(int more) {
        if (target.length - filled < more) {
            resize((int) Math.min((long) filled + more, bound()));
        }
    }

    private void grow() {
        if (target.length > filled) {
            return;
        }
        long bound = bound();
        if (filled >= bound) {
            throw tooMuch();
        }
        resize((int) Math.min(Math.max(2L * filled, 1 << 16), bound));
    }

    private long bound() {
        return Math.min(most, Math.max(anyRatio, (long) ratio * source.length));
    }

    private void resize(int length) {
        room.take(length);
        byte[] resized = Arrays.copyOf(target, length);
        room.give(target.length);
        target = resized;
    }

    private PullException tooMuch() {
        if (filled >= most) {
            return BodyReader.tooLarge(" when inflated", most);
        }
        return new PullException(
                Remedy.STOP,
                "the answer inflates to more than %,d times its %,d bytes, as no honest answer does"
                        .formatted(ratio, source.length));
    }

    /** Returns the length of the header that begins at {@code start}. */
    private int header(int start) throws ZipException, EOFException {
        int position = start + FIXED_HEADER;
        if (source.length < position) {
            throw cut();
        }
        int flags = source[start + 3];
        if ((flags & EXTRA) != 0) {
            if (source.length < position + 2) {
                throw cut();
            }
            position += 2 + (source[position] & 0xff) + ((source[position + 1] & 0xff) << 8);
        }
        if ((flags & NAME) != 0) {
            position = behindText(position);
        }
        if ((flags & COMMENT) != 0) {
            position = behindText(position);
        }
        if ((flags & HEADER_CHECK) != 0) {
            position += HEADER_CHECK;
        }
        if (source.length < position) {
            throw cut();
        }
        return position - start;
    }

    private int behindText(int start) throws EOFException {
        for (int i = start; i < source.length; i++) {
            if (source[i] == 0) {
                return i + 1;
            }
        }
        throw cut();
    }

    private long number(int at) {
        return (source[at] & 0xffL)
                | (source[at + 1] & 0xffL) << 8
                | (source[at + 2] & 0xffL) << 16
                | (source[at + 3] & 0xffL) << 24;
    }

    private static EOFException cut() {
        return new EOFException("the gzip is cut off");
    }
}
